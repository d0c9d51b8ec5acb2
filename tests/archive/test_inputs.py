"""From what a user names to shards and their records; what is let go before the model."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import fsspec
import pytest
import zstandard

from sayso.archive.shards import PAGES, changed, listed, shards_of
from sayso.archive.sift import of_head, of_page, of_site
from sayso.archive.sources import candidates
from sayso.archive.tasks import Options
from sayso.errors import InputError, MissingExtra
from sayso.intake.warc import Head

from .sample import ANTS, BIRDS, MORE, document, jsonl


def head(url: str = "https://site.example/2024/a-story-7", **more: object) -> Head:
    known = {"offset": 0, "url": url, "captured": None, "status": 200, "content_type": "text/html", "charset": None,
             "length": 9_000}  # fmt: skip
    return Head(**(known | more))  # type: ignore[arg-type]


def page(*pieces: str) -> bytes:
    menu = "".join(f'<li><a href="/{n}">A section of some considerable name, number {n}</a></li>' for n in range(40))
    return f"<html><head><title>t</title></head><body><ul>{menu}</ul>{''.join(pieces)}</body></html>".encode()


def test_files_folders_patterns_and_lists_stand_for_shards(tmp_path: Path) -> None:
    for name in ("b.warc.gz", "a.warc", "deep/c.jsonl.zst", "deep/photo.jpg", ".hidden.warc"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    by_folder = shards_of([str(tmp_path)])
    assert [shard.id.rpartition("-")[0] for shard in by_folder] == ["a", "b", "c"]
    assert shards_of([str(tmp_path / "**" / "*.warc*"), str(tmp_path / "deep")]) == by_folder
    names = tmp_path / "names.txt"
    names.write_text(f"# the crawl\n{tmp_path}/a.warc\n\n{tmp_path}/b.warc.gz\n", "utf-8")
    assert shards_of(listed(str(names))) == by_folder[:2]
    with pytest.raises(InputError, match="cannot be read as a list"):
        listed(str(tmp_path / "nothing.txt"))


def test_the_same_file_is_the_same_shard_from_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.warc").write_bytes(b"x")
    (absolute,) = shards_of([str(tmp_path / "a.warc")])
    monkeypatch.chdir(tmp_path)
    assert shards_of(["a.warc", "./a.warc"]) == [absolute]
    (tmp_path / "a.warc").write_bytes(b"xy")
    assert changed(absolute).fingerprint != absolute.fingerprint


def test_a_page_more_changes_one_group_of_many(tmp_path: Path) -> None:
    for n in range(5 * PAGES):
        (tmp_path / f"{n:05}.html").touch()
    before = shards_of([str(tmp_path)])
    assert 2 < len(before) < 20
    (tmp_path / "00001a.html").touch()
    after = shards_of([str(tmp_path)])
    assert len(set(before) & set(after)) >= len(before) - 1


def test_addresses_that_fsspec_knows_are_read() -> None:
    system = fsspec.filesystem("memory")
    lines = json.dumps(document("one", ANTS)).encode() + b"\n"
    system.pipe({"/crawl/a.jsonl": lines, "/crawl/b.jsonl.gz": gzip.compress(lines, mtime=0), "/crawl/c.txt.bak": b""})
    both = shards_of(["memory://crawl/"])
    assert [shard.inputs for shard in both] == [("memory:///crawl/a.jsonl",), ("memory:///crawl/b.jsonl.gz",)]
    assert shards_of(["memory://crawl/*.jsonl*"]) == both
    got = [one.thread.id for shard in both for one in candidates(shard, lambda head: None) if one.thread]
    assert got == ["one", "one"]
    with pytest.raises(InputError, match="cannot be read"):
        shards_of(["memory://crawl/none.jsonl"])
    with pytest.raises(InputError, match="no address that is known"):
        shards_of(["nonsense://crawl/a.jsonl"])


def test_what_an_address_needs_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(name: str) -> object:
        raise ImportError("no s3fs")

    monkeypatch.setattr(fsspec.core, "url_to_fs", none)
    with pytest.raises(MissingExtra, match=r"sayso\[s3\]"):
        shards_of(["s3://bucket/a.warc.gz"])


def test_packed_lines_are_read_as_far_as_they_go(tmp_path: Path) -> None:
    documents = [document(str(n), f"{ANTS} {n} {MORE * 40}") for n in range(40)]
    plain = jsonl(tmp_path / "a.jsonl", *documents).read_bytes()
    for name, data in (("a.jsonl.gz", gzip.compress(plain)), ("a.jsonl.zst", zstandard.compress(plain))):
        (tmp_path / name).write_bytes(data)
        (shard,) = shards_of([str(tmp_path / name)])
        assert [one.thread is not None for one in candidates(shard, lambda head: None)] == [True] * 40
        (tmp_path / name).write_bytes(data[: len(data) // 2])
        got = list(candidates(changed(shard), lambda head: None))
        assert (got[-1].reason, got[-1].detail.startswith("breaks off")) == ("damaged", True)
        assert all(one.thread for one in got[:-1])


def test_a_line_that_is_no_document_is_one_reject(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(f'{{"id": 1}}\nno json\n{json.dumps(document("one", ANTS))}\n', "utf-8")
    (shard,) = shards_of([str(tmp_path / "a.jsonl")])
    assert [one.reason for one in candidates(shard, lambda head: None)] == ["damaged", "damaged", None]


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        (head(), None),
        (head(status=301), "status"),
        (head(content_type="image/png"), "type"),
        (head(content_type=""), None),
        (head(length=300), "too small"),
        (head("https://site.example/"), "address"),
        (head("https://site.example/?p=17"), None),
        (head("https://site.example/tag/dams"), "address"),
        (head("https://site.example/the-tag-that-stuck"), None),
        (head("https://site.example/photo.JPG"), "address"),
        (head("https://[broken/1"), "address"),
    ],
)
def test_heads_are_sifted(known: Head, reason: str | None) -> None:
    assert of_head(known, Options()) == reason


def test_sites_are_hosts_with_what_is_under_them() -> None:
    wanted = Options(sites=("site.example",))
    assert [of_site(url, wanted) for url in ("https://site.example/1", "https://news.Site.example./1")] == [True, True]
    assert [of_site(url, wanted) for url in ("https://mysite.example/1", None, "https://[x/")] == [False] * 3


def test_pages_are_sifted_by_their_prose_and_its_language() -> None:
    assert of_page(page(f"<p>{ANTS}</p><p>{BIRDS}</p>")) is None
    assert of_page(page(f"<div>{ANTS}<br><br>{BIRDS}</div>")) is None
    cards = "".join(f"<div><a href='/{n}'><h3>{ANTS}</h3></a></div>" for n in range(30))
    listing = of_page(page(cards))
    assert listing is not None
    assert listing.word == "no article"
    german = "Der Bürgermeister sagte am Dienstag, dass die neue Brücke noch in diesem Jahr fertig werden solle. " * 6
    foreign = of_page(page(f"<p>{german}</p>"))
    assert foreign is not None
    assert (foreign.word, foreign.detail) == ("language", "de")
    linked = of_page(page(*(f"<p><a href='/{n}'>{ANTS}</a></p>" for n in range(20))))
    assert linked is not None
    assert linked.word == "no article"
    assert of_page(page('<meta property="og:type" content="article">')) is None
    assert of_page(page(f"<p>{ANTS}</p><p>{BIRDS}</p>").decode().encode("utf-16")) is None
