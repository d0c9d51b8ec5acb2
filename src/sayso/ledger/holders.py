"""From the holders that a document names to the rows of ``name``: found where known, made where new."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

import sqlalchemy as sa

from sayso.ledger import names
from sayso.ledger.database import next_id
from sayso.ledger.rows import insert
from sayso.ledger.schema import name as name_table
from sayso.ledger.schema import person as person_table
from sayso.posts import Claim, Thread

CHUNK = 500
"""Values in one IN (…): SQLite takes 32,766 and PostgreSQL 65,535, and both plan long lists slowly."""

Wanted = tuple[str, str, str]
"""A name as the document gives it, the scope of its thread, that of its site."""


def chunks(values: Iterable[str | int]) -> Iterable[list[str | int]]:
    """The values without repetition, in lists of at most ``CHUNK``, in order."""
    ordered = sorted(set(values))
    return (ordered[at : at + CHUNK] for at in range(0, len(ordered), CHUNK))


def site_of(thread: Thread) -> str | None:
    """The name of the site, else the host of the address."""
    if thread.site:
        return thread.site
    try:
        host = urlsplit(thread.url).hostname if thread.url else None
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None


def scopes(thread: Thread) -> tuple[str, str]:
    """The scopes of names that hold in one thread and on its site; without a site, the thread is all there is."""
    inside = names.thread_scope(thread.id)
    site = site_of(thread)
    return inside, names.site_scope(site) if site else inside


def _signs(claim: Claim, name: str) -> bool:
    """Whether the name is how the writer of a comment signs."""
    return claim.post.kind == "comment" and (claim.voice == "own" or name == claim.post.author)


class Holders:
    """The names of a batch of claims, found, or made with ``write``, in a writer's transaction.

    With ``known_people`` a name is whom it says, whatever it looks like.
    """

    def __init__(self, connection: sa.Connection, now: str, *, known_people: bool = False) -> None:
        self._connection, self._now, self._everywhere = connection, now, known_people
        self._known: dict[tuple[str, str], int] = {}
        self._shared: set[str] = set()
        self._people: list[dict[str, object]] = []
        self._names: list[dict[str, object]] = []
        self._next_person = next_id(connection, person_table)
        self._next_name = next_id(connection, name_table)

    def load(self, claims: Iterable[Claim]) -> None:
        """Find all that is known of the holders of ``claims`` with few queries."""
        folded = {names.fold(holder.name) for claim in claims for holder in claim.chain}
        table = name_table.c
        for some in chunks(folded):
            rows = self._connection.execute(
                sa.select(table.folded, table.scope, table.id).where(table.folded.in_(some))
            )
            self._known.update({(row.folded, row.scope): row.id for row in rows})
            bearers = (
                sa.select(table.last)
                .where(table.last.in_(some), table.scope == names.EVERYWHERE)
                .group_by(table.last)
                .having(sa.func.count(table.person_id.distinct()) > 1)
            )
            self._shared.update(row.last for row in self._connection.execute(bearers))

    def number(self, claim: Claim, place: int) -> int:
        """The row of the holder at ``place`` of the claim's chain."""
        name = claim.chain[place].name
        folded = names.fold(name)
        inside, on_site = scopes(claim.thread)
        own = self._scope(claim, name, folded, inside, on_site)
        # A split may have made a name mean somebody else in one thread or on one site.
        for scope in dict.fromkeys((inside, on_site, own)):
            if (found := self._known.get((folded, scope))) is not None:
                return found
        return self._make(name, folded, own)

    def _scope(self, claim: Claim, name: str, folded: str, inside: str, on_site: str) -> str:
        if self._everywhere:
            return names.EVERYWHERE
        if names.is_description(name):
            return inside
        if _signs(claim, name):
            return on_site
        if folded in self._shared and names.is_surname_alone(name):
            return inside
        return names.EVERYWHERE

    def _make(self, name: str, folded: str, scope: str) -> int:
        person_id, name_id = self._next_person, self._next_name
        self._next_person, self._next_name = person_id + 1, name_id + 1
        self._people.append({"id": person_id, "name": name, "kept_at": self._now})
        self._names.append(
            {
                "id": name_id,
                "name": name,
                "folded": folded,
                "last": names.last_word(name),
                "scope": scope,
                "person_id": person_id,
            }
        )
        self._known[folded, scope] = name_id
        return name_id

    def write(self) -> None:
        """Write the rows of those that are new."""
        insert(self._connection, person_table, self._people)
        insert(self._connection, name_table, self._names)
        self._people, self._names = [], []
