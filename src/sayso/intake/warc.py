"""Web archives (WARC, ISO 28500): the pages that were answered, one at a time, and a word on each record that is none.

FastWARC parses; where it cannot be installed, warcio does. What neither does is to go on after damage, which a crawl
of terabytes always has somewhere. So, here: where a record cannot be read, or its length is wrong, the next place at
which a record begins is looked for in the raw file (the next packed member that unpacks to ``WARC/``, or the next such
line), and reading goes on from there. Nothing larger than a page is ever held in memory.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal, Protocol

from sayso.errors import MissingExtra
from sayso.intake.html import MAX_PAGE

Parser = Literal["fastwarc", "warcio"]

_GZIP, _ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
_BLOCK = 1 << 20
_RECORD = re.compile(rb"WARC/1\.\d\r?\n(?:WARC-|Content-)[\w-]+:")
"""The beginning of a record, as no page has it by chance."""
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,8})[^\r\n]{0,100}\r\n")
_DAMAGE = (OSError, EOFError, ValueError, KeyError, zlib.error)
"""What the parsers raise of a file that is damaged."""


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of an answer before its body is read: where its record begins in the file (bytes), its address,
    when it was captured (ISO 8601), its status and type, and its length as the record states it."""

    offset: int
    url: str
    captured: str | None
    status: int
    content_type: str
    charset: str | None
    length: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A page: its head and its body, unpacked. ``mended`` says that the record's length was wrong and was put right."""

    head: Head
    body: bytes
    mended: bool = False


@dataclass(frozen=True, slots=True)
class Passed:
    """A record that was not taken: for a ``reason`` of the caller's, or "damaged" or "too large". ``head`` is None
    where nothing could be read of it."""

    offset: int
    reason: str
    detail: str = ""
    head: Head | None = None


class _Record(Protocol):
    head: Head
    encoding: tuple[str, str]

    def read(self, limit: int) -> bytes: ...


def read_warc(
    stream: BinaryIO,
    *,
    sift: Callable[[Head], str | None] = lambda head: None,
    limit: int = MAX_PAGE,
    parser: Parser | None = None,
) -> Iterator[Answer | Passed]:
    """Yield the answers in a WARC file in order, and what was passed over.

    ``stream`` must be seekable and at its beginning; it may be packed by gzip or zstandard. ``sift`` gives the reason
    why a record is not wanted, from its head alone, so that its body is never read. A body of more than ``limit``
    bytes, packed or unpacked, is "too large". Requests, metadata and revisits are no answers and are left out.
    Raises what ``stream`` raises when it cannot be read, and MissingExtra where there is no parser.
    """
    watched = Watched(stream)
    packing = watched.packing()
    begin = _opener(parser)
    at: int | None = 0
    while at is not None:
        last, fresh = at, True
        watched.seek(at)
        records = begin(watched, at)
        while True:
            trouble: Exception | None = None
            got: Answer | Passed | None = None
            go_on = True
            try:
                record = next(records, None)
            except _DAMAGE as error:
                trouble = error
            else:
                if record is None:
                    if fresh and at == 0 and not watched.begins(0, packing):
                        yield Passed(0, "damaged", "holds no record that could be read")
                    return
                last, fresh = record.head.offset, False
                reason = sift(record.head) if 0 <= record.head.length <= limit else None
                try:
                    got, go_on = (Passed(last, reason, head=record.head), True) if reason else _answer(record, limit)
                except _DAMAGE as error:
                    trouble = error
            if got is not None:
                yield got
                if go_on:
                    continue
            if watched.error is not None:
                raise watched.error from None
            at = watched.next_record(last, packing)
            if trouble is not None and (not fresh or at is None or last == 0):
                where = "the rest of the file is lost" if at is None else f"reading goes on at byte {at}"
                yield Passed(last, "damaged", f"no record could be read after byte {last} ({_plain(trouble)}); {where}")
            break


def _plain(error: Exception) -> str:
    """The words of an error, which may hold bytes of a damaged file, on one line."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(error)).split())[:200]


def _answer(record: _Record, limit: int) -> tuple[Answer | Passed, bool]:
    """What a record holds, and whether the parser is where the next one begins."""
    head = record.head
    body = record.read(limit + 1)
    mended = False
    if (cut := _swallowed(body)) is not None:
        body, mended = body[:cut], True
    elif len(body) > limit:
        return Passed(head.offset, "too large", f"{head.length} bytes", head), True
    elif len(body) < head.length:
        detail = f"breaks off after {len(body)} of {head.length} bytes"
        return Passed(head.offset, "damaged", detail, head), False
    try:
        plain = _unpacked(body, record.encoding, limit)
    except (zlib.error, ValueError, OSError) as error:
        return Passed(head.offset, "damaged", f"its body cannot be unpacked ({error})", head), not mended
    if plain is None:
        return Passed(head.offset, "too large", f"more than {limit} bytes when unpacked", head), not mended
    return Answer(head, plain, mended), not mended


def _swallowed(body: bytes) -> int | None:
    """Where another record begins in a body whose stated length is too large."""
    at = body.find(b"WARC/1.")
    while at >= 0:
        if _RECORD.match(body, at) and body[max(0, at - 2) : at] in (b"\r\n", b"\n\n", b""):
            return len(body[:at].rstrip(b"\r\n"))
        at = body.find(b"WARC/1.", at + 1)
    return None


def _unpacked(body: bytes, encoding: tuple[str, str], limit: int) -> bytes | None:
    """The body without chunks and packing, if it still has them: many crawlers store it plain under the headers of
    the packed one. None where it is larger than ``limit``."""
    chunked, packed = encoding
    if "chunked" in chunked and _CHUNK.match(body):
        body = _joined(body)
    if "gzip" in packed and body.startswith(b"\x1f\x8b"):
        return _inflated(body, zlib.MAX_WBITS | 16, limit)
    if "deflate" in packed:
        try:
            return _inflated(body, zlib.MAX_WBITS, limit)
        except zlib.error:
            return body
    if packed == "br":
        try:
            import brotli
        except ModuleNotFoundError as error:
            raise MissingExtra("A page packed by brotli", "archive") from error
        try:
            unpacker = brotli.Decompressor()
            plain: bytes = unpacker.process(body, output_buffer_limit=limit + 1)
        except brotli.error:
            return body
        return plain if len(plain) <= limit else None
    return body if len(body) <= limit else None


def _inflated(body: bytes, bits: int, limit: int) -> bytes | None:
    plain = zlib.decompressobj(bits).decompress(body, limit + 1)
    return plain if len(plain) <= limit else None


def _joined(body: bytes) -> bytes:
    parts, at = [], 0
    while match := _CHUNK.match(body, at):
        size = int(match[1], 16)
        if size == 0:
            break
        parts.append(body[match.end() : match.end() + size])
        at = match.end() + size + 2
    return b"".join(parts)


class Watched:
    """A raw stream that remembers its own failures, so that they are not taken for damage of what it holds."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.error: Exception | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            return self._stream.read(size)
        except Exception as error:
            self.error = error
            raise

    def readline(self, size: int = -1) -> bytes:
        try:
            return self._stream.readline(size)
        except Exception as error:
            self.error = error
            raise

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def packing(self) -> bytes:
        """The mark of a packed member, or nothing for a plain file."""
        self.seek(0)
        head = self.read(4)
        return next((mark for mark in (_GZIP, _ZSTD) if head.startswith(mark[:2])), b"")

    def next_record(self, after: int, packing: bytes) -> int | None:
        """Where the first record begins of those after the byte ``after``; None where there is none."""
        mark = packing or b"WARC/1."
        at, tail = after + 1, b""
        while True:
            self.seek(at)
            block = self.read(_BLOCK)
            data, base = tail + block, at - len(tail)
            found = data.find(mark)
            while found >= 0:
                if self.begins(base + found, packing):
                    return base + found
                found = data.find(mark, found + 1)
            if not block:
                return None
            tail = data[-len(mark) + 1 :]
            at += len(block)

    def begins(self, at: int, packing: bytes) -> bool:
        """Whether a record begins at the byte ``at``."""
        self.seek(at)
        head = self.read(2048)
        if packing == _GZIP:
            try:
                head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, 200)
            except zlib.error:
                return False
        return packing == _ZSTD or _RECORD.match(head) is not None


def _opener(parser: Parser | None) -> Callable[[Any, int], Iterator[_Record]]:
    if parser != "warcio":
        try:
            import fastwarc.warc

            del fastwarc
            return _by_fastwarc
        except ModuleNotFoundError:
            pass
    try:
        import warcio

        del warcio
    except ModuleNotFoundError as error:
        raise MissingExtra("Reading WARC", "archive") from error
    return _by_warcio


@dataclass(slots=True)
class _Parsed:
    head: Head
    encoding: tuple[str, str]
    stream: Any

    def read(self, limit: int) -> bytes:
        pieces, size = [], 0
        while size < limit and (piece := self.stream.read(min(limit - size, _BLOCK))):
            pieces.append(piece)
            size += len(piece)
        return b"".join(pieces)


def _by_fastwarc(stream: Any, at: int) -> Iterator[_Record]:
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    kinds = WarcRecordType.response | WarcRecordType.resource
    for record in ArchiveIterator(stream, record_types=kinds, parse_http=True):
        said = record.headers
        if record.is_http:
            answered = record.http_headers
            status, kind, charset = answered.status_code or 0, record.http_content_type, record.http_charset
            encoding = (answered.get("Transfer-Encoding") or "", answered.get("Content-Encoding") or "")
        elif record.record_type == WarcRecordType.resource:
            kind, charset = _type_and_charset(said.get("Content-Type") or "")
            status, encoding = 200, ("", "")
        else:
            continue
        head = Head(
            record.stream_pos,
            (said.get("WARC-Target-URI") or "").strip("<>"),
            said.get("WARC-Date"),
            status,
            (kind or "").lower(),
            charset,
            record.content_length,
        )
        yield _Parsed(head, (encoding[0].lower(), encoding[1].lower()), record.reader)


def _by_warcio(stream: Any, at: int) -> Iterator[_Record]:
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    records = ArchiveIterator(stream)
    while True:
        try:
            record = next(records, None)
        except (ArchiveLoadFailed, AttributeError, TypeError) as error:  # the latter of records without a header
            raise ValueError(str(error)) from error
        if record is None:
            return
        if record.rec_type not in ("response", "resource"):
            continue
        said, answered = record.rec_headers, record.http_headers
        status, encoding = 200, ("", "")
        stated = said.get_header("Content-Type") or ""
        length = int(said.get_header("Content-Length") or 0)
        if answered is not None:
            code = answered.get_statuscode()
            status = int(code) if code.isdigit() else 0
            stated = answered.get_header("Content-Type") or ""
            encoding = (answered.get_header("Transfer-Encoding") or "", answered.get_header("Content-Encoding") or "")
            length -= answered.total_len
        elif record.rec_type == "response":
            continue
        kind, charset = _type_and_charset(stated)
        head = Head(
            records.offset,  # get_record_offset() would read the record first
            (said.get_header("WARC-Target-URI") or "").strip("<>"),
            said.get_header("WARC-Date"),
            status,
            kind,
            charset,
            length,
        )
        yield _Parsed(head, (encoding[0].lower(), encoding[1].lower()), record.raw_stream)


def _type_and_charset(stated: str) -> tuple[str, str | None]:
    kind, _, rest = stated.partition(";")
    match = re.search(r"charset\s*=\s*[\"']?([\w:.-]+)", rest, re.I)
    return kind.strip().lower(), match[1] if match else None
