"""The Ray engine. What needs a cluster of several nodes, and minutes, runs where SAYSO_TEST_RAY is set."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import warc_maker
from sayso.archive.check import verify
from sayso.archive.engines.ray import Ray
from sayso.archive.tasks import Options, Shard, Task
from sayso.errors import MissingExtra

from .sample import SRC, read, sayso, tables

here = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed: sayso[cluster]")
cluster = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None or not os.environ.get("SAYSO_TEST_RAY"),
    reason="a cluster of three nodes takes minutes: set SAYSO_TEST_RAY, with sayso[cluster] installed",
)
# Ray's own warnings, in the process that starts the nodes.
pytestmark = pytest.mark.filterwarnings("ignore")

POISON = """
import os
import sayso.archive.process as process
harmless = process.attempt
def attempt(task, out):
    if "set-00002" in task.shard.id and task.stage == "read":
        os._exit(9)
    return harmless(task, out)
process.attempt = attempt
"""


def ended(driver: subprocess.Popen[str], *, within: float = 500) -> str:
    """What a driver said on stderr by its end."""
    try:
        return driver.communicate(timeout=within)[1]
    except subprocess.TimeoutExpired:
        os.killpg(driver.pid, signal.SIGKILL)
        raise


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtra, match=r"sayso\[cluster\]"):
        next(Ray().run([Task("read", Shard("a", (), ""), "v")], tmp_path))


@here
def test_a_cluster_on_this_machine_makes_what_one_process_makes(crawl: Path, undisturbed: Path, tmp_path: Path) -> None:
    driver = sayso("archive", crawl, "--out", tmp_path / "out", "--engine", "ray", "--jobs", "2")
    said = ended(driver)
    assert driver.returncode == 0, said
    assert tables(tmp_path / "out") == tables(undisturbed)


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve WARC files, so that there is a middle."""
    folder = tmp_path_factory.mktemp("wide") / "crawl"
    list(warc_maker.make(folder, 120, files=12, seed=9))
    return folder


@pytest.fixture(scope="module")
def quiet(wide: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of ``wide``, read without a cluster."""
    out = tmp_path_factory.mktemp("quiet") / "tables"
    read(out, wide, options=Options())
    return out


class Nodes:
    """Three Ray nodes on this machine, of one core each."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        self.cluster: Any = Cluster()
        self.nodes = [self.add(include_dashboard=False)] + [self.add() for _ in range(2)]

    def add(self, **more: Any) -> Any:
        for tries in range(1, 4):
            try:
                return self.cluster.add_node(num_cpus=1, object_store_memory=80_000_000, **more)
            except Exception as error:  # Ray has no kind of its own for this
                # It gives a node half a minute to start, which on a busy machine may be too little.
                if tries == 3 or "timed out during startup" not in str(error):
                    self.cluster.shutdown()
                    raise
        raise AssertionError

    def kill(self, node: int) -> None:
        """End a node's processes all at once, as the loss of its machine would."""
        self.cluster.remove_node(self.nodes[node], allow_graceful=False)

    @property
    def address(self) -> str:
        return str(self.cluster.address)

    def read(self, source: Path, out: Path) -> subprocess.Popen[str]:
        return sayso("archive", source, "--out", out, "--engine", "ray", "--address", self.address)


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the processes of Ray that are started here are told."""
    monkeypatch.setenv("PYTHONPATH", str(SRC))
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    # Ray gives its workers the lowest priority but four, with which a machine that is busy never comes to them.
    monkeypatch.setenv("RAY_worker_niceness", "0")
    # How long Ray goes on without its head before it ends what is left.
    monkeypatch.setenv("RAY_gcs_rpc_server_reconnect_timeout_s", "10")


@pytest.fixture
def nodes(settings: None) -> Iterator[Nodes]:
    made = Nodes()
    yield made
    made.cluster.shutdown()


def until_done(out: Path, driver: subprocess.Popen[str], shards: int) -> None:
    """Wait until so many shards are done; with the driver still at work."""
    deadline = time.monotonic() + 400
    while len(list((out / "_done").glob("*.json"))) < shards:
        assert driver.poll() is None, driver.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert driver.poll() is None


@cluster
def test_a_node_that_is_lost_loses_nothing(nodes: Nodes, wide: Path, quiet: Path, tmp_path: Path) -> None:
    driver = nodes.read(wide, tmp_path / "out")
    until_done(tmp_path / "out", driver, 3)
    nodes.kill(2)
    said = ended(driver)
    assert driver.returncode == 0, said
    assert "set aside" not in said
    assert tables(tmp_path / "out") == tables(quiet)


@cluster
def test_after_the_head_was_lost_another_run_goes_on(nodes: Nodes, wide: Path, quiet: Path, tmp_path: Path) -> None:
    driver = nodes.read(wide, tmp_path / "out")
    until_done(tmp_path / "out", driver, 3)
    nodes.cluster.shutdown()
    ended(driver)
    assert driver.returncode != 0
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "_done").glob("*.json")}
    assert 3 <= len(kept) < 12
    again = Nodes()
    try:
        driver = again.read(wide, tmp_path / "out")
        assert "12 of 12" in ended(driver) or driver.returncode == 0
        assert driver.returncode == 0
    finally:
        again.cluster.shutdown()
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert tables(tmp_path / "out") == tables(quiet)
    assert list(verify(tmp_path / "out")) == []


@cluster
def test_after_the_driver_was_killed_another_goes_on(nodes: Nodes, wide: Path, quiet: Path, tmp_path: Path) -> None:
    driver = nodes.read(wide, tmp_path / "out")
    until_done(tmp_path / "out", driver, 4)
    os.killpg(driver.pid, signal.SIGKILL)
    driver.communicate()
    driver = nodes.read(wide, tmp_path / "out")
    said = ended(driver)
    assert driver.returncode == 0, said
    assert tables(tmp_path / "out") == tables(quiet)


@cluster
def test_a_poisoned_shard_is_set_aside_after_two_tries(
    wide: Path, quiet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that ends the process that reads it, every time."""
    (tmp_path / "poison").mkdir()
    (tmp_path / "poison" / "sitecustomize.py").write_text(POISON)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'poison'}{os.pathsep}{SRC}")
    made = Nodes()
    try:
        driver = made.read(wide, tmp_path / "out")
        said = ended(driver)
    finally:
        made.cluster.shutdown()
    assert driver.returncode == 1
    assert said.count("set aside: the worker that had it ended") == 1
    ours, theirs = tables(tmp_path / "out"), tables(quiet)
    for name, parts in theirs.items():
        assert ours[name] == {part: rows for part, rows in parts.items() if "set-00002" not in part}
