"""From what a user names to shards: one for each WARC and JSON Lines file, one for each few hundred pages."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from sayso.archive.files import fingerprint, form_of, found
from sayso.archive.tasks import Options, Shard, digest_of
from sayso.errors import InputError

DEFAULT = Options()
PAGES = 500
"""Pages of a folder that make a shard, on average; never more than four times as many."""


def shards_of(names: Iterable[str], options: Options = DEFAULT) -> list[Shard]:
    """The shards that inputs stand for, each file in one of them, in the order of their names.

    Raises InputError for a name that stands for nothing, and for a file that is named and is nothing that can be read.
    """
    files: dict[str, None] = {}
    for name in names:
        for file in found(name):
            if form_of(file) is None:
                remedy = "give .warc, .jsonl or .html files (also .gz or .zst)"
                raise InputError(file, "is no WARC, JSON Lines or page by its name", remedy)
            files[file] = None
    if not files:
        raise InputError("archive", "has nothing to read", "name at least one file or folder")
    pages = [file for file in files if form_of(file) == "page"]
    groups = [(file,) for file in files if form_of(file) != "page"] + list(_groups(sorted(pages)))
    return sorted((_shard(group, options) for group in groups), key=lambda shard: shard.id)


def listed(path: str) -> list[str]:
    """The names in a list: one a line; empty lines and those that begin with # are left out."""
    try:
        with open(path, encoding="utf-8") as file:
            lines = [line.strip() for line in file]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(path, f"cannot be read as a list ({error})", "give a text file with a name a line") from error
    return [line for line in lines if line and not line.startswith("#")]


def changed(shard: Shard) -> Shard:
    """The shard with the fingerprint that its inputs have now."""
    return replace(shard, fingerprint=_fingerprint(shard.inputs))


def _groups(pages: list[str]) -> Iterator[tuple[str, ...]]:
    """Pages in groups that end where the digest of a name says so: one page more or less moves one boundary at most."""
    group: list[str] = []
    for page in pages:
        group.append(page)
        if zlib.crc32(os.fsencode(page)) % PAGES == 0 or len(group) >= 4 * PAGES:
            yield tuple(group)
            group = []
    if group:
        yield tuple(group)


def _shard(inputs: tuple[str, ...], options: Options) -> Shard:
    stem = re.sub(r"(?:\.(?:warc|jsonl|ndjson|jsonlines|gz|zst|x?html?|txt))+$", "", os.path.basename(inputs[0]))
    stem = re.sub(r"[^A-Za-z0-9]+", "-", stem).strip("-")[:60] or "input"
    return Shard(f"{stem}-{digest_of(inputs[0], size=4)}", inputs, _fingerprint(inputs), options)


def _fingerprint(inputs: tuple[str, ...]) -> str:
    return digest_of([fingerprint(name) for name in inputs])
