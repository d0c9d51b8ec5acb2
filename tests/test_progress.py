"""How many documents there are to read, and how far a reading has come."""

import gzip
from pathlib import Path

import pytest

from sayso.progress import Meter, estimate


def test_documents_are_counted_without_reading_them(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "b.html").write_text("<p>text")
    (tmp_path / "deeper" / "page.css").write_text("p {}")
    (tmp_path / ".hidden").write_text("x")
    (tmp_path / "c.jsonl").write_text("{}\n{}\n{}")
    with gzip.open(tmp_path / "d.jsonl.gz", "wt") as file:
        file.write("{}\n" * 5)
    assert estimate([str(tmp_path)]) == 10
    assert estimate([str(tmp_path / "c.jsonl"), "https://a.example/", str(tmp_path / "none.txt")]) == 5
    assert estimate(["-"]) is None


def test_a_damaged_archive_counts_as_one(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(b"no gzip")
    assert estimate([str(tmp_path / "a.jsonl.gz")]) == 1


def test_it_only_counts_where_it_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with Meter(3, shown=False) as meter:
        assert list(meter.each("abc")) == ["a", "b", "c"]
        meter.say("one line")
    assert meter.done == 3
    assert capsys.readouterr().err == "one line\n"


@pytest.mark.parametrize("total", [None, 2, 9])
def test_an_estimate_may_be_wrong(total: int | None, capsys: pytest.CaptureFixture[str]) -> None:
    with Meter(total, shown=True) as meter:
        assert list(meter.each(range(5))) == list(range(5))
        meter.say("in between [/x]")
    assert "in between [/x]" in capsys.readouterr().err
