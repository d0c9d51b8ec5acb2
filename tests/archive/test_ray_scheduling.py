"""How the Ray engine schedules, on a Ray that does what each test says: no cluster, no processes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sayso.archive.engines.ray import LOSSES, Ray
from sayso.archive.tasks import Outcome, Shard, ShardReport, Task


class RayError(Exception):
    pass


class RayTaskError(RayError):
    pass


class RayActorError(RayError):
    actor_init_failed = False


class ActorDiedError(RayActorError):
    pass


class ActorUnavailableError(RayActorError):
    pass


DIED = ActorDiedError("The actor died.\n\tpid: 7\nIts worker process has died. Some common causes include: (1) …")
NODE_DIED = ActorDiedError("The actor died because its node has died. Node Id: 5")
UNREACHABLE = ActorUnavailableError("The actor is unavailable: Socket closed")
NEVER = object()


class Ref:
    """What is to come of a call: ``of`` says it when it is first asked."""

    def __init__(self, of: Callable[[], Any]) -> None:
        self.of = of


class Cluster:
    """Stands for the module ``ray``.

    ``start`` and ``do`` say what comes of starting a worker and of a task: a value, an exception, or NEVER.
    """

    exceptions = SimpleNamespace(
        RayError=RayError,
        RayTaskError=RayTaskError,
        RayActorError=RayActorError,
        ActorUnavailableError=ActorUnavailableError,
    )

    def __init__(self, start: Callable[[int], Any], do: Callable[[Task], Any]) -> None:
        self.start, self.do = start, do
        self.hired: list[int] = []
        self.killed: list[int] = []
        self.given: list[tuple[int, str]] = []

    def is_initialized(self) -> bool:
        return True

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 3.0}

    def remote(self, **options: Any) -> Callable[[type], Any]:
        assert (options["max_restarts"], options["max_task_retries"], options["num_cpus"]) == (0, 0, 1)
        return lambda kind: SimpleNamespace(options=lambda **more: SimpleNamespace(remote=self._hire))

    def _hire(self, out: str) -> Any:
        number = len(self.hired)
        self.hired.append(number)

        def given(task: Task) -> Any:
            self.given.append((number, task.shard.id))
            return Ref(lambda: self.do(task))

        return SimpleNamespace(
            number=number,
            ready=SimpleNamespace(remote=lambda: Ref(lambda: self.start(number))),
            do=SimpleNamespace(remote=given),
        )

    def wait(self, refs: list[Any]) -> tuple[list[Any], list[Any]]:
        for ref in refs:
            if not hasattr(ref, "value"):
                ref.value = ref.of()
            if ref.value is not NEVER:
                return [ref], [other for other in refs if other is not ref]
        raise AssertionError("everything waits for ever")

    def get(self, ref: Any) -> Any:
        if isinstance(ref.value, Exception):
            raise ref.value
        return ref.value

    def kill(self, worker: Any) -> None:
        self.killed.append(worker.number)


def done(task: Task) -> Outcome:
    return Outcome(task, ShardReport(task.shard.id, task.stage))


def of(*outcomes: Any) -> Callable[[Task], Any]:
    """What comes of a task: the outcomes in turn, then success; a string is a reason for which it failed."""
    left: dict[str, Iterator[Any]] = {}

    def do(task: Task) -> Any:
        if task.shard.id != "bad":
            return done(task)
        outcome = next(left.setdefault("bad", iter(outcomes)), None)
        return done(task) if outcome is None else Outcome(task, reason=outcome) if isinstance(outcome, str) else outcome

    return do


Play = Callable[..., tuple[Cluster, dict[str, Outcome]]]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Play:
    def played(
        do: Callable[[Task], Any] = done, start: Callable[[int], Any] = lambda n: None, workers: int = 0
    ) -> tuple[Cluster, dict[str, Outcome]]:
        cluster = Cluster(start, do)
        monkeypatch.setitem(sys.modules, "ray", cluster)  # type: ignore[arg-type]
        tasks = [Task("read", Shard(id, (), ""), "v") for id in ("bad", "one", "two", "three", "four")]
        outcomes: dict[str, Outcome] = {}
        running = Ray(workers).run(tasks, tmp_path)
        for outcome in running:
            assert outcome.task.shard.id not in outcomes, "a task has one outcome"
            outcomes[outcome.task.shard.id] = outcome
            if outcome.fatal:
                running.close()  # type: ignore[attr-defined]
                break
        else:
            assert len(outcomes) == len(tasks)
        assert set(cluster.hired) == set(cluster.killed)  # none is left behind
        return cluster, outcomes

    return played


def test_each_task_is_done_once_by_as_many_workers_as_there_are_cores(play: Play) -> None:
    cluster, outcomes = play()
    assert len(cluster.hired) == 3
    assert sorted(id for _, id in cluster.given) == ["bad", "four", "one", "three", "two"]
    assert all(outcome.report for outcome in outcomes.values())


@pytest.mark.parametrize("reason", [DIED, "ran out of memory"])
def test_a_shard_that_fails_is_tried_once_more_and_then_set_aside(play: Play, reason: Any) -> None:
    cluster, outcomes = play(of(reason))
    assert outcomes["bad"].report
    cluster, outcomes = play(of(reason, reason))
    assert [id for _, id in cluster.given].count("bad") == 2
    assert outcomes["bad"].report is None
    said = "the worker that had it ended: Its worker process has died." if reason is DIED else reason
    assert outcomes["bad"].reason == said
    assert sum(outcome.report is not None for outcome in outcomes.values()) == 4


@pytest.mark.parametrize("loss", [NODE_DIED, UNREACHABLE])
def test_the_loss_of_a_node_is_no_try_of_its_shard_up_to_a_point(play: Play, loss: Exception) -> None:
    cluster, outcomes = play(of(*[loss] * LOSSES, DIED))
    assert outcomes["bad"].report
    assert [id for _, id in cluster.given].count("bad") == LOSSES + 2
    cluster, outcomes = play(of(*[loss] * 20))
    assert outcomes["bad"].report is None
    assert [id for _, id in cluster.given].count("bad") == LOSSES + 1


def test_a_fatal_outcome_is_handed_on_at_once(play: Play) -> None:
    full = Outcome(Task("read", Shard("bad", (), ""), "v"), reason="the disk is full", fatal=True)
    _, outcomes = play(of(full), workers=1)
    assert outcomes == {"bad": full}


def test_a_worker_that_waits_for_a_core_holds_no_task(play: Play) -> None:
    cluster, outcomes = play(start=lambda n: None if n == 1 else NEVER)
    assert {worker for worker, _ in cluster.given} == {1}
    assert all(outcome.report for outcome in outcomes.values())


def test_a_worker_that_dies_as_it_starts_is_replaced(play: Play) -> None:
    _, outcomes = play(start=lambda n: DIED if n < 4 else None)
    assert all(outcome.report for outcome in outcomes.values())


def test_where_none_can_start_the_run_ends(play: Play) -> None:
    cluster, outcomes = play(start=lambda n: DIED)
    (outcome,) = outcomes.values()
    assert outcome.fatal
    assert outcome.reason == "no worker can start: Its worker process has died."
    assert len(cluster.hired) < 12


def test_a_node_that_does_not_see_the_folder_ends_the_run(play: Play) -> None:
    blind = RayTaskError("ray::Worker.ready()\n  trace\nFileNotFoundError: node7 does not see /shared/tables")
    _, outcomes = play(start=lambda n: blind if n == 1 else None)
    (outcome,) = [outcome for outcome in outcomes.values() if outcome.fatal]
    assert outcome.reason == "no worker can start: FileNotFoundError: node7 does not see /shared/tables"
