"""Reaching a Ray cluster, and what its errors say."""

from __future__ import annotations

import importlib
import os
from typing import Any

from sayso.errors import ArchiveError, MissingExtra


def connect(address: str | None, workers: int) -> Any:
    """The module ``ray``, connected to the cluster at ``address``, else to the one that RAY_ADDRESS names, else to a
    new one on this machine with ``workers`` cores (0: all). A process that is connected stays so.

    Raises MissingExtra, and ArchiveError where the cluster cannot be reached.
    """
    try:
        ray: Any = importlib.import_module("ray")
    except ModuleNotFoundError as error:
        raise MissingExtra("--engine ray", "cluster") from error
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere, by Ray either
    if not ray.is_initialized():
        address = address or os.environ.get("RAY_ADDRESS")
        local = {} if address else {"num_cpus": workers or None, "include_dashboard": False}
        try:
            ray.init(address=address or "local", log_to_driver=False, logging_level="error", **local)
        except (ConnectionError, RuntimeError, ValueError) as error:
            problem = f"is no Ray cluster that can be reached ({last_line(error)})"
            raise ArchiveError(address or "this machine", problem, "look with `ray status`") from error
    return ray


def is_loss(ray: Any, error: Exception) -> bool:
    """Whether a node went, or the way to it, and not the process that had the task."""
    return isinstance(error, ray.exceptions.ActorUnavailableError) or "node has died" in str(error)


def is_unfit(ray: Any, error: Exception) -> bool:
    """Whether a worker cannot start where it was put: no Sayso there, or no sight of the folder."""
    return isinstance(error, ray.exceptions.RayTaskError) or bool(getattr(error, "actor_init_failed", False))


def last_line(error: Exception) -> str:
    """The line of an error that says most: Ray's have a trace before it, and advice after it."""
    text = str(error).partition("Some common causes")[0].strip()
    return (text.splitlines() or [type(error).__name__])[-1].strip()[:200]
