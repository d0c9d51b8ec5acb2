"""The folder that an archive is read into: what lies where, and how it gets there whole or not at all.

    claims/month=2021-06/SHARD-VERSION.parquet     and posts/, addresses/, rejects/: the tables, for everybody
    _done/SHARD.json         what was published of a shard, with rows and hashes: there only when all of it is
    report.json, summary.txt what the runs came to
    _runs/0001.json          which shards a run added; _failed/SHARD.json which were set aside, and why
    _work/                   what lies between the stages: indexes, spools, plans; may be deleted when all is done
    _aside/                  what is being written
    _lock                    held by the run that writes here

Files are written aside, synced, and put in place by renaming them, which is atomic within a file system that keeps to
POSIX (a local disk, NFS, Lustre, CephFS). In an object store they are written on the worker's own disk, and sent when
they are whole (`sayso.archive.objects`). A marker is put in place last and taken away first.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from sayso.archive import objects
from sayso.errors import ArchiveError, OutputError, SaysoError
from sayso.export.output import output_error

TABLES = ("claims", "posts", "addresses", "rejects")
_BLOCK = 1 << 20


class Store:
    """An archive's folder, on a file system or in an object store. Raises ArchiveError where it can be in neither."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = objects.folder_of(root)
        self.is_remote = objects.is_store(self.root)
        self._sizes: dict[str, int] | None = None
        self.done = self.root / "_done"
        self.failed = self.root / "_failed"
        self.runs = self.root / "_runs"
        self.work = self.root / "_work"
        self.aside = self.root / "_aside"

    def make(self) -> None:
        """Make the folders. Raises OutputError where that cannot be."""
        if self.is_remote:
            return
        with writing(self.root):
            for folder in (self.done, self.failed, self.runs, self.work, self.aside):
                folder.mkdir(parents=True, exist_ok=True)

    def check_there(self) -> None:
        """Raise ArchiveError where the folder holds no archive."""
        with writing(self.root):
            there = self.runs.is_dir()
        if not there:
            raise ArchiveError(str(self.root), "holds no archive's tables", "name the folder given to --out")

    def look(self) -> None:
        """In a store, list what is there, for ``size``: to ask for each file would be a request each."""
        if self.is_remote:
            with writing(self.root):
                self._sizes = objects.sizes(self.root)

    def size(self, path: Path) -> int | None:
        """The bytes of a file, at the last ``look`` if there was one; None where it is not there."""
        if self._sizes is not None:
            return self._sizes.get(str(path))
        try:
            return path.stat().st_size
        except FileNotFoundError:
            return None
        except Exception as error:
            if self.is_remote:
                raise _unreachable(path, error) from error
            raise

    def index(self, shard: str) -> Path:
        return self.work / f"{shard}.index.parquet"

    def spool(self, shard: str) -> Path:
        return self.work / f"{shard}.spool"

    def refused(self, shard: str) -> Path:
        return self.work / f"{shard}.rejects.jsonl.zst"

    def extracted(self, shard: str) -> Path:
        return self.work / f"{shard}.json"

    def plan(self, shard: str) -> Path:
        return self.work / f"{shard}.plan.json"

    def progress(self, shard: str) -> Path:
        return self.aside / f"{shard}.progress"

    def marker(self, shard: str) -> Path:
        return self.done / f"{shard}.json"

    def failure(self, shard: str) -> Path:
        return self.failed / f"{shard}.json"

    @contextlib.contextmanager
    def workplace(self, name: str) -> Iterator[Path]:
        """A folder of this process's own to write aside in; gone afterwards."""
        if self.is_remote:
            with writing(Path(tempfile.gettempdir())):
                made = tempfile.TemporaryDirectory(prefix="sayso-", ignore_cleanup_errors=True)
            with made:
                yield Path(made.name)
            return
        folder = self.aside / f"{name}.{socket.gethostname()}-{os.getpid()}"
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextlib.contextmanager
    def locked(self) -> Iterator[Callable[[], None]]:
        """Keep other runs out; the lock goes with the process, however that ends. What a dead run left is cleared.

        Yields what is to be called now and then: it raises ArchiveError where the lock, in a store, was lost.
        """
        if self.is_remote:
            with contextlib.ExitStack() as stack:
                with writing(self.root):
                    lease = stack.enter_context(objects.leased(self.root / "_lock"))
                    for left in list(self.aside.glob("*.progress")):
                        left.unlink(missing_ok=True)
                yield lease.check
            return
        self.make()
        with writing(self.root):
            file = (self.root / "_lock").open("a")
        with file:
            with writing(self.root):
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    remedy = "wait for it, or end it"
                    raise ArchiveError(str(self.root), "another run is writing here", remedy) from None
                except OSError as error:
                    if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS):
                        raise
                for left in list(self.aside.iterdir()):
                    shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)
            yield lambda: None

    def parts(self, shard: str) -> list[Path]:
        """All parts of a shard's tables that are in place, of whatever version."""
        name = f"*/{shard}-{'?' * 16}.parquet"
        return sorted(path for table in TABLES for path in (self.root / table).glob(name))

    def publish(self, shard: str, folder: Path, marker: dict[str, Any]) -> None:
        """Put in place the parts written under ``folder`` (TABLE/month=…/NAME), and then the marker.

        1. The old marker goes, so that nothing vouches for what follows. 2. Parts that the shard no longer has go.
        3. The new ones are renamed into place. 4. The marker is written. At any moment a part is whole; where the
        marker is missing, the shard is read again, and this is done again.
        """
        new = sorted(path.relative_to(folder).as_posix() for path in folder.glob("*/*/*.parquet"))
        with writing(self.root):
            self.marker(shard).unlink(missing_ok=True)
            for old in self.parts(shard):
                if old.relative_to(self.root).as_posix() not in new:
                    old.unlink(missing_ok=True)
            for part in new:
                if self.is_remote:
                    objects.send(folder / part, self.root / part)
                    continue
                target = self.root / part
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(folder / part, target)
            if not self.is_remote:
                for place in {(self.root / part).parent for part in new}:
                    sync_folder(place)
        write_json(self.marker(shard), marker)

    @contextlib.contextmanager
    def opened(self, path: Path, workplace: Path) -> Iterator[BinaryIO]:
        """A file to be read here and there; from a store it is fetched into the workplace as a whole."""
        if self.is_remote:
            with writing(path):
                objects.fetch(path, workplace / path.name)
            path = workplace / path.name
        with path.open("rb") as file:
            yield file

    def retire(self, shard: str) -> None:
        """Take away everything of a shard that is no more."""
        with writing(self.root):
            self.marker(shard).unlink(missing_ok=True)
            for path in self.parts(shard):
                path.unlink(missing_ok=True)
            for path in (self.index(shard), self.spool(shard), self.refused(shard), self.extracted(shard)):
                path.unlink(missing_ok=True)
            self.plan(shard).unlink(missing_ok=True)
            self.failure(shard).unlink(missing_ok=True)


@contextlib.contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn what the system says of a write that fails (a full disk), or a store of a request, into an OutputError."""
    try:
        yield
    except OSError as error:
        raise output_error(str(place), error) from error
    except Exception as error:
        if isinstance(error, SaysoError) or not objects.is_store(place):
            raise
        raise _unreachable(place, error) from error


def _unreachable(place: Path, error: Exception) -> OutputError:
    """The error of a store; their libraries have errors of their own, as for credentials that are missing."""
    problem = f"cannot be reached or used ({str(error) or type(error).__name__})"
    return OutputError(str(place), problem, "check the address, the credentials and the connection")


def read_json(path: Path) -> Any:
    """What a JSON file holds; None where it is not there or broken, as after the machine failed."""
    try:
        return json.loads(objects.get(path) if objects.is_store(path) else path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    except Exception as error:
        if objects.is_store(path):
            raise _unreachable(path, error) from error
        raise


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file whole or not at all. Raises OutputError."""
    data = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1).encode("utf-8", "replace")
    write_bytes(path, data + b"\n")


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file whole or not at all. Raises OutputError."""
    if objects.is_store(path):
        with writing(path):
            objects.send_bytes(data, path)
        return
    aside = path.with_name(f".{path.name}.{socket.gethostname()}-{os.getpid()}")
    try:
        with writing(path):
            with aside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(aside, path)
            sync_folder(path.parent)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def place_file(file: Path, target: Path) -> None:
    """Put a file that was written aside, and synced, in its place."""
    with writing(target):
        if objects.is_store(target):
            objects.send(file, target)
            file.unlink()
            return
        os.replace(file, target)
        sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make what was renamed into a folder outlast a loss of power, where the system can do that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def hash_of(path: Path) -> str:
    """The digest of a file's bytes (BLAKE2b, 16 bytes, hexadecimal)."""
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


class Hashed:
    """A new binary file that knows its size and hash when it is closed, and is synced by then; for pyarrow too.

    What cannot be written is an OutputError.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.size = path, 0
        self._digest = hashlib.blake2b(digest_size=16)
        with writing(path):
            self._file: BinaryIO = path.open("wb")

    closed = False
    mode = "wb"

    def write(self, data: Any) -> int:
        block = memoryview(data).cast("B")
        with writing(self.path):
            self._file.write(block)
        self._digest.update(block)
        self.size += len(block)
        return len(block)

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        with writing(self.path):
            self._file.flush()

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            try:
                with writing(self.path):
                    self._file.flush()
                    os.fsync(self._file.fileno())
            finally:
                with contextlib.suppress(OSError):
                    self._file.close()

    def hexdigest(self) -> str:
        return self._digest.hexdigest()
