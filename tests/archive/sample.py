"""Small archives, an engine without processes, and what is in tables."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from sayso.archive.engines import TRIES
from sayso.archive.process import attempt
from sayso.archive.report import Report
from sayso.archive.run import Run
from sayso.archive.store import TABLES
from sayso.archive.tasks import Options, Outcome, Stage, Task

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"

ANTS = (
    "The water minister of Ardovia, Ioana Petrel, said on Monday that the Tesna dam will be full before the next "
    "winter. She told reporters that Velenia had agreed to the plan."
)
BIRDS = (
    "Marta Havlik, an economist in Karsk, predicted that the railway will go bankrupt by 2027. “Nobody will pay for "
    "it,” Havlik said. The ministry did not answer a question about the costs of the new tunnel."
)
CATS = (
    "According to Senator Felix Brask, the government will not survive the vote in June. His party promised to repeal "
    "the tax within a year. The prime minister believes that the coalition is stable."
)
MORE = (
    "The city of Lindholm counted its votes for a third time after a fire in the archive. Officials carried boxes over "
    "the bridge until late at night, while neighbours brought soup and bread to the guards."
)


def text(*paragraphs: str) -> str:
    return "\n\n".join(paragraphs)


@dataclass(slots=True)
class Inline:
    """An engine that does its tasks in this process, one after the other, and remembers them."""

    workers: int = 1
    name: str = field(default="inline", init=False)
    tasks: list[Task] = field(default_factory=list, init=False)

    @property
    def seen(self) -> list[str]:
        return [task.name for task in self.tasks]

    def of(self, stage: Stage) -> list[Task]:
        return [task for task in self.tasks if task.stage == stage]

    def run(self, tasks: Sequence[Task], out: str | os.PathLike[str]) -> Iterator[Outcome]:
        for task in tasks:
            self.tasks.append(task)
            for tries in range(1, TRIES + 1):
                outcome = attempt(task, out)
                if outcome.report is not None or outcome.fatal or tries == TRIES:
                    yield outcome
                    break


def document(id: str, body: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "text": body, "url": f"https://{id}.example/story", "published": "2024-03-05"} | more


def jsonl(path: Path, *documents: dict[str, Any]) -> Path:
    data = "".join(json.dumps(each) + "\n" for each in documents).encode()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    return path


def read(
    out: Path | str, *inputs: Path | str, engine: Any = None, options: Options | None = None, **more: Any
) -> Report:
    return Run(out, engine or Inline(), **more).read([str(each) for each in inputs], options or Options(min_words=20))


def rows(out: Path, table: str) -> list[dict[str, Any]]:
    """All rows of a table, by part."""
    return [row for path in sorted((out / table).glob("*/*.parquet")) for row in pq.read_table(path).to_pylist()]


def tables(out: Path) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Every part of every table with all of its rows, to compare two folders row for row."""
    return {
        table: {
            str(path.relative_to(out)): pq.ParquetFile(path).read().to_pylist()
            for path in sorted((out / table).glob("*/*.parquet"))
        }
        for table in TABLES
    }


def sayso(*arguments: str | Path, **more: Any) -> subprocess.Popen[str]:
    """The program in a process group of its own."""
    environment = os.environ | {"PYTHONPATH": str(SRC)}
    return subprocess.Popen(
        [sys.executable, "-m", "sayso.cli", *map(str, arguments)],
        env=environment, text=True, stderr=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, **more,
    )  # fmt: skip
