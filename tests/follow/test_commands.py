"""`sayso follow`, as a user types it, with the model."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from sayso.cli import run
from sayso.follow.commands import span, subscriptions
from sayso.follow.memory import Memory

from .site import Site, item, page, rss

HERE = ("--fetch-from", "127.0.0.1")
Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs a command line on a ledger of its own: (status, what it printed, what it said on stderr)."""
    monkeypatch.setenv("SAYSO_LEDGER", str(tmp_path / "ledger.sqlite"))
    monkeypatch.setenv("COLUMNS", "160")

    def typed(*words: str) -> tuple[int, str, str]:
        status = run(list(words))
        return status, *capsys.readouterr()

    return typed


@pytest.fixture
def listed(site: Site, tmp_path: Path) -> str:
    """An OPML list of two feeds, one in a folder, of which the second is not there."""
    site["/feed"], site["/ferry"] = rss(item("The Ferry Stops", "/ferry")), page("The Ferry Stops")
    path = tmp_path / "feeds.opml"
    path.write_text(
        '<opml version="2.0"><body><outline text="Harbour">'
        f'<outline text="Quay" xmlUrl="{site.url("/feed")}"/></outline>'
        f'<outline text="Lost" type="rss" xmlUrl="{site.url("/lost")}"/></body></opml>'
    )
    return str(path)


def test_a_list_of_feeds_is_read_into_the_ledger(say: Say, listed: str, site: Site) -> None:
    status, printed, said = say("follow", listed, *HERE, "--once", "--delay", "0")
    assert status == 1
    quay, lost = (json.loads(line) for line in printed.splitlines())
    assert (quay["title"], quay["outcome"], quay["new"], quay["kept"]) == ("Quay", "news", 1, 1)
    assert quay["claims"] > 0
    assert (lost["feed"], lost["outcome"]) == ("Lost", "failed")
    assert f"sayso: {site.url('/lost')}: is not there (404); check the address\n" in said
    assert f"2 feeds, 1 failed: kept {quay['claims']} new claims of 1 article" in said
    assert len(say("claims")[1].splitlines()) == quay["claims"]
    site["/lost"] = rss()
    status, printed, said = say("follow", listed, *HERE, "--once", "--delay", "0")
    assert (status, printed) == (0, "")
    assert "kept 0 new claims of 0 articles" in said


def test_what_is_known_of_the_feeds(say: Say, listed: str, site: Site) -> None:
    say("follow", listed, *HERE, "--once", "--delay", "0")
    asked = len(site.requests)
    status, printed, _ = say("follow", listed, *HERE, "--status", "--format", "table")
    assert status == 0
    head, quay, lost = printed.splitlines()
    assert head.split() == ["feed", "asked", "news", "kept", "waiting", "refused", "problem"]
    assert quay.split()[0] == "Quay"
    assert quay.split()[-4:] == ["1", "0", "0", "–"]
    assert lost.rstrip().endswith("is not there (404)")
    assert len(site.requests) == asked


def test_a_feed_on_a_private_network_has_to_be_allowed(say: Say, listed: str, site: Site) -> None:
    status, _, said = say("follow", site.url("/feed"), "--once", "--delay", "0")
    assert (status, site.requests) == (1, [])
    url = site.url("/feed")
    told = f"sayso: {url}: leads to an address that is not public; if that is a network of yours, allow it with "
    assert told + "--fetch-from 127.0.0.1\n" in said
    assert say("follow", site.url("/feed"), "--once", "--delay", "0", "--fetch-from", "127.0.0.0/8")[0] == 0
    status, _, said = say("follow", site.url("/feed"), "--once", "--fetch-from", "intranet")
    assert (status, "intranet: is no network; write it as 10.1.0.0/16" in said) == (1, True)


def test_the_table_of_a_round(say: Say, listed: str) -> None:
    _, printed, _ = say("follow", listed, *HERE, "--once", "--delay", "0", "--format", "table")
    assert printed.splitlines()[0].split() == "feed outcome entries new changed kept claims failed problem".split()


def test_forecasts_only(say: Say, listed: str) -> None:
    _, printed, _ = say(
        "follow", listed, *HERE, "--once", "--delay", "0", "--only", "forecasts", "--min-confidence", "0.1"
    )
    kept = [json.loads(line)["kind"] for line in say("claims")[1].splitlines()]
    assert set(kept) <= {"prediction", "pledge"}
    assert json.loads(printed.splitlines()[0])["claims"] == len(kept)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<opml><body></opml>", "no sound XML"),
        ("<rss version='2.0'/>", "is no OPML but <rss>"),
        ("<opml version='2.0'><body/></opml>", "names no feed"),
        ("<opml><body><outline xmlUrl='ftp://x/f'/></body></opml>", "no http(s) address"),
        (
            "<!DOCTYPE o [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><opml><body><outline xmlUrl='&e;'/></body></opml>",
            "external entity",
        ),
    ],
)
def test_lists_that_are_none(say: Say, tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "feeds.opml"
    path.write_text(text)
    status, _, said = say("follow", str(path), "--once")
    assert status == 1
    assert said.startswith(f"sayso: {path}: ")
    assert words in said
    assert len(said.splitlines()) == 1


def test_wrong_usage(say: Say, tmp_path: Path) -> None:
    assert say("follow", "https://example.org/feed", "--every", "soon")[0] == 2
    assert say("follow", "https://example.org/feed", "--every", "5s")[0] == 2
    status, _, said = say("follow", str(tmp_path / "none.opml"), "--once")
    assert (status, "No such file" in said) == (1, True)
    (tmp_path / "other").write_text("not ours")
    status, _, said = say("follow", "https://example.org/feed", "--once", "--state", str(tmp_path / "other"))
    assert (status, "delete it" in said) == (1, True)


def test_spans() -> None:
    assert [span(text, "--every") for text in ("90s", "30m", "6H", " 1d")] == [90, 1800, 21_600, 86_400]
    for text in ("30", "m", "-3m", "1.5h", "1w"):
        with pytest.raises(click.BadParameter, match="30m, 6h or 1d"):
            span(text, "--every")


def test_a_feed_named_twice_is_one(listed: str, site: Site) -> None:
    feeds = subscriptions([site.url("/feed"), listed, site.url("/feed")])
    assert [each.url for each in feeds] == [site.url("/feed"), site.url("/lost")]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_it_stops_when_it_is_told(site: Site, listed: str, tmp_path: Path, number: int, status: int) -> None:
    """In the middle of a round: what was fetched is kept, and what was not is read the next time."""
    reached, release = threading.Event(), threading.Event()
    items = [item(f"Number {n}", f"/{n}", date=f"Mon, 09 Mar 2026 08:{n:02}:00 GMT") for n in range(6)]
    site["/feed"], site["/lost"] = rss(*items), rss()
    for n in range(6):
        site[f"/{n}"] = page(f"Number {n}")

    def hold(path: str) -> None:
        if path == "/3":
            reached.set()
            release.wait(30)

    site.before = hold
    ledger = tmp_path / "stopped.sqlite"
    words = ["follow", listed, *HERE, "--delay", "0", "--ledger", str(ledger)]
    command = [sys.executable, "-m", "sayso.cli", *words]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ)
    try:
        assert reached.wait(60)
        started.send_signal(number)
        _, said = started.communicate(timeout=60)
    finally:
        release.set()
        started.kill()
    assert started.returncode == status
    assert "Traceback" not in said
    assert "stopping after what is in hand" in said
    assert "of 3 articles" in said
    with Memory(ledger.with_name("stopped.sqlite.follow")) as memory:
        assert memory.tally() == {site.url("/feed"): {"kept": 3, "waiting": 3}}
    site.before = lambda path: None
    assert run([*words, "--once"]) == 0
    assert [site.asked(f"/{n}") for n in range(3)] == [["200"]] * 3
