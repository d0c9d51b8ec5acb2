"""Threads laid aside between extraction and reading: one packed frame each, found again by its place in the file."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, BinaryIO

from sayso.errors import MissingExtra
from sayso.posts import Post, Thread

_ABOUT = ("id", "url", "title", "site", "published", "language")


class Spooler:
    """Writes threads to a binary file that is open for writing."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._at = file, 0
        self._packer = _zstandard().ZstdCompressor(level=3)

    def add(self, thread: Thread) -> tuple[int, int]:
        """Where the thread begins in the file, and how many bytes it takes."""
        value = {field: getattr(thread, field) for field in _ABOUT} | {"posts": [asdict(post) for post in thread.posts]}
        # ASCII, since half a character (a lone surrogate) can be written in it and read again.
        frame = self._packer.compress(json.dumps(value, separators=(",", ":")).encode("ascii"))
        place = (self._at, len(frame))
        self._file.write(frame)
        self._at += len(frame)
        return place


class Spooled:
    """Reads threads from such a file, in any order."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._unpacker = _zstandard().ZstdDecompressor()

    def get(self, offset: int, length: int) -> Thread:
        self._file.seek(offset)
        value = json.loads(self._unpacker.decompress(self._file.read(length)))
        posts = [Post(**{**post, "quotes": tuple((s, e) for s, e in post["quotes"])}) for post in value["posts"]]
        return Thread(posts=posts, **{field: value[field] for field in _ABOUT})


def _zstandard() -> Any:
    try:
        import zstandard
    except ModuleNotFoundError as error:
        raise MissingExtra("Reading an archive", "archive") from error
    return zstandard
