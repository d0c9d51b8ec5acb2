"""Addresses, against a server on this machine."""

import gzip
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sayso import __version__
from sayso.errors import FetchError, InputError
from sayso.intake import open_input
from sayso.intake import url as url_module
from sayso.intake.url import fetch
from sayso.posts import Thread

TEXT = "The bridge will open in May, the mayor’s office said on Tuesday, and the ferry will go on through the summer."
PAGE = f"<!DOCTYPE html><html><head><title>A Bridge by May</title></head><body><h1>A Bridge by May</h1><p>{TEXT}</p></body></html>"


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path, _, rest = self.path[1:].partition("/")
        getattr(self, f"at_{path}", self.at_missing)(rest)

    def answer(self, data: bytes, kind: str = "text/html", status: int = 200, **headers: str) -> None:
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        try:
            self.wfile.write(data)
        except OSError:
            self.close_connection = True

    def at_missing(self, rest: str) -> None:
        self.answer(b"gone", status=404)

    def at_status(self, rest: str) -> None:
        self.answer(b"no", status=int(rest))

    def at_page(self, rest: str) -> None:
        self.answer(PAGE.encode("cp1252"), "text/html; charset=windows-1252")

    def at_text(self, rest: str) -> None:
        self.answer(TEXT.encode(), "text/plain; charset=utf-8")

    def at_lines(self, rest: str) -> None:
        self.answer(b'{"id": "a", "text": "Yes."}\n{"id": "b", "text": "No."}\n', "application/json")

    def at_untyped(self, rest: str) -> None:
        self.answer(PAGE.encode(), "")

    def at_image(self, rest: str) -> None:
        self.answer(b"\x89PNG", "image/png")

    def at_hop(self, rest: str) -> None:
        left = int(rest)
        self.answer(b"", status=302, Location=f"/hop/{left - 1}" if left else "/page")

    def at_ftp(self, rest: str) -> None:
        self.answer(b"", status=302, Location="ftp://127.0.0.1/x")

    def at_large(self, rest: str) -> None:
        if rest == "said":
            self.answer(b"x", Content_Length="99999999")
        elif rest == "packed":
            self.answer(gzip.compress(b"x" * 30_000_000), Content_Encoding="gzip")
        else:
            self.answer(b"x" * 10_500_000)

    def at_slow(self, rest: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        try:
            for _ in range(40):
                self.wfile.write(b"<p>")
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            self.close_connection = True

    def at_silent(self, rest: str) -> None:
        time.sleep(1)

    def at_cut(self, rest: str) -> None:
        self.answer(b"<p>half", Content_Length="1000")
        self.close_connection = True

    def at_tagged(self, rest: str) -> None:
        same = self.headers.get("If-None-Match") == '"v1"'
        headers = {"ETag": '"v1"', "Last_Modified": "Mon, 09 Mar 2026 08:00:00 GMT"}
        self.answer(b"" if same else PAGE.encode(), "text/html; charset=utf-8", 304 if same else 200, **headers)

    def at_moved(self, rest: str) -> None:
        self.answer(b"", status=301, Location="/page")

    def at_busy(self, rest: str) -> None:
        self.answer(b"", status=429, Retry_After=rest.replace("%20", " "))

    def at_feed(self, rest: str) -> None:
        self.answer(self.headers["User-Agent"].encode(), "application/rss+xml")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_page_by_its_address(site: str) -> None:
    (thread,) = open_input(f"{site}/page")
    assert isinstance(thread, Thread)
    assert (thread.id, thread.url, thread.title) == (f"{site}/page", f"{site}/page", "A Bridge by May")
    assert TEXT in thread.article.text


def test_five_redirects_are_followed_and_the_last_address_kept(site: str) -> None:
    (thread,) = open_input(f"{site}/hop/4")
    assert isinstance(thread, Thread)
    assert (thread.id, thread.url) == (f"{site}/hop/4", f"{site}/page")


def test_text_json_lines_and_untyped_answers(site: str) -> None:
    (text,) = open_input(f"{site}/text")
    assert isinstance(text, Thread)
    assert (text.article.text, text.url) == (TEXT, f"{site}/text")
    assert [item.id for item in open_input(f"{site}/lines") if isinstance(item, Thread)] == ["a", "b"]
    (page,) = open_input(f"{site}/untyped")
    assert isinstance(page, Thread)
    assert page.title == "A Bridge by May"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("nothing", "404"),
        ("status/403", "refused by the site"),
        ("status/401", "login"),
        ("status/429", "too many requests"),
        ("status/503", "status 503"),
        ("image", "type image/png"),
        ("hop/5", "redirected more than 5 times"),
        ("ftp", "no address that can be fetched"),
        ("large/said", "larger than 10 MB"),
        ("large/sent", "larger than 10 MB"),
        ("large/packed", "larger than 10 MB"),
        ("cut", "breaks off"),
    ],
)
def test_what_cannot_be_fetched(site: str, path: str, words: str) -> None:
    (error,) = open_input(f"{site}/{path}")
    assert isinstance(error, FetchError)
    assert words in error.problem
    assert error.input == f"{site}/{path}"
    assert error.remedy


def test_silence_and_slowness(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(url_module, "READ_SECONDS", 0.2)
        with pytest.raises(FetchError, match="does not answer in time"):
            fetch(f"{site}/silent")
    with pytest.raises(FetchError, match="too slowly"):
        fetch(f"{site}/slow", total_seconds=0.3)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:9/", "cannot be connected to"),
        ("http://no-such-host.invalid/", "name is not known"),
        ("http://", "no address"),
        ("http://[::bad/", "no address"),
    ],
)
def test_addresses_that_lead_nowhere(url: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    (error,) = open_input(url)
    assert isinstance(error, InputError)
    assert words in error.problem


def test_a_server_without_a_certificate(site: str) -> None:
    with pytest.raises(FetchError, match="certificate"):
        fetch(site.replace("http:", "https:"))


def test_asking_only_for_what_has_changed(site: str) -> None:
    first = fetch(f"{site}/tagged")
    assert (first.etag, first.modified, first.unchanged) == ('"v1"', "Mon, 09 Mar 2026 08:00:00 GMT", False)
    again = fetch(f"{site}/tagged", etag=first.etag, modified=first.modified)
    assert (again.data, again.unchanged, again.etag) == (b"", True, '"v1"')
    assert fetch(f"{site}/tagged", etag='"v0"').data == PAGE.encode()


def test_where_a_page_has_moved_for_good(site: str) -> None:
    assert fetch(f"{site}/moved").moved == f"{site}/page"
    assert fetch(f"{site}/hop/1").moved is None


@pytest.mark.parametrize(
    ("path", "again", "pause"), [("busy/120", True, 120.0), ("busy/soon", True, None), ("nothing", False, None)]
)
def test_when_a_server_wants_to_be_asked_again(site: str, path: str, again: bool, pause: float | None) -> None:
    with pytest.raises(FetchError) as caught:
        fetch(f"{site}/{path}")
    assert (caught.value.again, caught.value.pause) == (again, pause)
    with pytest.raises(FetchError) as caught:
        fetch(f"{site}/busy/Sat,%2001%20Jan%202000%2000:00:00%20GMT")
    assert caught.value.pause == 0.0


def test_a_feed_is_no_page_but_may_be_asked_for(site: str) -> None:
    with pytest.raises(FetchError, match="type application/rss"):
        fetch(f"{site}/feed")
    assert (
        fetch(f"{site}/feed", want="feed", contact="desk@example.org").data
        == f"Sayso/{__version__} (desk@example.org)".encode()
    )
