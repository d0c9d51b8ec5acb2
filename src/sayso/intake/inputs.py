"""From what a user names to threads, one at a time: files, folders, addresses and standard input.

Whatever cannot be read is yielded as an error in its place, so that the rest is read all the same.
"""

from __future__ import annotations

import gzip
import io
import os
import re
import stat
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

from sayso.errors import InputError
from sayso.intake.encoding import decode
from sayso.intake.html import MAX_PAGE, thread_from_html
from sayso.intake.jsonl import threads_from_lines
from sayso.intake.options import NO_OVERRIDES, Overrides
from sayso.intake.plain import thread_from_text
from sayso.intake.sniff import HEAD, PASSED_OVER, SUFFIXES, Form, form_of, what_binary, what_written
from sayso.intake.url import HTML_TYPES, JSON_TYPES, Fetched, fetch, is_url
from sayso.posts import Thread

MAX_TEXT = 50_000_000
"""Bytes that a plain text may have."""

Read = Iterator[Thread | InputError]


def read_inputs(
    inputs: Iterable[str | os.PathLike[str]],
    *,
    overrides: Overrides = NO_OVERRIDES,
    stdin: BinaryIO | None = None,
    languages: bool = True,
) -> Read:
    """Yield the threads of all ``inputs`` in order, and an InputError for each that cannot be read.

    An input is a path to a plain text, a page, a folder of these or JSON Lines (each also as .gz), an http(s)
    address, or "-" for ``stdin``. One document is held in memory at a time.
    """
    for name in inputs:
        yield from open_input(name, overrides=overrides, stdin=stdin, languages=languages)


def open_input(
    name: str | os.PathLike[str],
    *,
    overrides: Overrides = NO_OVERRIDES,
    stdin: BinaryIO | None = None,
    languages: bool = True,
    fetcher: Callable[[str], Fetched] = fetch,
) -> Read:
    """Yield the threads of one input, as ``read_inputs`` does; ``fetcher`` gets addresses."""
    reader = _Reader(overrides, languages, fetcher)
    name = os.fspath(name)
    if name == "-":
        yield from reader.stream(stdin or sys.stdin.buffer, "-", None)
    elif is_url(name):
        yield from reader.address(name)
    else:
        yield from reader.path(Path(name), name)


def read_answer(fetched: Fetched, *, id: str, overrides: Overrides = NO_OVERRIDES, languages: bool = True) -> Read:
    """Yield the threads of an answer that was fetched, as ``read_inputs`` does; ``id`` names it in ids and errors."""
    yield from _Reader(overrides, languages).answer(fetched, id)


def open_stream(stream: BinaryIO, name: str, *, overrides: Overrides = NO_OVERRIDES, languages: bool = True) -> Read:
    """Yield the threads of bytes that are called ``name``, whose ending says what they are where they do not."""
    return _Reader(overrides, languages).stream(stream, name, SUFFIXES.get(Path(name).suffix.lower()))


class _Reader:
    """Reads inputs of every form with one set of options."""

    def __init__(self, overrides: Overrides, languages: bool, fetcher: Callable[[str], Fetched] = fetch) -> None:
        self.overrides, self.languages, self.fetcher = overrides, languages, fetcher

    def path(self, path: Path, name: str) -> Read:
        try:
            mode = path.stat().st_mode
        except (OSError, ValueError) as error:
            yield _unreadable(name, error)
            return
        if stat.S_ISDIR(mode):
            yield from self._folder(path, name)
        else:
            # A pipe may be named as an input; one that lies in a folder is not opened, since it might never end.
            yield from self._file(path, name)

    def address(self, url: str) -> Read:
        try:
            fetched = self.fetcher(url)
        except InputError as error:
            yield error
            return
        yield from self.answer(fetched, url)

    def answer(self, fetched: Fetched, name: str) -> Read:
        """Threads from what a server sent."""
        form: Form | None = None
        if fetched.content_type in HTML_TYPES:
            form = "html"
        elif fetched.content_type in JSON_TYPES:
            form = "jsonl"
        yield from self._whole(io.BytesIO(fetched.data), name, form, url=fetched.url, charset=fetched.charset)

    def stream(self, stream: BinaryIO, name: str, form: Form | None) -> Read:
        """Threads from an open stream whose form is ``form``, or what its first bytes say."""
        yield from self._whole(stream, name, form)

    def _folder(self, top: Path, name: str) -> Read:
        """Every file in a folder and those in it, by name. A folder is read once, however many links lead to it."""
        seen: set[tuple[int, int]] = set()
        stack = [top]
        some = False
        while stack:
            path = stack.pop()
            try:
                status = path.stat()
                if not stat.S_ISDIR(status.st_mode):
                    if path.suffix.lower() in PASSED_OVER:
                        continue
                    some = True
                    if stat.S_ISREG(status.st_mode):
                        yield from self._file(path, str(path))
                    else:
                        yield InputError(str(path), "is no regular file", "name it as an input of its own to read it")
                    continue
                if (status.st_dev, status.st_ino) in seen:
                    continue
                seen.add((status.st_dev, status.st_ino))
                entries = sorted((e for e in os.scandir(path) if not e.name.startswith(".")), key=lambda e: e.name)
                stack.extend(Path(entry.path) for entry in reversed(entries))
            except OSError as error:
                some = True
                yield _unreadable(str(path), error)
        if not some:
            yield InputError(name, "is a folder without texts", "put .txt, .html or .jsonl files into it")

    def _file(self, path: Path, name: str) -> Read:
        try:
            with path.open("rb") as stream:
                yield from self._whole(stream, name, SUFFIXES.get(path.suffix.lower()))
        except OSError as error:
            yield _unreadable(name, error)

    def _whole(
        self, stream: BinaryIO, name: str, form: Form | None, *, url: str | None = None, charset: str | None = None
    ) -> Read:
        try:
            head = _Peeked(stream)
            if head.data.startswith(b"\x1f\x8b"):
                inner = Path(name).with_suffix("").suffix.lower() if form == "gzip" else ""
                with gzip.GzipFile(fileobj=cast(BinaryIO, head)) as unpacked:
                    yield from self._unpacked(_Peeked(unpacked), name, SUFFIXES.get(inner), url, charset)
            else:
                yield from self._unpacked(head, name, None if form == "gzip" else form, url, charset)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            yield InputError(name, f"is a damaged .gz file ({error})", "get the file again")
        except OSError as error:
            yield _unreadable(name, error)

    def _unpacked(self, stream: _Peeked, name: str, form: Form | None, url: str | None, charset: str | None) -> Read:
        if not stream.data.strip(b" \t\r\n\x00"):
            yield InputError(name, "is empty", "give a file with a text in it")
            return
        if form is None or form == "gzip" or what_binary(stream.data):
            form = form_of(stream.data)
        if form in ("binary", "gzip"):
            what = "packed twice" if form == "gzip" else what_binary(stream.data) or "a binary file"
            yield InputError(name, f"is {what}, not a text", "save its text as .txt, or the page as .html")
        elif form == "text" and (written := what_written(stream.data)):
            yield InputError(name, f"is {written[0]}", written[1])
        elif form == "jsonl":
            yield from threads_from_lines(
                cast(BinaryIO, stream), input=name, overrides=self.overrides, languages=self.languages
            )
        else:
            try:
                yield self._document(stream, name, form, url, charset)
            except InputError as error:
                yield error

    def _document(self, stream: _Peeked, name: str, form: Form, url: str | None, charset: str | None) -> Thread:
        limit = MAX_PAGE if form == "html" else MAX_TEXT
        data = stream.read(limit + 1)
        if len(data) > limit:
            raise InputError(
                name, f"has more than {limit // 1_000_000} MB", "cut it down to the article and its thread"
            )
        if form == "html":
            return thread_from_html(
                data, id=name, url=url, charset=charset, overrides=self.overrides, languages=self.languages
            )
        text = decode(data, input=name, declared=charset)
        thread = thread_from_text(text, id=name, overrides=self.overrides, languages=self.languages)
        thread.url = thread.url or url
        return thread


class _Peeked:
    """A stream whose first bytes have been looked at (``data``), to be read from the beginning all the same."""

    def __init__(self, stream: BinaryIO | gzip.GzipFile) -> None:
        self._stream = stream
        pieces, size = [], 0
        while size < HEAD and (piece := stream.read(HEAD - size)):
            pieces.append(piece)
            size += len(piece)
        self.data = b"".join(pieces)
        self._left = io.BytesIO(self.data)

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes; fewer only at the end."""
        data = self._left.read(size)
        if size < 0:
            return data + self._stream.read()
        pieces, have = [data], len(data)
        while have < size and (piece := self._stream.read(min(size - have, 1 << 20))):
            pieces.append(piece)
            have += len(piece)
        return b"".join(pieces)

    def readline(self, size: int = -1) -> bytes:
        """A line with its end, or up to ``size`` bytes of it."""
        line = self._left.readline(size)
        if line.endswith(b"\n") or 0 <= size <= len(line):
            return line
        return line + self._stream.readline(size - len(line) if size >= 0 else -1)


def _unreadable(name: str, error: Exception) -> InputError:
    problem = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    remedy = "check the file"
    if isinstance(error, FileNotFoundError):
        if scheme := re.match(r"(\w{2,10})://", name):
            return InputError(
                name, f"is an address of the kind {scheme[1]}", "give an http(s) address, or save it as a file"
            )
        remedy = "check the name"
        if re.match(r"www\.\w|[\w-]+(?:\.[\w-]+)+/", name):
            remedy += "; an address begins with https://"
    elif isinstance(error, PermissionError):
        remedy = "ask for the right to read it"
    return InputError(name, f"cannot be read ({problem})", remedy)
