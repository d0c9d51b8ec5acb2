"""Tables in an object store (``s3://bucket/prefix``): what such a store has in place of renames and locks.

- An object appears whole or not at all: it is there when all of its bytes are, also where it is sent in pieces
  (multipart upload), and from then on everybody sees it. So nothing is written aside there; files are made on the
  worker's own disk and sent when they are whole.
- Nobody can hold a lock, but an object can be made on the condition that there is none (If-None-Match), and replaced on
  the condition that it is still the one that was seen (If-Match). A run holds such an object and renews it; where it
  has not been renewed for a while, or its process is known to be gone, another run may take it.

Amazon's S3 promises all of this (strong consistency since 2020, conditional writes since 2024); of other stores that
speak its protocol, those that do.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from sayso.errors import ArchiveError, MissingExtra

PROTOCOLS = ("s3", "s3a")
PIECE = 16 << 20
"""Bytes that are sent in one piece; two of them are held in memory."""
_held: set[str] = set()
"""What this process has a lease of."""
RENEWED = 20.0
"""Seconds between two renewals of a lease."""
STALE = 120.0
"""Seconds after which a lease that was not renewed is nobody's."""


def folder_of(name: str | os.PathLike[str]) -> Path:
    """The folder of that name: a path of this machine, or what behaves like one in a store.

    Raises ArchiveError for a store that cannot hold tables, and MissingExtra.
    """
    text = name if isinstance(name, str) else os.fspath(name)
    protocol, found, rest = text.partition("://")
    if not found:
        return Path(text)
    if protocol.lower() not in PROTOCOLS:
        remedy = "name a folder, or s3://bucket/prefix"
        raise ArchiveError(text, f"cannot hold tables: {protocol}:// is no store that Sayso writes to", remedy)
    if not rest.strip("/").partition("/")[2]:
        raise ArchiveError(text, "names a whole bucket", "name a place in it, as s3://bucket/tables")
    try:
        importlib.import_module("s3fs")
        from upath import UPath
    except ModuleNotFoundError as error:
        raise MissingExtra("Writing to s3://", "s3") from error
    # What was listed once is not believed the next time: others write here as well.
    return cast(Path, UPath(text.rstrip("/"), use_listings_cache=False))


def is_store(path: Path) -> bool:
    """Whether a path lies in a store."""
    return not isinstance(path, Path)


def send(file: Path, target: Path) -> None:
    """Put a file of this machine into a store."""
    _system(target).put_file(str(file), _key(target), chunksize=PIECE, max_concurrency=2)


def send_bytes(data: bytes, target: Path) -> None:
    """Put an object into a store."""
    _system(target).pipe_file(_key(target), data)


def get(source: Path) -> bytes:
    """The bytes of an object, by one request: a file that is opened first may be another when it is read."""
    return bytes(_system(source).cat_file(_key(source)))


def fetch(source: Path, file: Path) -> None:
    """Get an object from a store as a file of this machine."""
    _system(source).get_file(_key(source), str(file))


def sizes(root: Path) -> dict[str, int]:
    """The bytes of all objects under a folder, by name."""
    length = len(_key(root))
    found = _system(root).find(_key(root), detail=True)
    return {f"{root}{name[length:]}": int(entry["size"]) for name, entry in found.items()}


@contextlib.contextmanager
def leased(path: Path) -> Iterator[Lease]:
    """Keep other runs out, by the object ``path``. Raises ArchiveError where another run is at work."""
    lease = Lease(path)
    lease.take()
    _held.add(str(path))
    over = threading.Event()
    renewing = threading.Thread(target=lease.keep, args=(over,), daemon=True)
    renewing.start()
    try:
        yield lease
    finally:
        over.set()
        renewing.join()
        _held.discard(str(path))
        lease.give_back()


class Lease:
    """An object that says who writes here, and since when it has not been heard of."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lost = False
        self._who = {"host": socket.gethostname(), "pid": os.getpid(), "token": secrets.token_hex(8)}
        self._tag = ""
        self._heard = 0.0

    def take(self) -> None:
        """Make the object, or take over one that is nobody's any more. Raises ArchiveError."""
        said: dict[str, Any] = {}
        for _ in range(3):
            with contextlib.suppress(FileExistsError):
                self._write(mode="create")
                return
            said, tag = self._seen()
            if not tag:  # it was given back just now
                continue
            if self._adopted(said, tag):
                return
            if time.time() - said["at"] <= STALE and not self._is_gone(said):
                break
            with contextlib.suppress(OSError):  # another run was faster
                self._write(IfMatch=tag)
                return
        who = f"{said.get('host', 'somewhere')}, process {said.get('pid', 'unknown')}"
        quiet = max(0.0, time.time() - said.get("at", time.time()))
        problem = f"another run is writing here ({who}, last heard of {quiet:.0f} s ago)"
        remedy = f"wait for it, or end it; {STALE:.0f} s after its last sign of life it counts as ended"
        raise ArchiveError(str(self.path.parent), problem, remedy)

    def _seen(self) -> tuple[dict[str, Any], str]:
        """What the object says, and a tag that is not newer than that; no tag where there is none."""
        try:
            tag = str(self._system.info(self._key)["ETag"])
            said = json.loads(get(self.path))
            return {**said, "at": float(said["at"])}, tag
        except FileNotFoundError:
            return {}, ""
        except (ValueError, TypeError, KeyError):  # nothing of Sayso's
            return {"at": 0.0}, tag

    def _adopted(self, said: dict[str, Any], tag: str) -> bool:
        """Whether it is this run's own: a request that was sent twice is refused the second time."""
        if said.get("token") != self._who["token"]:
            return False
        self._tag, self._heard = tag, time.monotonic()
        return True

    def _is_gone(self, said: dict[str, Any]) -> bool:
        if said.get("host") != self._who["host"]:
            return False
        try:
            os.kill(int(said["pid"]), 0)
        except ProcessLookupError:
            return True
        except (OSError, KeyError, ValueError):
            return False
        return said["pid"] == self._who["pid"] and str(self.path) not in _held  # from a run before

    def keep(self, over: threading.Event) -> None:
        """Renew it until ``over`` is set, or until it is another's."""
        while not over.wait(RENEWED):
            try:
                self._write(IfMatch=self._tag)
            except Exception:  # not to be reached, or another's
                with contextlib.suppress(Exception):
                    self.lost = not self._adopted(*self._seen())
            if self.lost or time.monotonic() - self._heard > STALE:
                self.lost = True
                return

    def check(self) -> None:
        """Raise ArchiveError where the lease is another's."""
        if self.lost:
            problem = "the run had to stop: its lease of this place ran out"
            raise ArchiveError(str(self.path.parent), problem, "run the same command again")

    def give_back(self) -> None:
        """Take the object away, if it is still this run's."""
        if not self.lost:
            with contextlib.suppress(Exception):
                self._system.rm_file(self._key)

    def _write(self, **condition: Any) -> None:
        data = json.dumps(self._who | {"at": time.time()}).encode()
        began = time.monotonic()
        self._tag = str(self._system.pipe_file(self._key, data, **condition)["ETag"])
        self._heard = began

    @property
    def _system(self) -> Any:
        return _system(self.path)

    @property
    def _key(self) -> str:
        return _key(self.path)


def _system(path: Path) -> Any:
    return cast(Any, path).fs


def _key(path: Path) -> str:
    return str(cast(Any, path).path)
