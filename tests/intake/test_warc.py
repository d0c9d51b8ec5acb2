"""WARC files whole and broken, by either parser."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sayso.intake.warc import Answer, Head, Parser, Passed, read_warc

BODY = b"<html><body><p>" + b"The minister said that the bridge will open. " * 60 + b"</p></body></html>"
HUGE = int(os.environ.get("SAYSO_HUGE_RECORD", 24_000_000))
"""Bytes of the huge record: 2000000000 for the real thing."""


def record(
    number: int,
    *,
    body: bytes = BODY,
    headers: str = "",
    kind: str = "text/html; charset=utf-8",
    length: Callable[[int], int] = lambda true: true,
    status: str = "200 OK",
) -> bytes:
    answer = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{headers}\r\n".encode() + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://site.example/{number}\r\n"
        f"WARC-Date: 2024-03-05T10:00:00Z\r\nWARC-Record-ID: <urn:uuid:{number:032}>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {length(len(answer))}\r\n\r\n"
    )
    return head.encode() + answer + b"\r\n\r\n"


def other(kind: str) -> bytes:
    return (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{kind}>\r\n"
        f"WARC-Target-URI: https://site.example/{kind}\r\nWARC-Date: 2024-03-05T10:00:00Z\r\n"
        f"Content-Type: text/plain\r\nContent-Length: 4\r\n\r\nword\r\n\r\n"
    ).encode()


def joined(records: list[bytes], *, packed: bool) -> bytes:
    return b"".join(gzip.compress(each, mtime=0) for each in records) if packed else b"".join(records)


def told(data: bytes, parser: Parser, **more: Any) -> list[str]:
    """What was read: the number of each answer, and the reason of each record that was passed over."""
    return [
        got.head.url.rpartition("/")[2] if isinstance(got, Answer) else got.reason
        for got in read_warc(io.BytesIO(data), parser=parser, **more)
    ]


@pytest.fixture(params=["fastwarc", "warcio"])
def parser(request: pytest.FixtureRequest) -> Parser:
    pytest.importorskip(request.param)
    chosen: Parser = request.param
    return chosen


@pytest.fixture(params=[False, True], ids=["plain", "packed"])
def packed(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def test_answers_are_read_and_nothing_else(parser: Parser, packed: bool) -> None:
    data = joined([other("warcinfo"), record(1), other("request"), other("metadata"), record(2)], packed=packed)
    first, second = read_warc(io.BytesIO(data), parser=parser)
    assert isinstance(first, Answer)
    assert first.body == BODY
    head = first.head
    assert (head.url, head.status, head.content_type, head.charset, head.captured, head.length) == (
        "https://site.example/1", 200, "text/html", "utf-8", "2024-03-05T10:00:00Z", len(BODY),
    )  # fmt: skip
    assert isinstance(second, Answer)
    assert second.head.offset == data.find(gzip.compress(record(2), mtime=0) if packed else record(2))


def test_what_is_not_wanted_is_not_read(parser: Parser) -> None:
    def sift(head: Head) -> str | None:
        return "status" if head.status != 200 else None

    data = joined([record(1), record(2, status="404 Not Found"), record(3)], packed=True)
    assert told(data, parser, sift=sift) == ["1", "status", "3"]


def test_an_error_of_the_callers_is_not_taken_for_damage(parser: Parser) -> None:
    def sift(head: Head) -> str | None:
        raise ValueError("the caller's own")

    with pytest.raises(ValueError, match="own"):
        told(record(1), parser, sift=sift)


@pytest.mark.parametrize("what", ["middle", "checksum", "mark"])
def test_reading_goes_on_after_a_corrupt_member(parser: Parser, what: str) -> None:
    members = [bytearray(gzip.compress(record(n), mtime=0)) for n in range(6)]
    at = {"middle": len(members[3]) // 2, "checksum": len(members[3]) - 6, "mark": 0}[what]
    members[3][at] ^= 0xFF
    assert told(b"".join(members), parser) == ["0", "1", "2", "damaged", "4", "5"]


def test_a_file_that_breaks_off_is_read_up_to_there(parser: Parser, packed: bool) -> None:
    data = joined([record(n) for n in range(4)], packed=packed)
    assert told(data[: -len(record(3)) // (30 if packed else 3)], parser) == ["0", "1", "2", "damaged"]


@pytest.mark.parametrize("by", [700, 9_000_000])
def test_a_length_that_is_too_large_costs_no_other_record(parser: Parser, packed: bool, by: int) -> None:
    records = [record(n, length=lambda true: true + by) if n == 2 else record(n) for n in range(5)]
    got = told(joined(records, packed=packed), parser)
    assert [one for one in got if one not in ("2", "damaged")] == ["0", "1", "3", "4"]
    if parser == "fastwarc":
        assert got == ["0", "1", "2", "3", "4"]


def test_a_length_that_was_mended_is_said_and_the_body_is_right() -> None:
    pytest.importorskip("fastwarc")
    data = joined([record(0), record(1, length=lambda true: true + 900), record(2)], packed=True)
    answers = [got for got in read_warc(io.BytesIO(data)) if isinstance(got, Answer)]
    assert [(a.mended, a.body) for a in answers] == [(False, BODY), (True, BODY), (False, BODY)]


def test_a_length_that_is_too_small_costs_no_other_record(parser: Parser, packed: bool) -> None:
    records = [record(n, length=lambda true: true - 500) if n == 2 else record(n) for n in range(5)]
    assert [one for one in told(joined(records, packed=packed), parser) if one != "damaged"] == [
        "0",
        "1",
        "2",
        "3",
        "4",
    ]


def test_garbage_between_records_costs_no_record(parser: Parser) -> None:
    data = record(0) + b"no record\r\n" * 40 + record(1)
    assert told(data, parser) == ["0", "damaged", "1"]


def test_a_page_about_the_format_is_no_record(parser: Parser, packed: bool) -> None:
    body = BODY + b"<pre>\r\n\r\nWARC/1.0\r\nis how each begins</pre>"
    (got,) = read_warc(io.BytesIO(joined([record(1, body=body)], packed=packed)), parser=parser)
    assert isinstance(got, Answer)
    assert got.body == body


def test_a_file_that_is_no_archive_is_one_damaged_record(parser: Parser) -> None:
    assert told(b"\x00\x01 nothing of the kind " * 200, parser) == ["damaged"]


def test_bodies_are_unpacked(parser: Parser) -> None:
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
    records = [
        record(0, body=gzip.compress(BODY), headers="Content-Encoding: gzip\r\n"),
        record(1, body=zlib.compress(BODY), headers="Content-Encoding: deflate\r\n"),
        record(2, body=chunked, headers="Transfer-Encoding: chunked\r\n"),
        record(
            3, body=BODY, headers="Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"
        ),  # as crawlers store it
    ]
    got = list(read_warc(io.BytesIO(joined(records, packed=True)), parser=parser))
    assert [one.body for one in got if isinstance(one, Answer)] == [BODY] * 4


def test_a_small_body_that_unpacks_to_a_huge_one_is_refused(parser: Parser) -> None:
    bomb = gzip.compress(b" " * 30_000_000)
    data = record(0, body=bomb, headers="Content-Encoding: gzip\r\n") + record(1)
    assert told(data, parser) == ["too large", "1"]


class _Large(io.RawIOBase):
    """A WARC file that is made while it is read: a small record, one with ``size`` bytes of body, a small one."""

    def __init__(self, size: int) -> None:
        head = record(1, body=b"", length=lambda true: true + size).removesuffix(b"\r\n\r\n")
        self.parts: list[bytes | int] = [record(0), head, size, b"\r\n\r\n" + record(2)]
        self.at = self.most = 0

    def _pieces(self, begin: int, size: int) -> Iterator[bytes]:
        for part in self.parts:
            length = part if isinstance(part, int) else len(part)
            if begin < length and size > 0:
                take = min(size, length - begin)
                yield b"x" * take if isinstance(part, int) else part[begin : begin + take]
                begin, size = 0, size - take
            else:
                begin -= length

    def read(self, size: int = -1) -> bytes:
        assert size >= 0
        self.most = max(self.most, size)
        data = b"".join(self._pieces(self.at, size))
        self.at += len(data)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        assert whence == 0
        self.at = offset
        return offset

    def tell(self) -> int:
        return self.at


def test_a_huge_record_is_passed_over_and_never_held(parser: Parser) -> None:
    stream = _Large(HUGE)
    got = list(read_warc(stream, parser=parser))  # type: ignore[arg-type]
    assert [one.reason if isinstance(one, Passed) else one.head.url[-1] for one in got] == ["0", "too large", "2"]
    assert stream.most <= 4_000_000


def test_a_disk_that_fails_is_no_damage(parser: Parser) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 3_000:
                raise OSError(5, "the disk has a fault")
            return super().read(min(size or 0, 1_000))

    failing = Failing(joined([record(n) for n in range(5)], packed=False))
    with pytest.raises(OSError, match="fault"):
        list(read_warc(failing, parser=parser))
