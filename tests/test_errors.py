"""Errors go to other processes and come back as they were."""

from __future__ import annotations

import pickle

import pytest

from sayso.errors import FetchError, InputError, LedgerError, MissingExtra, OutputError, SaysoError


@pytest.mark.parametrize(
    "error",
    [
        InputError("a.txt", "is empty", "give a text"),
        FetchError("https://a.example", "is refused", status=429, again=True, pause=3.0),
        OutputError("b.csv", "is full"),
        LedgerError("c.sqlite", "is locked", "wait"),
        MissingExtra("PostgreSQL", "postgres"),
    ],
)
def test_an_error_is_pickled_with_its_fields(error: SaysoError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert (str(again), vars(again)) == (str(error), vars(error))
