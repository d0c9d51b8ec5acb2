"""Fetch a page: redirects, times, sizes and types are bounded, and every way to fail has its own words."""

from __future__ import annotations

import datetime
import email.utils
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sayso.errors import FetchError

if TYPE_CHECKING:
    import httpx

MAX_BYTES = 10_000_000
"""Bytes that an answer may have, after it was unpacked."""
MAX_REDIRECTS = 5
CONNECT_SECONDS = 10.0
READ_SECONDS = 20.0
TOTAL_SECONDS = 60.0

HTML_TYPES = frozenset(("text/html", "application/xhtml+xml"))
JSON_TYPES = frozenset(("application/json", "application/x-ndjson", "application/jsonl", "application/x-jsonlines"))
TEXT_TYPES = frozenset(("text/plain",))
XML_TYPES = frozenset(
    ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/xml", "text/xml")
)

Want = Literal["page", "feed", "robots"]
"""What is asked for: a page (or text, or JSON), a feed (which many servers call a page), a robots.txt."""
_WANTED: dict[Want, tuple[str, frozenset[str]]] = {
    "page": ("text/html,application/xhtml+xml,text/plain;q=0.9,*/*;q=0.5", HTML_TYPES | JSON_TYPES | TEXT_TYPES),
    "feed": (
        "application/atom+xml,application/rss+xml,application/xml;q=0.9,text/xml;q=0.9,*/*;q=0.5",
        XML_TYPES | HTML_TYPES | JSON_TYPES | TEXT_TYPES,
    ),
    "robots": ("text/plain,*/*;q=0.5", frozenset()),
}
_AGAIN = frozenset((408, 425, 429, 500, 502, 503, 504))
"""Statuses that another time may be another."""

_STATUS = {
    401: ("asks for a login (401)", "save the page in a browser and give the file"),
    402: ("asks for payment (402)", "save the page in a browser and give the file"),
    403: ("is refused by the site (403)", "save the page in a browser and give the file"),
    404: ("is not there (404)", "check the address"),
    410: ("was taken down (410)", "look for it in an archive"),
    429: ("is refused for now, too many requests (429)", "try again later"),
    451: ("is withheld for legal reasons (451)", "look for it in an archive"),
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: its bytes, the address after redirects, and what the server says of it.

    ``etag`` and ``modified`` are to be sent with the next request as they are. ``unchanged`` says that they were sent
    and still hold (304); there are no bytes then. ``moved`` is the new address where every redirect was for good.
    """

    data: bytes
    url: str
    content_type: str
    charset: str | None
    etag: str | None = None
    modified: str | None = None
    unchanged: bool = False
    moved: str | None = None


def is_url(name: str) -> bool:
    """Whether an input is an address rather than a path."""
    return name[:8].lower().startswith(("http://", "https://"))


def fetch(
    url: str,
    *,
    total_seconds: float = TOTAL_SECONDS,
    want: Want = "page",
    etag: str | None = None,
    modified: str | None = None,
    contact: str | None = None,
    transport: httpx.BaseTransport | None = None,
) -> Fetched:
    """Get ``url``, only if it has changed where ``etag`` or ``modified`` come from an earlier answer.

    By ``transport`` where one is given, and then through no proxy that the environment names.

    ``contact`` is put into the User-Agent, for the people who run the site. Raises FetchError for an address that is
    none, a name that no server has, a refused or broken connection, a certificate that does not fit, more than 5
    redirects, 10 s to connect, 20 s of silence or ``total_seconds`` in all, a status that is no success, a type that
    is not what is wanted, and more than 10 MB.
    """
    import httpx

    from sayso import __version__

    timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
    headers = {
        "User-Agent": f"Sayso/{__version__}" + (f" ({contact})" if contact else ""),
        "Accept": _WANTED[want][0],
    }
    if etag:
        headers["If-None-Match"] = etag
    if modified:
        headers["If-Modified-Since"] = modified
    started = time.monotonic()
    try:
        with (
            httpx.Client(
                follow_redirects=True,
                max_redirects=MAX_REDIRECTS,
                timeout=timeout,
                headers=headers,
                transport=transport,
                trust_env=transport is None,
            ) as client,
            client.stream("GET", url) as answer,
        ):
            moved = _moved(answer)
            if answer.status_code == 304 and (etag or modified):
                return Fetched(b"", str(answer.url), "", None, etag, modified, unchanged=True, moved=moved)
            content_type = _checked_type(answer, url, _WANTED[want][1])
            data = _body(answer, url, started + total_seconds)
            return Fetched(
                data,
                str(answer.url),
                content_type,
                answer.charset_encoding,
                answer.headers.get("etag"),
                answer.headers.get("last-modified"),
                moved=moved,
            )
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise _explain(url, error) from error


def _moved(answer: httpx.Response) -> str | None:
    hops = [hop.status_code for hop in answer.history]
    return str(answer.url) if hops and all(status in (301, 308) for status in hops) else None


def _checked_type(answer: httpx.Response, url: str, types: frozenset[str]) -> str:
    status = answer.status_code
    if status >= 300 or status < 200:
        problem, remedy = _STATUS.get(status, (f"is answered with status {status}", "try again later"))
        pause = _pause(answer.headers.get("retry-after", ""))
        raise FetchError(url, problem, remedy, status=status, again=status in _AGAIN, pause=pause)
    content_type: str = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type and types and content_type not in types:
        raise FetchError(url, f"is of the type {content_type}, not a page or a text", "give the address of a page")
    length = answer.headers.get("content-length", "")
    if length.isdigit() and int(length) > MAX_BYTES:
        raise _too_large(url)
    return content_type


def _pause(retry_after: str) -> float | None:
    """The seconds that a Retry-After header asks for: a number, or a date (RFC 9110, section 10.2.3)."""
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        moment = email.utils.parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return max(0.0, (moment - datetime.datetime.now(datetime.UTC)).total_seconds())


def _body(answer: httpx.Response, url: str, deadline: float) -> bytes:
    data = bytearray()
    for chunk in answer.iter_bytes(65_536):
        data += chunk
        if len(data) > MAX_BYTES:
            raise _too_large(url)
        if time.monotonic() > deadline:
            raise FetchError(url, "is sent too slowly", "try again later, or save the page in a browser", again=True)
    return bytes(data)


def _too_large(url: str) -> FetchError:
    return FetchError(url, f"is larger than {MAX_BYTES // 1_000_000} MB", "save the text of the article as a file")


def _explain(url: str, error: Exception) -> FetchError:
    """What went wrong, in the words of somebody who reads an address bar."""
    import httpx

    words = f"{error} {error.__cause__ or ''}".lower()
    if isinstance(error, httpx.TimeoutException):
        return FetchError(url, "does not answer in time", "try again later", again=True)
    if isinstance(error, httpx.TooManyRedirects):
        return FetchError(
            url, f"is redirected more than {MAX_REDIRECTS} times", "give the address that a browser ends at"
        )
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | httpx.LocalProtocolError | UnicodeError):
        return FetchError(url, f"is no address that can be fetched ({error})", "check the address")
    if "certificate" in words or "ssl" in words or "tls" in words:
        return FetchError(
            url, "has no valid certificate (TLS)", "open it in a browser, and save the page if you trust it"
        )
    if any(sign in words for sign in ("name or service", "getaddrinfo", "nodename", "name resolution", "no address")):
        problem = "is on a server whose name is not known (DNS)"
        return FetchError(url, problem, "check the address and the connection", again=True)
    if isinstance(error, httpx.ConnectError):
        reason = re.sub(r"^\[Errno -?\d+\] ", "", str(error)).lower()
        problem = f"cannot be connected to ({reason})"
        return FetchError(url, problem, "check the address and the connection", again=True)
    return FetchError(url, f"breaks off while it is sent ({error})", "try again later", again=True)
