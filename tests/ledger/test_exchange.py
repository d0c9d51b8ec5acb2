"""In and out: what is brought in, what is turned away and why, and the forms of other programs."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import icalendar
import jsonschema
import pyarrow.parquet as pq
import pytest

from sayso.errors import FieldError, InputError
from sayso.export import schema
from sayso.export.csv import read_csv
from sayso.export.jsonl import claim_to_json
from sayso.ledger import Filter, Ledger
from sayso.ledger.exporting import export_parquet, export_text
from sayso.ledger.importing import import_claims, import_file, import_forecasts
from sayso.posts import Part

from .sample import harbour, numbered, thread


@pytest.fixture
def full(ledger: Ledger) -> Ledger:
    ledger.keep(thread(), harbour().claims)
    reading = numbered(1)
    assert reading.thread is not None
    ledger.keep(reading.thread, reading.claims)
    return ledger


def _text(ledger: Ledger, form: str) -> str:
    out = io.StringIO(newline="")
    export_text(ledger, out, form)  # type: ignore[arg-type]
    return out.getvalue()


def test_claims_go_out_and_come_in_unchanged(full: Ledger, second: Ledger) -> None:
    lines = _text(full, "jsonl").splitlines()
    for line in lines:
        jsonschema.validate(json.loads(line), schema())
    made = import_claims(second, lines)
    assert (made.rows, made.rejected, made.kept.claims) == (6, [], 6)
    assert sorted(_text(second, "jsonl").splitlines()) == sorted(lines)
    assert import_claims(second, lines).kept.claims == 0
    # The texts, which came later, join what was there.
    kept = second.keep(thread(), harbour().claims)
    assert (kept.posts, kept.versions, kept.claims) == (0, 0, 0)
    assert second.check() == []


def test_lines_that_are_no_claims_are_told_one_by_one(full: Ledger, second: Ledger) -> None:
    good = json.loads(_text(full, "jsonl").splitlines()[0])
    bad: list[object] = [
        "{",
        "[1]",
        json.dumps(good | {"id": 7}),
        json.dumps({k: v for k, v in good.items() if k != "chain"}),
        json.dumps(good | {"chain": []}),
        json.dumps(good | {"kind": "rumour"}),
        json.dumps(good | {"confidence": 7}),
        json.dumps(good | {"content": {"text": 3, "spans": [[0, 1]]}}),
        json.dumps(good | {"content": {"text": "x", "spans": []}}),
        json.dumps(good | {"thread": good["thread"] | {"title": 5}}),
        json.dumps(good | {"post": None}),
        "[" * 100_000,
    ]
    made = import_claims(second, [*map(str, bad), "", json.dumps(good)])
    assert [each.line for each in made.rejected] == list(range(1, len(bad) + 1))
    assert (made.rows, made.kept.claims) == (len(bad) + 1, 1)
    assert all(each.reason for each in made.rejected)


HEADER = "person,question,made_on,probability,outcome,closed_on,text,topic\n"


def test_forecasts_come_in_with_their_questions_and_answers(ledger: Ledger) -> None:
    rows = [
        "Ada Prior,q1,2024-01-01,0.8,1,2024-03-01,The pier opens,ports\n",
        "Bo Lund,q1,2024-01-02,30%,yes,2024-03-01,,\n",
        "Bo Lund,q2,2024-01-02,0.5,,2024-04-01,,\n",
        "Bo Lund,q3,2024-01-02,0.5,void,2024-04-01,,\n",
        "Bo Lund,q4,2024-01-02,0.5,0.25,2024-04-01,,\n",
        "Bo Lund,q4,2024-01-02,0.5,0.25,2024-04-01,,\n",
    ]
    made = import_forecasts(ledger, [HEADER, *rows])
    assert (made.rows, made.rejected, made.kept.claims, made.questions, made.resolutions) == (6, [], 6, 4, 3)
    assert ledger.record("Bo Lund").tally.scored == 3
    assert ledger.record("Bo Lund").brier == pytest.approx((0.49 + 2 * 0.0625) / 3)
    (due,) = ledger.due()
    assert (due.claim.holder.name, due.due_on) == ("Bo Lund", "2024-04-01")
    question = ledger.question("q1")
    assert (question.text, question.topic, question.value, question.forecasts) == ("The pier opens", "ports", "true", 2)
    for found in ledger.find(Filter(), with_text=True):
        claim, text = found.claim, found.claim.post.text
        forecast = claim.forecast
        assert forecast is not None
        assert forecast.certainty is not None
        assert forecast.horizon is not None
        assert claim.content == Part.of(text, claim.content.spans)
        assert forecast.certainty == Part.of(text, forecast.certainty.spans)
        assert forecast.horizon.text == Part.of(text, forecast.horizon.spans).text
        jsonschema.validate(claim_to_json(claim), schema())
    # The answer that came later, and nothing else.
    rows[2] = rows[2].replace("0.5,,", "0.5,0,")
    made = import_forecasts(ledger, [HEADER, *rows])
    assert (made.kept.claims, made.questions, made.resolutions) == (0, 0, 1)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",q1,2024-01-01,0.8,1,2024-03-01", "person: is empty"),
        ("Ada,,2024-01-01,0.8,1,2024-03-01", "question: is empty"),
        ("Ada,q1,01/02/2024,0.8,1,2024-03-01", "made_on: '01/02/2024' is no day"),
        ("Ada,q1,2024-01-01,1.8,1,2024-03-01", "probability: '1.8'"),
        ("Ada,q1,2024-01-01,nan,1,2024-03-01", "probability: 'nan'"),
        ("Ada,q1,2024-01-01,0.8,maybe,2024-03-01", "maybe: is no resolution"),
        ("Ada,q1,2024-01-01,0.8,1,March", "closed_on: 'March' is no day"),
        ("Ada,q0,2024-01-01,0.8,0,2024-03-01", "false contradicts true of line 2"),
        ("Ada", "question: is empty"),
    ],
)
def test_rows_that_cannot_be_are_told_with_their_line(ledger: Ledger, row: str, said: str) -> None:
    good = "Bo,q0,2024-01-01,0.8,1,2024-03-01\n"
    made = import_forecasts(ledger, [HEADER, good, row + "\n", good.replace("Bo", "Cy")])
    ((line, reason),) = [(each.line, each.reason) for each in made.rejected]
    assert line == 3
    assert said in reason
    assert made.kept.claims == 2


def test_files_that_cannot_be_read(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,odds\nAda,1\n")
    with pytest.raises(FieldError, match="has no column person, question, made_on, probability"):
        import_file(ledger, str(tmp_path / "a.csv"))
    with pytest.raises(InputError, match="cannot be read"):
        import_file(ledger, str(tmp_path / "none.jsonl"))
    (tmp_path / "b.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="is not UTF-8"):
        import_file(ledger, str(tmp_path / "b.jsonl"))
    (tmp_path / "c.jsonl.gz").write_bytes(b"no gzip")
    with pytest.raises(InputError, match="cannot be read"):
        import_file(ledger, str(tmp_path / "c.jsonl.gz"))


def test_packed_files_and_marks_at_their_beginning(ledger: Ledger, tmp_path: Path) -> None:
    data = "\ufeff" + HEADER + "Ada,q1,2024-01-01,0.8,1,2024-03-01\n"
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(data.encode()))
    assert import_file(ledger, str(tmp_path / "a.csv.gz")).kept.claims == 1


def test_csv(full: Ledger) -> None:
    rows = list(read_csv(io.StringIO(_text(full, "csv"), newline="")))
    assert {row["id"] for row in rows} == {claim.id for claim in full.claims()}


def test_parquet(full: Ledger, tmp_path: Path) -> None:
    with (tmp_path / "c.parquet").open("wb") as out:
        export_parquet(full, out)
    table = pq.read_table(tmp_path / "c.parquet").to_pylist()
    assert len(table) == 6
    by_id = {row["id"]: row for row in table}
    for claim in full.claims():
        row = by_id[claim.id]
        assert (row["content"], row["confidence"]) == (claim.content.text, claim.confidence)
        odds = claim.forecast.probability if claim.forecast else None
        assert row["probability"] == (odds.point if odds else None)
        assert row["resolvable"] == (claim.forecast.resolvable if claim.forecast else None)


def test_web_annotations(full: Ledger) -> None:
    page = json.loads(_text(full, "webannotation"))
    assert (page["@context"], page["type"], len(page["items"])) == (
        "http://www.w3.org/ns/anno.jsonld",
        "AnnotationPage",
        6,
    )
    texts = {t.thread.url: t.thread.article.text for t in full.readings(Filter()) if t.thread}
    for item in page["items"]:
        assert item["type"] == "Annotation"
        assert {"type", "value", "purpose"} <= item["body"][0].keys()
        target = item["target"]
        selector = target["selector"]
        words = texts[target["source"]][selector["start"] : selector["end"]]
        assert selector["refinedBy"] == {"type": "TextQuoteSelector", "exact": words}


def test_claim_reviews(full: Ledger) -> None:
    claims = {claim.content.text[:12]: claim for claim in full.claims()}
    full.resolve(
        claims["the northern"].id, "true", evidence=["https://x.example/1", "a book"], by="Kai", on="2025-07-01"
    )
    full.ask("Accounts?", id="a")
    full.attach("a", claims["publish the "].id, side="denied")
    full.resolve("a", "true")
    full.resolve(claims["the tariff w"].id, "void")
    feed = json.loads(_text(full, "claimreview"))
    reviews = {entry["item"][0]["claimReviewed"][:12]: entry["item"][0] for entry in feed["dataFeedElement"]}
    assert len(reviews) == 3
    one = reviews["the northern"]
    assert one["@type"] == "ClaimReview"
    assert one["reviewRating"] == {
        "@type": "Rating", "alternateName": "True", "ratingValue": 1.0, "bestRating": 1, "worstRating": 0,
    }  # fmt: skip
    assert (one["datePublished"], one["url"], one["author"]["name"]) == ("2025-07-01", "https://x.example/1", "Kai")
    assert one["itemReviewed"]["author"]["name"] == "Ada Prior"
    # She denied it by her side, and it came about: the pledge is broken.
    assert reviews["publish the "]["reviewRating"]["alternateName"] == "Broken"
    assert reviews["the tariff w"]["reviewRating"] == {"@type": "Rating", "alternateName": "Void"}


def test_a_calendar_of_deadlines(full: Ledger) -> None:
    full.ask("Open by then?", deadline="2026-09-30", id="then")
    full.resolve(next(c for c in full.claims(kind=("pledge",))).id, "kept")
    text = _text(full, "ics")
    assert text == _text(full, "ics")
    events = icalendar.Calendar.from_ical(text).walk("VEVENT")
    assert sorted(event.decoded("dtstart").isoformat() for event in events) == [
        "2025-06-30",
        "2025-06-30",
        "2025-12-31",
        "2026-09-30",
    ]
    assert any("Ada Prior: the northern harbour" in str(event["summary"]) for event in events)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
