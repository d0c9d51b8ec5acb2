"""The page of costs says what comes of the figures that it reckons with."""

from __future__ import annotations

import pytest

import costs


def test_the_page_has_the_tables_as_they_are_now() -> None:
    page = costs.PAGE.read_text("utf-8")
    assert costs.filled(page) == page, "run benchmarks/costs.py"
    assert all(f"<!-- /{name} -->" in page for name in costs.tables())


def test_what_an_archive_comes_to() -> None:
    measured = {
        "words_per_second": 1000,
        "take_in_ms": 36.0,
        "write_ms": 0.0,
        "claims_per_thousand_words": 10,
        "bytes_per_claim": 100,
        "bytes_per_word": 2.0,
        "bytes_per_address": 100,
        "bytes_per_reject": 50,
        "election_bytes": 500,
    }
    archive = {"name": "x", "pages": 1_000_000, "english": 0.5, "new": 0.5, "words": 720, "page_bytes": 1000}
    made = costs.cost(archive, measured)
    assert made.hours == pytest.approx({"take in": 10.0, "read": 50.0, "write": 0.0})
    assert made.words == 180_000_000
    assert made.tables == pytest.approx({"claims": 180e6, "posts": 360e6, "addresses": 50e6, "rejects": 25e6})
    assert (made.warc, made.election) == (1e9, 250e6)


def test_the_rate_is_the_one_that_was_measured() -> None:
    """What the page reckons with and what the README says differ by rounding alone."""
    import publish

    speed = (publish.RESULTS / "speed.md").read_text("utf-8")
    (said,) = [line for line in speed.splitlines() if line.startswith("| raw text to claims, one core")]
    words = float(said.split("|")[2].split()[0].replace(",", ""))
    assert costs.figures()["measured"]["words_per_second"] == pytest.approx(words, rel=0.1)
