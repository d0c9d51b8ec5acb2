"""Fetch a page: redirects, times, sizes and types are bounded, and every way to fail has its own words."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    """An answer: its bytes, the address after redirects, and what the server says of it."""

    data: bytes
    url: str
    content_type: str
    charset: str | None


def is_url(name: str) -> bool:
    """Whether an input is an address rather than a path."""
    return name[:8].lower().startswith(("http://", "https://"))


def fetch(url: str, *, total_seconds: float = TOTAL_SECONDS, transport: httpx.BaseTransport | None = None) -> Fetched:
    """Get ``url``; by ``transport`` where one is given, and then through no proxy that the environment names.

    Raises FetchError for an address that is none, a name that no server has, a refused or broken connection, a
    certificate that does not fit, more than 5 redirects, 10 s to connect, 20 s of silence or ``total_seconds`` in
    all, a status that is no success, a type that is neither page nor text nor JSON, and more than 10 MB.
    """
    import httpx

    from sayso import __version__

    timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
    headers = {
        "User-Agent": f"Sayso/{__version__}",
        "Accept": "text/html,application/xhtml+xml,text/plain;q=0.9,*/*;q=0.5",
    }
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
            content_type = _checked_type(answer, url)
            data = _body(answer, url, started + total_seconds)
            return Fetched(data, str(answer.url), content_type, answer.charset_encoding)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise _explain(url, error) from error


def _checked_type(answer: httpx.Response, url: str) -> str:
    status = answer.status_code
    if status >= 300 or status < 200:
        problem, remedy = _STATUS.get(status, (f"is answered with status {status}", "try again later"))
        raise FetchError(url, problem, remedy)
    content_type: str = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type and content_type not in HTML_TYPES | JSON_TYPES | TEXT_TYPES:
        raise FetchError(url, f"is of the type {content_type}, not a page or a text", "give the address of a page")
    length = answer.headers.get("content-length", "")
    if length.isdigit() and int(length) > MAX_BYTES:
        raise _too_large(url)
    return content_type


def _body(answer: httpx.Response, url: str, deadline: float) -> bytes:
    data = bytearray()
    for chunk in answer.iter_bytes(65_536):
        data += chunk
        if len(data) > MAX_BYTES:
            raise _too_large(url)
        if time.monotonic() > deadline:
            raise FetchError(url, "is sent too slowly", "try again later, or save the page in a browser")
    return bytes(data)


def _too_large(url: str) -> FetchError:
    return FetchError(url, f"is larger than {MAX_BYTES // 1_000_000} MB", "save the text of the article as a file")


def _explain(url: str, error: Exception) -> FetchError:
    """What went wrong, in the words of somebody who reads an address bar."""
    import httpx

    words = f"{error} {error.__cause__ or ''}".lower()
    if isinstance(error, httpx.TimeoutException):
        return FetchError(url, "does not answer in time", "try again later")
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
        return FetchError(url, "is on a server whose name is not known (DNS)", "check the address and the connection")
    if isinstance(error, httpx.ConnectError):
        return FetchError(url, f"cannot be connected to ({error})", "check the address and the connection")
    return FetchError(url, f"breaks off while it is sent ({error})", "try again later")
