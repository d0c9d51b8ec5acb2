"""Whatever is sent to the API, it answers, and never with an error of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from starlette.testclient import TestClient

from sayso.ledger import Ledger
from sayso.web.app import create_app
from sayso.web.settings import Settings

from .sample import fill

EXAMPLES = 8


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """A server that the one person at this machine uses: nothing is refused for its sender."""
    path = tmp_path_factory.mktemp("contract") / "ledger.sqlite"
    with Ledger(path) as ledger:
        fill(ledger)
        yield create_app(Settings(ledger=str(path)), ledger=ledger)


def test_no_error_of_our_own(app: FastAPI) -> None:
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        described = client.get("/api/v1/openapi.json").json()
        answered: dict[int, int] = {}
        operations = [found.ok() for found in schemathesis.openapi.from_dict(described).get_all_operations()]
        for operation in operations:

            @settings(
                max_examples=EXAMPLES,
                deadline=None,
                derandomize=True,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy())
            def one(case: schemathesis.Case) -> None:
                sent = case.as_transport_kwargs(base_url="http://127.0.0.1")
                sent.pop("allow_redirects", None)
                made = requests.Request(**sent).prepare()
                # Tokens that were made up are refused, and nothing behind the gate would be tried.
                headers = {
                    k: v for k, v in made.headers.items() if k.lower() not in ("authorization", "content-length")
                }
                body = made.body.encode() if isinstance(made.body, str) else made.body
                answer = client.request(str(made.method), str(made.url), headers=headers, content=body)
                where = f"{case.method} {case.path}: {answer.status_code} {answer.text[:300]}"
                assert answer.status_code < 500, where
                if answer.status_code >= 400:
                    assert answer.headers["content-type"] == "application/problem+json", where
                answered[answer.status_code] = answered.get(answer.status_code, 0) + 1

            one()
    assert len(operations) > 50
    # It was not refused at the gate: a good part of it was understood.
    assert answered[200] > len(operations)
    assert answered.get(403, 0) == 0
