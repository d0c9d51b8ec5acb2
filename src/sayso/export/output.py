"""Where an export is written: the standard output, or a file that is there whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from typing import Any, TextIO

from sayso.errors import OutputError

_REMEDIES = {
    errno.ENOENT: "make the folder first",
    errno.ENOTDIR: "a part of the path is a file: name another folder",
    errno.EISDIR: "name a file in it",
    errno.EACCES: "choose a place that you may write to",
    errno.EPERM: "choose a place that you may write to",
    errno.EROFS: "choose a place that you may write to",
    errno.ENOSPC: "free some space, or choose another disk",
    errno.EDQUOT: "free some of your quota, or choose another disk",
    errno.EFBIG: "write fewer inputs to one file",
    errno.ENAMETOOLONG: "choose a shorter name",
}
_STANDARD_OUTPUT = "standard output"


def output_error(name: str, error: OSError) -> OutputError:
    """The error of writing to ``name`` in words for people."""
    what = (error.strerror or str(error) or type(error).__name__).lower()
    return OutputError(name, f"cannot be written ({what})", _REMEDIES.get(error.errno or 0, ""))


class _Raw(io.FileIO):
    """A file whose failures to write are OutputErrors; after the first it swallows what is still buffered."""

    label = ""
    broken = False

    def write(self, data: Any, /) -> int:
        if self.broken:
            return len(data)
        try:
            return super().write(data) or 0
        except OSError as error:
            self.broken = True
            if isinstance(error, BrokenPipeError):
                raise
            raise output_error(self.label, error) from error


@contextlib.contextmanager
def _text(file: int, label: str, *, close: bool) -> Iterator[TextIO]:
    raw = _Raw(file, "w", closefd=close)
    raw.label = label
    # A half character (lone surrogate) that came with a text cannot be written in UTF-8 and becomes a question mark.
    text = io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", errors="replace", newline="")
    try:
        yield text
        text.flush()
    finally:
        raw.broken = raw.broken or sys.exc_info()[0] is BrokenPipeError
        text.close()


@contextlib.contextmanager
def destination(path: str | None) -> Iterator[TextIO]:
    """Open ``path`` for writing UTF-8 without translating line ends; None or ``-`` is the standard output.

    A file is written aside and put in place when the block ends well; otherwise what stood there stays. A device or
    a pipe is written to directly. Raises OutputError where it cannot be written.
    """
    if path in (None, "-"):
        sys.stdout.flush()
        try:
            file = sys.stdout.fileno()
        except (OSError, AttributeError):  # a stand-in without a file under it
            file = -1
        if file < 0 or sys.stdout.isatty():
            yield sys.stdout
            return
        with _text(file, _STANDARD_OUTPUT, close=False) as text:
            yield text
        return
    assert path is not None
    target = os.path.realpath(path)
    try:
        mode = _mode(target)
        if mode is not None and stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        if mode is not None and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if mode is not None and not stat.S_ISREG(mode):
            direct = os.open(target, os.O_WRONLY)
        else:
            direct = None
            folder, name = os.path.split(target)
            file, aside = tempfile.mkstemp(prefix=f".{name[:100]}.", suffix=".tmp", dir=folder)
    except OSError as error:
        raise output_error(path, error) from error
    if direct is not None:
        with _text(direct, path, close=True) as text:
            yield text
        return
    try:
        with _text(file, path, close=True) as text:
            yield text
            text.flush()
            with contextlib.suppress(OSError):
                os.fsync(file)
        try:
            if mode is not None:
                shutil.copymode(target, aside)
            else:
                os.chmod(aside, 0o666 & ~_umask())
            os.replace(aside, target)
        except OSError as error:
            raise output_error(path, error) from error
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(aside)
        raise


def _mode(path: str) -> int | None:
    try:
        return os.stat(path).st_mode
    except FileNotFoundError:
        return None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
