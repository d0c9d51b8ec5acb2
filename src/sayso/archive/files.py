"""Inputs by name, wherever they lie: paths of this machine, or addresses that fsspec knows (s3://, https://, …)."""

from __future__ import annotations

import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Literal, cast

from sayso.errors import InputError, MissingExtra

Form = Literal["warc", "jsonl", "page"]
PACKINGS = (".gz", ".zst")
AHEAD = 8 << 20
"""Bytes that are asked of a store at a time; its library's own are 50 MB, which a worker has better use for."""
_FORMS: dict[str, Form] = {
    ".warc": "warc",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".jsonlines": "jsonl",
    ".html": "page", ".htm": "page", ".xhtml": "page", ".shtml": "page", ".txt": "page",
}  # fmt: skip


def form_of(name: str) -> Form | None:
    """What a file is by the ending of its name; None where it is nothing that an archive is read from."""
    stem = name.lower().partition("?")[0]
    for packing in PACKINGS:
        stem = stem.removesuffix(packing)
    return _FORMS.get(os.path.splitext(stem)[1])


def is_remote(name: str) -> bool:
    return "://" in name


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """A file open for reading, seekable whatever it lies on. Raises InputError where it cannot be opened or read."""
    try:
        if not is_remote(name):
            with open(name, "rb") as file:
                yield file
            return
        system, path = _system(name)
        with system.open(path, "rb", block_size=AHEAD) as remote:
            if remote.seekable():
                yield cast(BinaryIO, remote)
                return
            with tempfile.TemporaryFile() as copy:
                shutil.copyfileobj(remote, copy, 1 << 20)
                copy.seek(0)
                yield cast(BinaryIO, copy)
    except OSError as error:
        raise unreadable(name, error) from error


def unreadable(name: str, error: Exception) -> InputError:
    """The error of an input that cannot be opened or read, in words for people."""
    problem = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    remedy = "check the name" if isinstance(error, FileNotFoundError) else "check the file and the right to read it"
    return InputError(name, f"cannot be read ({problem or type(error).__name__})", remedy)


def fingerprint(name: str) -> str:
    """What changes when the file does: its size, and when it was changed or the store's own tag of its content."""
    try:
        if not is_remote(name):
            status = os.stat(name)
            return f"{status.st_size} {status.st_mtime_ns}"
        system, path = _system(name)
        info = system.info(path)
    except Exception as error:  # every store raises errors of its own
        raise unreadable(name, error) from error
    tags = [info.get(key) for key in ("size", "ETag", "etag", "LastModified", "last_modified", "mtime", "created")]
    return " ".join(str(tag) for tag in tags if tag is not None)


def found(name: str) -> list[str]:
    """The files that a name stands for, in order: itself, all in a folder, or all that a pattern fits.

    A path becomes absolute, so that it is the same from everywhere. Raises InputError where there is none.
    """
    try:
        names = _remote(name) if is_remote(name) else _local(name)
    except Exception as error:
        if isinstance(error, InputError | MissingExtra):
            raise
        raise unreadable(name, error) from error
    if not names:
        raise InputError(name, "stands for no file that an archive is read from", "name WARC, JSON Lines or HTML files")
    return names


def _local(name: str) -> list[str]:
    path = os.path.abspath(os.path.expanduser(name))
    if os.path.isdir(path):
        return [file for file in _walk(path) if form_of(file)]
    if os.path.lexists(path):
        return [path]
    if not glob.has_magic(name):
        raise InputError(name, "is not there", "check the name")
    made: list[str] = []
    for match in sorted(glob.glob(path, recursive=True)):
        made += [file for file in _walk(match) if form_of(file)] if os.path.isdir(match) else [match]
    return list(dict.fromkeys(made))


def _walk(top: str) -> Iterator[str]:
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(entry for entry in folders if not entry.startswith("."))
        for entry in sorted(names):
            if not entry.startswith("."):
                yield os.path.join(folder, entry)


def _remote(name: str) -> list[str]:
    system, path = _system(name)
    system.invalidate_cache(path)  # what was listed for a run before may have changed
    if glob.has_magic(path):
        paths = sorted(system.glob(path))
    elif form_of(name) is None and system.isdir(path):
        paths = [entry for entry in sorted(system.find(path)) if form_of(entry)]
    else:
        paths = [path]
    return [system.unstrip_protocol(entry) for entry in paths]


def _system(name: str) -> tuple[Any, str]:
    try:
        import fsspec
    except ModuleNotFoundError as error:
        raise MissingExtra("Reading addresses", "archive") from error
    try:
        system, path = fsspec.core.url_to_fs(name)
    except ImportError as error:
        raise MissingExtra(
            f"Reading {name.partition('://')[0]}://", "s3" if name.startswith("s3") else "archive"
        ) from error
    except ValueError as error:
        raise InputError(name, f"is no address that is known ({error})", "write it as s3://bucket/key") from error
    return system, path
