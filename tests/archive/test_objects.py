"""Archives in an object store and tables in one, against a server of S3 on this machine (moto's)."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sayso.archive import objects
from sayso.archive.check import status, verify
from sayso.archive.keep import readings
from sayso.archive.store import TABLES, Store
from sayso.archive.tasks import Options
from sayso.cli import run
from sayso.errors import ArchiveError, MissingExtra, OutputError

from .sample import ANTS, BIRDS, CATS, MORE, Inline, document, jsonl, read, sayso, tables, text

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    moto = pytest.importorskip("moto.moto_server.threaded_moto_server", reason="moto's server is not installed")
    s3fs = pytest.importorskip("s3fs", reason="s3fs is not installed: sayso[s3]")

# The server runs in this process, and what its libraries are warned of is not Sayso's.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of the server."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it tells of every request
    made = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    made.start()
    yield "http://{}:{}".format(*made.get_host_and_port())
    made.stop()


@pytest.fixture
def s3(server: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The store, with an empty bucket ``news``."""
    for name, value in {
        "AWS_ENDPOINT_URL": server, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    system = s3fs.S3FileSystem(use_listings_cache=False)
    system.mkdir("news")
    yield system
    system.rm("news", recursive=True)
    s3fs.S3FileSystem.clear_instance_cache()


def stored(system: Any, out: str) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """What ``sample.tables`` gives, of tables in a store."""
    made: dict[str, dict[str, list[dict[str, Any]]]] = {}
    top = out.removeprefix("s3://")
    for table in TABLES:
        parts = (name for name in system.find(f"{top}/{table}") if name.endswith(".parquet"))
        made[table] = {
            name.removeprefix(f"{top}/"): pq.ParquetFile(system.open(name)).read().to_pylist() for name in sorted(parts)
        }
    return made


def small(folder: Path) -> list[Path]:
    return [
        jsonl(folder / "a.jsonl", document("ants", text(ANTS, MORE)), document("cats", CATS, published="2023-01-02")),
        jsonl(folder / "b.jsonl", document("again", text(ANTS, MORE), published="2024-04-01"), document("b", BIRDS)),
    ]


# Input


def test_an_archive_in_a_store_makes_what_it_makes_on_disk(
    s3: Any, crawl: Path, undisturbed: Path, tmp_path: Path
) -> None:
    s3.put(f"{crawl}/", "news/crawl/", recursive=True)
    engine = Inline()
    for source in ("s3://news/crawl", "s3://news/crawl/", "s3://news/*/set-*.warc.gz"):
        read(tmp_path / "out", source, options=Options(), engine=engine)
    assert len(engine.of("read")) == 3  # and not again for another way to name the same

    def rows(made: dict[str, dict[str, list[dict[str, Any]]]]) -> list[tuple[str, list[Any]]]:
        """Without what follows from the name of the input."""
        return [
            (
                part.rpartition("/")[0],
                [(row["url"], row.get("content"), row.get("text"), row.get("reason")) for row in parts],
            )
            for table in made.values()
            for part, parts in table.items()
        ]

    assert rows(tables(tmp_path / "out")) == rows(tables(undisturbed))


def test_an_object_that_changed_is_read_again(s3: Any, tmp_path: Path) -> None:
    first, second = small(tmp_path)
    s3.put(str(first), "news/in/a.jsonl")
    s3.put(str(second), "news/in/b.jsonl")
    engine = Inline()
    read(tmp_path / "out", "s3://news/in", engine=engine)
    s3.pipe("news/in/a.jsonl", second.read_bytes())  # of the same size or not: the store's own tag is another
    read(tmp_path / "out", "s3://news/in", engine=engine)
    assert [task.shard.inputs[0] for task in engine.of("extract")[2:]] == ["s3://news/in/a.jsonl"]


# Output


def test_tables_in_a_store_are_those_of_a_folder(s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inputs = small(tmp_path)
    read(tmp_path / "out", *inputs)
    out = "s3://news/some/tables"
    engine = Inline()
    report = read(out, *inputs, engine=engine)
    assert report.shards["done"] == 2
    assert stored(s3, out) == tables(tmp_path / "out")
    assert not any(name.rpartition("/")[2] == "_lock" or "_aside" in name for name in s3.find("news"))
    done = len(engine.tasks)
    read(out, *inputs, engine=engine)
    assert len(engine.tasks) == done
    assert list(verify(out)) == []
    assert next(status(out)).startswith("2 of 2 shards are done")
    assert [one.thread.id for one in readings(out)] == [one.thread.id for one in readings(tmp_path / "out")]
    assert json.loads(s3.cat("news/some/tables/report.json"))["counts"]["read"] == 3
    s3.pipe(next(iter(s3.glob("news/some/tables/claims/*/*"))), b"spoilt")
    assert run(["archive", "verify", out, "--mend"]) == 1
    assert "has 6 bytes" in capsys.readouterr().out
    read(out, *inputs)
    assert stored(s3, out) == tables(tmp_path / "out")
    read(out, inputs[0], options=Options(min_words=20, since="2024-01-01"))
    read(tmp_path / "out", inputs[0], options=Options(min_words=20, since="2024-01-01"))
    assert stored(s3, out) == tables(tmp_path / "out")  # what is no longer there is gone there as well


WRITES = ("put_object", "delete_object", "delete_objects", "create_multipart_upload", "upload_part", "copy_object")


def test_a_run_that_ends_at_any_request_can_be_gone_on_with(
    s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each request that changes the store, one after the other, on top of what an older run left."""
    (source, _) = small(tmp_path)
    read(tmp_path / "whole", source)
    whole = tables(tmp_path / "whole")
    read("s3://news/before", source, options=Options(min_words=20, since="2024-01-01"))
    call = s3fs.S3FileSystem._call_s3
    at = 0
    while True:
        out = f"s3://news/out-{at}"
        s3.copy("news/before/", f"news/out-{at}/", recursive=True)
        left = at

        async def passing(self: Any, method: str, *given: Any, **more: Any) -> Any:
            nonlocal left
            if method in WRITES:
                left -= 1
                if left < 0:
                    raise OSError("the process is gone")  # whatever it tries from now on, nothing changes
            return await call(self, method, *given, **more)

        with monkeypatch.context() as context:
            context.setattr(s3fs.S3FileSystem, "_call_s3", passing)
            with contextlib.suppress(ArchiveError, OutputError):
                read(out, source)
        ended = left >= 0
        stored(s3, out)  # every part that is seen is whole
        for marker in Store(out).done.glob("*.json"):
            for name in json.loads(objects.get(marker))["parts"]:
                assert s3.exists(f"{out}/{name}"), f"after request {at}, {marker} vouches for what is not there"
        read(out, source)
        assert stored(s3, out) == whole, f"after request {at}"
        assert list(verify(out)) == []
        if ended:
            break
        at += 7 if "CI" in os.environ else 2
    assert at > 20


def test_what_is_sent_in_pieces_is_seen_when_the_last_has_come(
    s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store("s3://news/out")
    target = store.root / "claims" / "month=2024-03" / "a.parquet"
    objects.send_bytes(b"the old one", target)
    with (tmp_path / "large").open("wb") as file:
        file.truncate(33 << 20)
    call, seen = s3fs.S3FileSystem._call_s3, []

    async def breaking(self: Any, method: str, *given: Any, **more: Any) -> Any:
        seen.append(method)
        if seen.count("upload_part") == 2:
            raise OSError("the connection is gone")
        return await call(self, method, *given, **more)

    with monkeypatch.context() as context:
        context.setattr(s3fs.S3FileSystem, "_call_s3", breaking)
        with pytest.raises(OSError, match="gone"):
            objects.send(tmp_path / "large", target)
    assert target.read_bytes() == b"the old one"
    objects.send(tmp_path / "large", target)
    assert target.stat().st_size == 33 << 20


def test_a_run_into_a_store_that_is_killed_can_be_gone_on_with(s3: Any, crawl: Path, undisturbed: Path) -> None:
    out = "s3://news/killed"
    running = sayso("archive", crawl, "--out", out, "--jobs", "2")
    deadline = time.monotonic() + 300
    while not s3.glob("news/killed/_done/*.json"):
        assert running.poll() is None, running.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    running = sayso("archive", crawl, "--out", out, "--jobs", "2")
    _, said = running.communicate(timeout=300)
    assert running.returncode == 0, said
    assert stored(s3, out) == tables(undisturbed)


# The lease


def left_by(s3: Any, **said: Any) -> Path:
    s3.pipe("news/out/_lock", json.dumps({"host": "elsewhere", "pid": 7, "at": time.time()} | said).encode())
    return Store("s3://news/out").root / "_lock"


def test_a_second_run_is_kept_out_and_a_dead_ones_lease_is_taken(s3: Any) -> None:
    place = left_by(s3)
    with pytest.raises(
        ArchiveError, match=r"another run is writing here \(elsewhere, process 7, last heard of \d s ago"
    ):
        objects.Lease(place).take()
    left_by(s3, at=time.time() - objects.STALE - 1)
    with objects.leased(place):
        assert json.loads(objects.get(place))["pid"] == os.getpid()
    assert not place.exists()
    gone = subprocess.Popen(["true"])
    gone.wait()
    for pid in (gone.pid, os.getpid()):
        left_by(s3, host=objects.socket.gethostname(), pid=pid)
        with objects.leased(place):
            pass
    left_by(s3, host=objects.socket.gethostname(), pid=os.getppid())
    with pytest.raises(ArchiveError, match="another run is writing here"):
        objects.Lease(place).take()


def test_of_many_that_take_a_dead_ones_lease_one_gets_it(s3: Any) -> None:
    place = left_by(s3, at=0)
    got: list[objects.Lease] = []

    def take() -> None:
        lease = objects.Lease(place)
        try:
            lease.take()
            got.append(lease)
        except ArchiveError:
            pass

    threads = [threading.Thread(target=take) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Of one process, one that comes later takes the former's; what was taken from a lease, it has lost.
    over = threading.Event()
    for lease in got[:-1]:
        with pytest.MonkeyPatch.context() as context:
            context.setattr(objects, "RENEWED", 0.01)
            lease.keep(over)
        assert lease.lost
        with pytest.raises(ArchiveError, match="ran out"):
            lease.check()
        lease.give_back()
    assert place.exists()
    got[-1].give_back()
    assert not place.exists()


def _wait_for_renewal(place: Path) -> None:
    """Until a lease says that it was heard of again."""
    first = json.loads(objects.get(place))["at"]
    deadline = time.monotonic() + 30
    while json.loads(objects.get(place))["at"] == first:
        assert time.monotonic() < deadline


def test_a_request_that_was_sent_twice_is_no_other_run(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the answer to the first was lost on its way: the second is refused, since the first was done."""
    place = Store("s3://news/out").root / "_lock"
    call = s3fs.S3FileSystem._call_s3

    async def twice(self: Any, method: str, *given: Any, **more: Any) -> Any:
        if method == "put_object":
            await call(self, method, *given, **more)
        return await call(self, method, *given, **more)

    monkeypatch.setattr(s3fs.S3FileSystem, "_call_s3", twice)
    monkeypatch.setattr(objects, "RENEWED", 0.02)
    with objects.leased(place) as lease:
        _wait_for_renewal(place)
        lease.check()
    assert not place.exists()


def test_what_is_no_lease_at_all_is_taken(s3: Any) -> None:
    s3.pipe("news/out/_lock", b"what?")
    with objects.leased(Store("s3://news/out").root / "_lock") as lease:
        lease.check()


def test_a_lease_is_renewed_while_the_run_lasts(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "RENEWED", 0.02)
    place = Store("s3://news/out").root / "_lock"
    with objects.leased(place) as lease:
        _wait_for_renewal(place)
        lease.check()


# What goes wrong


def test_what_is_wrong_with_a_store_is_told_in_a_line(
    s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (source, _) = small(tmp_path)
    for out, words in {
        "s3://nowhere/tables": "cannot be written (the specified bucket does not exist)",
        "s3://news": "names a whole bucket; name a place in it",
        "gs://news/tables": "gs:// is no store that Sayso writes to; name a folder, or s3://bucket/prefix",
    }.items():
        assert run(["archive", str(source), "--out", out]) == 1
        said = capsys.readouterr().err
        assert f"sayso: {out}" in said
        assert words in said
        assert said.count("\n") == 1
    assert run(["archive", "status", "s3://news/nothing"]) == 1
    assert "holds no archive's tables" in capsys.readouterr().err
    monkeypatch.setitem(__import__("sys").modules, "upath", None)
    with pytest.raises(MissingExtra, match=r"sayso\[s3\]"):
        Store("s3://news/tables")


def test_a_store_that_refuses_ends_the_run_and_sets_nothing_aside(
    s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = small(tmp_path)
    out = "s3://news/out"
    call = s3fs.S3FileSystem._call_s3

    async def refusing(self: Any, method: str, *given: Any, **more: Any) -> Any:
        if method == "put_object" and "/claims/" in str(more.get("Key", "")) + str(given):
            raise PermissionError("Access Denied")
        return await call(self, method, *given, **more)

    with monkeypatch.context() as context:
        context.setattr(s3fs.S3FileSystem, "_call_s3", refusing)
        with pytest.raises((ArchiveError, OutputError), match="access denied"):
            read(out, *inputs)
    assert s3.glob("news/out/_failed/*") == []
    read(out, *inputs)
    read(tmp_path / "whole", *inputs)
    assert stored(s3, out) == tables(tmp_path / "whole")
