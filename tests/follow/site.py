"""A site on this machine, with pages and feeds that can be changed, which notes what it was asked."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WORDS = (
    "The ferry will stop in March, the harbour master Ilse Brandt said on Tuesday, and the bridge will carry it all.",
    "“We have counted the lorries twice,” she told the council. Her deputy believes that the toll will double by 2027.",
    "The chamber of commerce of Lower Velenia warned that its members would leave the quay if nothing was done.",
)


@dataclass
class Answer:
    """What lies at a path; with ``validators`` it has an ETag, and a conditional request is answered as such."""

    body: str | bytes = b""
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    validators: bool = True


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    status: int


class Site:
    """``site["/path"] = Answer(…)``, or a list: for the first request, the second …, the last for all others."""

    def __init__(self, port: int) -> None:
        self.port, self.host = port, f"127.0.0.1:{port}"
        self.answers: dict[str, list[Answer]] = {}
        self.requests: list[Request] = []
        self.lock = threading.Lock()
        self.before: Callable[[str], None] = lambda path: None

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def __setitem__(self, path: str, answers: Answer | list[Answer]) -> None:
        self.answers[path] = list(answers) if isinstance(answers, list) else [answers]

    def asked(self, path: str | None = None) -> list[str]:
        """The paths that were asked for, without robots.txt; or the statuses of one of them."""
        if path is not None:
            return [str(each.status) for each in self.requests if each.path == path]
        return [each.path for each in self.requests if each.path != "/robots.txt"]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = handler.path
        self.before(path)
        with self.lock:
            waiting = self.answers.get(path) or [Answer("gone", status=404)]
            answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        body = answer.body.encode() if isinstance(answer.body, str) else answer.body
        etag = f'"{hashlib.md5(body).hexdigest()}"'
        headers = {"Content-Type": answer.kind, **answer.headers}
        status = answer.status
        if status == 200 and answer.validators:
            headers |= {"ETag": etag, "Last-Modified": "Mon, 09 Mar 2026 08:00:00 GMT"}
            if handler.headers.get("If-None-Match") == etag:
                status, body = 304, b""
        self.requests.append(Request(path, {k.lower(): v for k, v in handler.headers.items()}, status))
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        with contextlib.suppress(OSError):  # who asked may have gone
            handler.end_headers()
            handler.wfile.write(body)


@contextmanager
def serving() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.answer(self)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = Site(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def page(title: str, *paragraphs: str, comments: str = "") -> Answer:
    """A page with an article on it."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs or WORDS)
    html = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article>"
    return Answer(f"{html}{comments}</body></html>")


def item(title: str | None, link: str | None = None, *, date: str | None = None, body: str = "", more: str = "") -> str:
    """An item of an RSS feed; ``date`` is RFC 822, ``body`` HTML."""
    made = "<item>"
    made += f"<title>{title}</title>" if title else ""
    made += f"<link>{link}</link>" if link else ""
    made += f"<pubDate>{date}</pubDate>" if date else ""
    made += f"<description><![CDATA[{body}]]></description>" if body else ""
    return f"{made}{more}</item>"


def rss(*items: str, title: str = "The Quay Gazette") -> Answer:
    """A feed of RSS 2.0."""
    head = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{title}</title>'
    return Answer(head + "".join(items) + "</channel></rss>", "application/rss+xml; charset=utf-8")
