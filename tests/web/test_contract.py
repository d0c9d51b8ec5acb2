"""Whatever is sent to the API, it answers, and never with an error of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from starlette.testclient import TestClient

from sayso.ledger import Ledger
from sayso.web.app import create_app
from sayso.web.settings import Settings

from .sample import fill


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """The description of a server that the one person at this machine uses: nothing is refused for its sender."""
    path = Path(tmp_path_factory.mktemp("contract")) / "ledger.sqlite"
    with Ledger(path) as ledger:
        fill(ledger)
        app = create_app(Settings(ledger=str(path)), ledger=ledger)
        with TestClient(app, base_url="http://127.0.0.1") as client:
            raw = client.get("/api/v1/openapi.json").json()
        raw["servers"] = [{"url": "http://127.0.0.1"}]
        loaded = schemathesis.openapi.from_dict(raw)
        loaded.app = app
        yield loaded


api = schemathesis.pytest.from_fixture("described")


@api.parametrize()
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_error_of_our_own(case: schemathesis.Case) -> None:
    answer = case.call(headers={"Host": "127.0.0.1"})
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    if answer.status_code >= 400:
        assert "problem+json" in answer.headers["content-type"][0]
