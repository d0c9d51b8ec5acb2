"""One small web archive for all tests, and the tables of an undisturbed run over it."""

from __future__ import annotations

from pathlib import Path

import pytest

import warc_maker
from sayso.archive.tasks import Options

from . import sample


@pytest.fixture(scope="session")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three WARC files with 45 records of every kind."""
    folder = tmp_path_factory.mktemp("made") / "crawl"
    assert len(list(warc_maker.make(folder, 45, files=3, seed=4))) == 45
    return folder


@pytest.fixture(scope="session")
def undisturbed(crawl: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of ``crawl``, read in one go with the command line's own options."""
    out = tmp_path_factory.mktemp("undisturbed") / "tables"
    report = sample.read(out, crawl, options=Options())
    assert report.shards == {"all": 3, "done": 3, "set aside": 0, "left": 0}
    return out
