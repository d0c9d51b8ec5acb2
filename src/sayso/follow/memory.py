"""What is remembered between rounds: of each feed its validators, of each article whether it was read.

A SQLite file beside the ledger, and no part of it: nothing in it is a record. Where it is lost, every feed is asked and
every article read once more, and the ledger, which takes the same text only once, stays as it was.

- ``feed``: what a server said of it (ETag, Last-Modified, when to come again), and how it went.
- ``entry``: which entries stand in which feed, with the digest that tells whether one has changed.
- ``article``: one row for each article, however many feeds name it: waiting to be read, kept, or refused for good.
- ``host``: until when a server asked to be left alone.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sayso.errors import OutputError
from sayso.intake.feed import Entry

if TYPE_CHECKING:
    from sayso.ledger import Ledger

MAX_TRIES = 5
"""Rounds in which an article is tried before it is given up."""
FORGET_AFTER = 60 * 86_400.0
"""Seconds after which an entry that no longer stands in its feed is forgotten."""

_APPLICATION_ID = 0x53617946  # "SayF"
_VERSION = 1
_TABLES = """
CREATE TABLE feed (
    url TEXT PRIMARY KEY, title TEXT, etag TEXT, modified TEXT, asked_at REAL, noted_at REAL, changed_at REAL,
    failures INTEGER NOT NULL DEFAULT 0, not_before REAL NOT NULL DEFAULT 0, problem TEXT
);
CREATE TABLE entry (
    feed TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, seen_at REAL NOT NULL, PRIMARY KEY (feed, key)
) WITHOUT ROWID;
CREATE TABLE article (
    key TEXT PRIMARY KEY, feed TEXT NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
    etag TEXT, modified TEXT, read_at REAL, seen_at REAL NOT NULL, problem TEXT, entry TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX article_state ON article (state, feed);
CREATE TABLE host (name TEXT PRIMARY KEY, free_at REAL NOT NULL);
"""

State = Literal["waiting", "kept", "refused"]


@dataclass(slots=True)
class FeedState:
    """A feed as it was last; times are Unix times in seconds.

    ``noted_at`` is when its entries were last known to stand in it, ``changed_at`` when there was last something new,
    ``not_before`` when it may be asked again.
    """

    url: str
    title: str | None = None
    etag: str | None = None
    modified: str | None = None
    asked_at: float | None = None
    noted_at: float | None = None
    changed_at: float | None = None
    failures: int = 0
    not_before: float = 0.0
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """An article that waits to be read; ``etag`` and ``modified`` are those of the page when it was read before."""

    feed: str
    entry: Entry
    tries: int = 0
    etag: str | None = None
    modified: str | None = None


def beside(ledger: Ledger) -> Path:
    """Where the memory of a ledger is: beside its file, else in the platform's folder for a user's state."""
    path = ledger.database.path
    if path is not None:
        return path.with_name(f"{path.name}.follow")
    from platformdirs import user_state_path

    digest = hashlib.sha256(ledger.database.label.encode()).hexdigest()[:12]
    return user_state_path("sayso", appauthor=False) / f"{digest}.follow"


class Memory:
    """What is remembered, in the SQLite file ``path``; made where it is not there. Raises OutputError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._told():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=30.0, isolation_level=None)
            self._db.row_factory = sqlite3.Row
            with self._writing():
                (version,) = self._db.execute("PRAGMA user_version").fetchone()
                (made_by,) = self._db.execute("PRAGMA application_id").fetchone()
                if not version and not made_by and not self._db.execute("SELECT 1 FROM sqlite_master").fetchone():
                    for statement in _TABLES.split(";"):
                        self._db.execute(statement)
                    self._db.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
                    self._db.execute(f"PRAGMA user_version = {_VERSION}")
                elif (made_by, version) != (_APPLICATION_ID, _VERSION):
                    raise OutputError(str(path), "is not what follow remembers by", "name another with --state")

    def __enter__(self) -> Memory:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    # Feeds and hosts

    def feed(self, url: str) -> FeedState:
        """What is known of a feed."""
        with self._told():
            row = self._db.execute("SELECT * FROM feed WHERE url = ?", (url,)).fetchone()
        return FeedState(**dict(row)) if row else FeedState(url)

    def feeds(self) -> list[FeedState]:
        """All feeds that were asked, by their addresses."""
        with self._told():
            return [FeedState(**dict(row)) for row in self._db.execute("SELECT * FROM feed ORDER BY url")]

    def keep_feed(self, state: FeedState) -> None:
        """Remember how it went with a feed."""
        names = [field.name for field in fields(FeedState)]
        values = [getattr(state, name) for name in names]
        self._write(
            f"INSERT OR REPLACE INTO feed ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", [values]
        )

    def hosts(self, now: float) -> dict[str, float]:
        """The servers that asked to be left alone until a time after ``now``."""
        with self._told():
            rows = self._db.execute("SELECT name, free_at FROM host WHERE free_at > ?", (now,))
            return {row["name"]: row["free_at"] for row in rows}

    def keep_hosts(self, free_at: dict[str, float]) -> None:
        """Remember until when servers are to be left alone."""
        self._write("INSERT OR REPLACE INTO host VALUES (?, ?)", list(free_at.items()))

    # Articles

    def note(self, feed: str, entries: Iterable[Entry], now: float) -> tuple[int, int]:
        """Let wait what is new in a feed and what has changed since it was read: gives how many of each."""
        new = changed = 0
        with self._told(), self._writing():
            for entry in entries:
                before = self._db.execute(
                    "SELECT digest FROM entry WHERE feed = ? AND key = ?", (feed, entry.key)
                ).fetchone()
                article = self._db.execute("SELECT state FROM article WHERE key = ?", (entry.key,)).fetchone()
                self._db.execute(
                    "INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?)", (feed, entry.key, entry.digest, now)
                )
                self._db.execute("UPDATE article SET seen_at = ? WHERE key = ?", (now, entry.key))
                said = json.dumps(entry.to_json())
                if article is None:
                    self._db.execute(
                        "INSERT INTO article (key, feed, state, seen_at, entry) VALUES (?, ?, 'waiting', ?, ?)",
                        (entry.key, feed, now, said),
                    )
                    new += 1
                    continue
                if before is not None and before["digest"] != entry.digest:
                    self._db.execute(
                        "UPDATE article SET state = 'waiting', tries = 0, feed = ?, entry = ? WHERE key = ?",
                        (feed, said, entry.key),
                    )
                    changed += article["state"] != "waiting"
        return new, changed

    def note_same(self, feed: str, then: float | None, now: float) -> None:
        """What stood in a feed ``then`` still does."""
        with self._told(), self._writing():
            rows = self._db.execute("SELECT key FROM entry WHERE feed = ? AND seen_at = ?", (feed, then)).fetchall()
            self._db.executemany("UPDATE article SET seen_at = ? WHERE key = ?", [(now, row["key"]) for row in rows])
            self._db.execute("UPDATE entry SET seen_at = ? WHERE feed = ? AND seen_at = ?", (now, feed, then))

    def look_again(self, feed: str, now: float, *, since: float) -> None:
        """Let wait what was read before ``since`` and stood in the feed when it was asked, at the time ``now``."""
        self._write(
            "UPDATE article SET state = 'waiting', tries = 0, feed = :feed WHERE state = 'kept' AND read_at <= :since"
            " AND key IN (SELECT key FROM entry WHERE feed = :feed AND seen_at = :now)",
            [{"feed": feed, "now": now, "since": since}],
        )

    def waiting(self, feeds: Sequence[str]) -> list[Article]:
        """The articles of these feeds that wait to be read, the oldest first and those without a day last."""
        found = []
        with self._told():
            for feed in feeds:
                for row in self._db.execute("SELECT * FROM article WHERE state = 'waiting' AND feed = ?", (feed,)):
                    entry = Entry(**json.loads(row["entry"]))
                    found.append(Article(feed, entry, row["tries"], row["etag"], row["modified"]))
        return sorted(found, key=lambda a: (a.entry.published is None, a.entry.published or "", a.entry.key))

    def kept(self, entry: Entry, now: float, *, etag: str | None, modified: str | None) -> None:
        """An article was read and kept, or has not changed since; the text that its entry has is not needed further."""
        said = json.dumps(replace(entry, content="").to_json())
        self._write(
            "UPDATE article SET state = 'kept', tries = 0, problem = NULL, entry = ?, read_at = ?, etag = ?,"
            " modified = ? WHERE key = ?",
            [(said, now, etag, modified, entry.key)],
        )

    def failed(self, article: Article, problem: str, *, again: bool) -> State:
        """An article could not be read: it waits for the next round, or is refused for good, which is given back."""
        tries = article.tries + 1
        state: State = "waiting" if again and tries < MAX_TRIES else "refused"
        self._write(
            "UPDATE article SET state = ?, tries = ?, problem = ? WHERE key = ?",
            [(state, tries, problem, article.entry.key)],
        )
        return state

    def tally(self) -> dict[str, dict[str, int]]:
        """How many articles of each feed are in each state."""
        counts: dict[str, dict[str, int]] = {}
        with self._told():
            for row in self._db.execute("SELECT feed, state, count(*) AS n FROM article GROUP BY feed, state"):
                counts.setdefault(row["feed"], {})[row["state"]] = row["n"]
        return counts

    def forget(self, now: float) -> None:
        """Drop what has not stood in any feed for 60 days, so that the file stays small."""
        before = (now - FORGET_AFTER,)
        self._write("DELETE FROM entry WHERE seen_at < ?", [before])
        self._write("DELETE FROM article WHERE seen_at < ?", [before])
        self._write("DELETE FROM host WHERE free_at < ?", [(now,)])

    # The file

    def _write(self, statement: str, rows: Sequence[Sequence[Any] | dict[str, Any]]) -> None:
        with self._told(), self._writing():
            self._db.executemany(statement, rows)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            remedy = "make room or free it, or name another with --state"
            if "malformed" in str(error) or "not a database" in str(error):
                remedy = "delete it: everything is asked for once more, and the ledger stays as it is"
            raise OutputError(str(self.path), f"cannot be used ({error})", remedy) from error
        except OSError as error:
            raise OutputError(
                str(self.path), f"cannot be used ({error.strerror})", "name another with --state"
            ) from error
