"""What a shard's inputs hold, one candidate at a time: pages, documents, and what is neither."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from sayso.archive.files import form_of, opened, unreadable
from sayso.archive.tasks import Shard
from sayso.errors import InputError, MissingExtra
from sayso.intake.html import MAX_PAGE
from sayso.intake.jsonl import threads_from_lines
from sayso.intake.warc import Answer, Head, Passed, Watched, read_warc
from sayso.posts import Thread


@dataclass(frozen=True, slots=True)
class Candidate:
    """One record of an input. ``place`` says where it stands: the input's name, with ``#offset`` or ``:line``.

    It holds the bytes of a ``page``, or a ``thread``, or the ``reason`` (with its detail) why there is neither.
    """

    place: str
    url: str | None = None
    captured: str | None = None
    charset: str | None = None
    page: bytes | None = None
    thread: Thread | None = None
    reason: str | None = None
    detail: str = ""
    mended: bool = False

    @property
    def is_text(self) -> bool:
        """Whether its bytes are a plain text, and no page."""
        return self.url is None and self.place.lower().endswith((".txt", ".txt.gz", ".txt.zst"))


Sift = Callable[[Head], str | None]
_PACKED = 4_096
"""Bytes that are unpacked at a time: few enough that a bomb cannot fill the memory."""


def candidates(shard: Shard, sift: Sift) -> Iterator[Candidate]:
    """Yield all candidates of a shard in order. ``sift`` sees the heads of WARC records before their bodies are read.

    Raises InputError where an input cannot be opened; in a shard of pages, only that page is lost.
    """
    for name in shard.inputs:
        form = form_of(name)
        if form == "warc":
            with opened(name) as stream:
                yield from _from_warc(stream, name, sift)
        elif form == "jsonl":
            with opened(name) as stream:
                watched = Watched(stream)
                with unpacked(cast(BinaryIO, watched)) as lines:
                    yield from _from_lines(lines, name)
                if watched.error is not None:  # not damage, which is in the lines, but a disk or a network that failed
                    raise unreadable(name, watched.error)
        else:
            yield _from_page(name)


def _from_warc(stream: BinaryIO, name: str, sift: Sift) -> Iterator[Candidate]:
    for got in read_warc(stream, sift=sift):
        head = got.head
        place = f"{name}#{head.offset if head else cast(Passed, got).offset}"
        url, captured = (head.url or None, head.captured) if head else (None, None)
        if isinstance(got, Answer):
            assert head is not None
            yield Candidate(place, url, captured, head.charset, page=got.body, mended=got.mended)
        else:
            yield Candidate(place, url, captured, reason=got.reason, detail=got.detail)


def _from_lines(lines: BinaryIO, name: str) -> Iterator[Candidate]:
    for number, got in enumerate(threads_from_lines(lines, input=name, languages=False), 1):
        if isinstance(got, Thread):
            yield Candidate(f"{name}:{number}", got.url, thread=got)
        else:
            yield Candidate(got.input, reason="damaged", detail=got.problem)


def _from_page(name: str) -> Candidate:
    try:
        with opened(name) as stream, unpacked(stream) as plain:
            data = plain.read(MAX_PAGE + 1)
    except (InputError, OSError, EOFError, zlib.error) as error:
        return Candidate(name, reason="damaged", detail=getattr(error, "problem", str(error)))
    if len(data) > MAX_PAGE:
        return Candidate(name, reason="too large", detail=f"more than {MAX_PAGE} bytes")
    return Candidate(name, page=data)


@contextmanager
def unpacked(stream: BinaryIO) -> Iterator[BinaryIO]:
    """The stream without the packing that its first bytes tell (gzip or zstandard), whatever it is called."""
    head = stream.read(4)
    stream.seek(0)
    if head.startswith(b"\x1f\x8b"):
        with gzip.GzipFile(fileobj=stream) as plain:
            yield cast(BinaryIO, plain)
    elif head == b"\x28\xb5\x2f\xfd":
        with _zstd(stream) as file:
            yield file
    else:
        yield stream


@contextmanager
def _zstd(stream: BinaryIO) -> Iterator[BinaryIO]:
    try:
        import zstandard
    except ModuleNotFoundError as error:
        raise MissingExtra("Reading .zst files", "archive") from error

    class Plain(io.RawIOBase):
        """What is unpacked, frame by frame. The library's own reader takes a frame that breaks off for its end."""

        def __init__(self) -> None:
            self._unpacker: Any = None
            self._left = b""

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any, /) -> int:
            while not self._left:
                packed = stream.read(_PACKED)
                if not packed:
                    if self._unpacker is not None:
                        raise EOFError("the file ends within a frame")
                    return 0
                self._left = self._unpacked(packed)
            size = min(len(buffer), len(self._left))
            buffer[:size], self._left = self._left[:size], self._left[size:]
            return size

        def _unpacked(self, packed: bytes) -> bytes:
            parts = []
            try:
                while packed:
                    unpacker = self._unpacker or zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj()
                    parts.append(unpacker.decompress(packed))
                    packed, self._unpacker = (unpacker.unused_data, None) if unpacker.eof else (b"", unpacker)
            except zstandard.ZstdError as error:
                raise EOFError(str(error)) from error
            return b"".join(parts)

    yield cast(BinaryIO, io.BufferedReader(Plain(), 1 << 16))
