"""A real server on a real ledger, and Chromium to look at it.

Skipped where Playwright or Chromium is missing. ``SAYSO_SCREENSHOTS`` names a folder for the pictures of all pages.
"""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sayso.ledger import Ledger

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
uvicorn = pytest.importorskip("uvicorn", reason="the extra web is not installed")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-gpu",
]  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Server:
    """The application on a port of its own, in a thread."""

    def __init__(self, ledger: Path, *, readers: bool = False, **settings: Any) -> None:
        from sayso.web.app import create_app
        from sayso.web.settings import Settings

        self.settings = Settings(ledger=f"sqlite:///{ledger}", **settings)
        self.ledger = Ledger(self.settings.ledger)
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        config = uvicorn.Config(create_app(self.settings, ledger=self.ledger), log_level="error", ws="none")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]}, daemon=True)
        self.readers: Any = None
        if readers:
            from sayso.web.readers import Readers

            self.readers = Readers(self.settings, self.ledger)

    def __enter__(self) -> Server:
        if self.readers is not None:
            self.readers.__enter__()
        self.thread.start()
        while not self.server.started:
            assert self.thread.is_alive()
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(20)
        if self.readers is not None:
            self.readers.__exit__(None, None, None)
        self.ledger.close()
        self.socket.close()


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a filled ledger; copied by whoever writes."""
    from .sample import fill

    path = tmp_path_factory.mktemp("ledger") / "filled.sqlite"
    with Ledger(f"sqlite:///{path}") as ledger:
        fill(ledger)
    return path


@pytest.fixture
def serve(filled: Path, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts a server: on a copy of the filled ledger, or with ``empty`` on an empty one."""
    running: list[Server] = []

    def start(*, empty: bool = False, readers: bool = False, **settings: Any) -> Server:
        path = tmp_path / f"ledger{len(running)}.sqlite"
        if not empty:
            shutil.copy(filled, path)
        running.append(Server(path, readers=readers, **settings).__enter__())
        return running[-1]

    yield start
    for each in running:
        each.__exit__()


@pytest.fixture(scope="session")
def shared(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for tests that change nothing."""
    path = tmp_path_factory.mktemp("shared") / "ledger.sqlite"
    shutil.copy(filled, path)
    with Server(path) as server:
        yield server


@dataclass
class Watch:
    """What a browser must never do: ask another host, or write an error to its console."""

    origin: str
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def over(self, page: Any) -> None:
        page.on("request", self._request)
        page.on("console", lambda m: self.errors.append(f"{m.text} ({page.url})") if m.type == "error" else None)
        page.on("pageerror", lambda e: self.errors.append(f"{e} ({page.url})"))

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.foreign.append(request.url)


@pytest.fixture
def browse(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Opens a page of a server: ``browse(server, "/claims", javascript=False)``; watched until the test ends."""
    contexts: list[Any] = []
    watches: list[Watch] = []

    def open_page(
        server: Server, path: str = "/", *, javascript: bool = True, width: int = 1280, **options: Any
    ) -> Any:
        context = chromium.new_context(
            base_url=server.url, viewport={"width": width, "height": 900}, java_script_enabled=javascript, **options
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        watches.append(Watch(server.url))
        watches[-1].over(page)
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [each for watch in watches for each in watch.foreign] == []
    # A page that is told to be missing is an error to the console as well; those tests look at it themselves.
    assert [each for watch in watches for each in watch.errors if "status of 4" not in each] == []
