"""Reading an archive in one go, in two, and again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import warc_maker
from sayso.archive import run, versions
from sayso.archive.check import status, verify
from sayso.archive.engines.local import Local
from sayso.archive.keep import readings
from sayso.archive.report import summary
from sayso.archive.sift import REASONS
from sayso.archive.tasks import Options
from sayso.archive.versions import Version
from sayso.errors import ArchiveError, InputError
from sayso.export.jsonl import claim_to_json
from sayso.intake import read_inputs
from sayso.posts import KINDS
from sayso.reading.reader import Reader

from .sample import ANTS, BIRDS, CATS, MORE, Inline, document, jsonl, read, rows, tables, text


def truth(crawl: Path) -> dict[str, dict[str, object]]:
    lines = warc_maker.truth_of(crawl).read_text("utf-8").splitlines()
    return {known["url"]: known for known in map(json.loads, lines)}


def test_every_article_of_a_crawl_is_read_and_every_other_record_has_its_reason(crawl: Path, undisturbed: Path) -> None:
    known = truth(crawl)
    read_as = {row["url"]: row for row in rows(undisturbed, "addresses")}
    articles = {url for url, one in known.items() if one["kind"] in ("article", "mended")}
    assert articles <= set(read_as)
    assert [url for url in articles if read_as[url]["copy"]] == []
    expected = {
        "language": "language",
        "listing": "no article",
        "status": "status",
        "type": "type",
        "stub": "too small",
    }
    told = {row["url"]: row["reason"] for row in rows(undisturbed, "rejects") if row["url"]}
    assert {url: expected[str(one["kind"])] for url, one in known.items() if one["kind"] in expected} == {
        url: reason for url, reason in told.items() if reason != "damaged"
    }
    assert set(told.values()) <= set(REASONS)


def test_the_claims_written_into_the_articles_are_found(crawl: Path, undisturbed: Path) -> None:
    found: dict[str, list[str]] = {}
    for row in rows(undisturbed, "claims"):
        found.setdefault(row["url"], []).append(row["content"].lower())
    wanted = [(url, claim[1].lower()) for url, one in truth(crawl).items() for claim in one.get("claims", ())]
    hit = sum(any(content[4:40] in other for other in found.get(url, ())) for url, content in wanted)
    assert len(wanted) > 50
    assert hit >= 0.9 * len(wanted)


def test_an_exact_copy_is_listed_under_its_address_and_not_read_again(tmp_path: Path) -> None:
    first = document("first", text(ANTS, BIRDS), published="2024-03-01")
    again = document("again", text(ANTS, "  " + BIRDS), published="2024-03-02")
    report = read(tmp_path / "out", jsonl(tmp_path / "b.jsonl", first), jsonl(tmp_path / "a.jsonl", again))
    assert (report.counts["read"], report.counts["exact copies"]) == (1, 1)
    addresses = {row["thread_id"]: row for row in rows(tmp_path / "out", "addresses")}
    assert addresses["again"]["read_as"] == addresses["first"]["document"]
    assert addresses["again"]["copy"] == "exact"
    assert {row["thread_id"] for row in rows(tmp_path / "out", "claims")} == {"first"}


def test_what_a_near_copy_changes_is_kept_and_read(tmp_path: Path) -> None:
    long = [
        f"{MORE} It was the {n}th time since the spring of 19{n}, said nobody in particular." for n in range(40, 60)
    ]
    first = document("first", text("A headline of one paper", ANTS, *long), published="2024-03-01")
    comment = {"id": "7", "author": "kolya", "text": "I am sure that the dam will break by 2030, and nobody will pay."}
    wired = document("wired", text("Quite another headline", ANTS, CATS, *long[:-1]), published="2024-03-02",
                     comments=[comment])  # fmt: skip
    report = read(tmp_path / "out", jsonl(tmp_path / "a.jsonl", first, wired))
    assert (report.counts["near copies"], report.counts["copies that add"]) == (1, 1)
    (copy,) = [row for row in rows(tmp_path / "out", "addresses") if row["copy"]]
    assert copy["copy"] == "near"
    assert copy["added"] == ["Quite another headline", CATS]
    assert copy["left_out"] == [0, 21]
    assert copy["comments_added"] == 1
    assert 0.8 <= copy["overlap"] < 1
    own = [row for row in rows(tmp_path / "out", "posts") if row["copy_of"]]
    assert [(row["post_kind"], row["text"]) for row in own] == [
        ("article", f"Quite another headline\n\n{CATS}"),
        ("comment", comment["text"]),
    ]
    assert {row["document"] for row in own} == {copy["document"]}
    claims = [row for row in rows(tmp_path / "out", "claims") if row["document"] == copy["document"]]
    assert any("will not survive" in row["content"] for row in claims)
    assert not any("dam will be full" in row["content"] for row in claims)
    with_text = {row["post_id"]: row["text"] for row in own}
    for row in claims:
        assert row["content"] == " … ".join(
            with_text[row["post_id"]][span["start"] : span["end"]] for span in row["content_spans"]
        )


def test_without_near_only_exact_copies_are_found(tmp_path: Path) -> None:
    long = [f"{MORE} It was the {n}th time since the spring of 19{n}." for n in range(40, 60)]
    one, two = document("one", text(ANTS, *long)), document("two", text(BIRDS, *long))
    report = read(tmp_path / "out", jsonl(tmp_path / "a.jsonl", one, two), options=Options(near=False))
    assert report.counts["read"] == 2


def test_rows_are_what_reading_the_document_gives(tmp_path: Path) -> None:
    source = jsonl(
        tmp_path / "a.jsonl.gz", document("ants", text(ANTS, BIRDS, CATS)), document("cats", text(CATS, MORE))
    )
    read(tmp_path / "out", source)
    kept = [claim_to_json(claim) for reading in readings(tmp_path / "out") for claim in reading.claims]
    direct = [claim_to_json(c) for result in Reader().read_threads(read_inputs([source])) for c in result.claims]
    assert kept == direct
    assert {claim["kind"] for claim in direct} <= set(KINDS)
    assert len(direct) > 5


def test_two_workers_make_what_one_makes(crawl: Path, undisturbed: Path, tmp_path: Path) -> None:
    read(tmp_path / "two", crawl, engine=Local(2), options=Options())
    assert tables(tmp_path / "two") == tables(undisturbed)


def test_reading_again_does_nothing(tmp_path: Path) -> None:
    source = jsonl(tmp_path / "a.jsonl", document("ants", text(ANTS, BIRDS)))
    read(tmp_path / "out", source)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*/*/*.parquet")}
    engine = Inline()
    assert read(tmp_path / "out", source, engine=engine).shards["done"] == 1
    assert engine.seen == []
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*/*/*.parquet")} == before
    read(tmp_path / "out", source, engine=engine, resume=False)
    assert len(engine.seen) == 2


def test_a_changed_input_is_noticed_and_leaves_nothing_behind(tmp_path: Path) -> None:
    source = jsonl(tmp_path / "a.jsonl", document("ants", text(ANTS, BIRDS)))
    other = jsonl(tmp_path / "b.jsonl", document("cats", text(CATS, MORE)))
    read(tmp_path / "out", source, other)
    jsonl(source, document("birds", text(BIRDS, MORE, CATS), published="2024-05-05"))
    engine = Inline()
    read(tmp_path / "out", source, other, engine=engine)
    assert [name.split("-")[0] for name in engine.seen] == ["extract a", "read a"]
    read(tmp_path / "fresh", source, other)
    assert tables(tmp_path / "out") == tables(tmp_path / "fresh")
    assert list(verify(tmp_path / "out")) == []


def test_another_model_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = jsonl(tmp_path / "a.jsonl", document("ants", text(ANTS, BIRDS)))
    read(tmp_path / "out", source)
    (old,) = (tmp_path / "out").glob("claims/*/*.parquet")
    new = Version("0123abcd", versions.version_here().rules)
    for module in (run, versions):
        monkeypatch.setattr(module, "version_here", lambda: new)
    assert any("another model" not in line for line in status(tmp_path / "out"))
    engine = Inline()
    read(tmp_path / "out", source, engine=engine)
    assert len(engine.seen) == 2
    (part,) = (tmp_path / "out").glob("claims/*/*.parquet")
    assert not old.exists()
    assert part.stem.endswith(str(new))


def test_other_options_are_noticed(tmp_path: Path) -> None:
    source = jsonl(
        tmp_path / "a.jsonl", document("ants", text(ANTS)), document("cats", text(CATS), published="2020-01-01")
    )
    assert read(tmp_path / "out", source).counts["read"] == 2
    report = read(tmp_path / "out", source, options=Options(min_words=20, since="2024-01-01"))
    assert (report.counts["read"], report.tallies["reasons"]) == (1, {"before": 1})


def test_what_is_added_later_never_changes_what_was_read(tmp_path: Path) -> None:
    first = jsonl(tmp_path / "march.jsonl", document("march", text(ANTS, BIRDS), published="2024-03-05"))
    read(tmp_path / "out", first)
    before = tables(tmp_path / "out")
    earlier = jsonl(tmp_path / "january.jsonl", document("january", text(ANTS, BIRDS), published="2024-01-05"))
    engine = Inline()
    read(tmp_path / "out", earlier, engine=engine)
    assert all("january" in name for name in engine.seen)
    after = tables(tmp_path / "out")
    assert {name: after["claims"][name] for name in before["claims"]} == before["claims"]
    assert [row["copy"] for row in rows(tmp_path / "out", "addresses")] == ["exact", None]


def test_filters_go_before_the_model(tmp_path: Path) -> None:
    documents = [
        document("kept", text(ANTS), url="https://news.kept.example/1"),
        document("elsewhere", text(BIRDS), url="https://notkept.example/1"),
        document("undated", text(CATS), url="https://kept.example/2", published=None),
        document("late", text(MORE), url="https://kept.example/3", published="2025-01-01"),
        document("short", "Too short for anything.", url="https://kept.example/4"),
        document("fremd", " ".join(warc_maker.WORDS["languages"]["de"]), url="https://kept.example/5"),
    ]
    wanted = Options(sites=("kept.example",), since="2024-01-01", until="2024-12-31", min_words=20)
    report = read(tmp_path / "out", jsonl(tmp_path / "a.jsonl", *documents), options=wanted)
    assert report.counts["read"] == 1
    assert report.tallies["reasons"] == {"site": 1, "undated": 1, "after": 1, "too short": 1, "language": 1}
    assert report.tallies["languages"] == {"de": 1}


def test_a_folder_of_pages_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    body = f"<article><p>{ANTS}</p><p>{BIRDS}</p></article>"
    page = f"<html><head><title>A headline</title></head><body>{body}</body></html>"
    (folder / "one.html").write_text(page, "utf-8")
    (folder / "two.txt").write_text(text(CATS, MORE), "utf-8")
    (folder / "three.html").write_bytes(b"\x00\x01\x02" * 400)
    report = read(tmp_path / "out", folder)
    assert (report.shards["all"], report.counts["read"], report.counts["rejects"]) == (1, 2, 1)
    (folder / "four.html").write_text(page.replace(ANTS, MORE), "utf-8")
    assert read(tmp_path / "out", folder).counts["documents"] == 3


def test_an_input_that_is_not_there_or_is_nothing_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.warc\.gz: is not there"):
        read(tmp_path / "out", tmp_path / "nowhere.warc.gz")
    (tmp_path / "photo.jpg").write_bytes(b"x")
    with pytest.raises(InputError, match="no WARC, JSON Lines or page by its name"):
        read(tmp_path / "out", tmp_path / "photo.jpg")
    with pytest.raises(ArchiveError, match="holds no archive"):
        read(tmp_path / "empty")


def test_the_report_says_what_the_tables_hold(undisturbed: Path) -> None:
    report = json.loads((undisturbed / "report.json").read_text("utf-8"))
    assert report["counts"]["claims"] == len(rows(undisturbed, "claims"))
    assert report["counts"]["posts"] == len(rows(undisturbed, "posts"))
    assert report["counts"]["rejects"] == len(rows(undisturbed, "rejects"))
    assert report["counts"]["documents"] == len(rows(undisturbed, "addresses"))
    assert sum(row["claims"] for row in rows(undisturbed, "posts")) == report["counts"]["claims"]
    words = (undisturbed / "summary.txt").read_text("utf-8")
    assert f"{report['counts']['claims']:,}" in words


def test_verify_finds_what_is_wrong_and_has_it_mended(tmp_path: Path) -> None:
    source = jsonl(tmp_path / "a.jsonl", document("ants", text(ANTS, BIRDS)))
    read(tmp_path / "out", source)
    good = tables(tmp_path / "out")
    (part,) = (tmp_path / "out").glob("claims/*/*.parquet")
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 1
    part.write_bytes(data)
    stray = part.with_name("stray-00000000-0000000000000000.parquet")
    stray.write_bytes(b"PAR1")
    assert [(trouble.path, trouble.shard is None) for trouble in verify(tmp_path / "out")] == [
        (str(part), False),
        (str(stray), True),
    ]
    assert len(list(verify(tmp_path / "out", mend=True))) == 2
    read(tmp_path / "out")
    assert list(verify(tmp_path / "out")) == []
    assert tables(tmp_path / "out") == good


def test_the_summary_names_what_was_set_aside(tmp_path: Path) -> None:
    source = jsonl(tmp_path / "a.jsonl", document("ants", text(ANTS, BIRDS)))
    other = jsonl(tmp_path / "b.jsonl", document("cats", text(CATS, MORE)))
    engine = Inline()
    catalogued = read(tmp_path / "out", source, other)
    assert catalogued.aside == []
    other.unlink()
    (tmp_path / "out" / "_done" / next((tmp_path / "out" / "_done").glob("b-*")).name).unlink()
    (tmp_path / "out" / "_work" / next((tmp_path / "out" / "_work").glob("b-*.index.parquet")).name).unlink()
    report = read(tmp_path / "out", engine=engine)
    assert report.shards == {"all": 2, "done": 1, "set aside": 1, "left": 0}
    assert any("set aside: b-" in line and "cannot be read" in line for line in summary(report))
    assert len(engine.seen) == 1
    read(tmp_path / "out", engine=engine)
    assert len(engine.seen) == 1
    read(tmp_path / "out", engine=engine, retry=True)
    assert len(engine.seen) == 2
