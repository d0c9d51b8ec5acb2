"""A claim as JSON: the shape that the schema says, and nothing lost on the way back."""

import io
import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sayso.export
from sayso.errors import FieldError
from sayso.export.jsonl import (
    attributions_to_json,
    claim_from_json,
    claim_to_json,
    claims_from_jsonl,
    dumps,
    write_attributions,
    write_jsonl,
)

from .sample import reading

VALIDATOR = jsonschema.Draft202012Validator(sayso.export.schema())


def lines() -> list[str]:
    out = io.StringIO()
    write_jsonl([reading()], out)
    return out.getvalue().split("\n")[:-1]


def test_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(sayso.export.schema())


def test_every_claim_is_valid() -> None:
    assert len(lines()) == 11
    for line in lines():
        VALIDATOR.validate(json.loads(line))


def test_keys_come_in_order() -> None:
    made = json.loads(lines()[5])
    assert list(made) == list(sayso.export.schema()["properties"])
    assert list(made["forecast"]) == ["condition", "conditions", "horizon", "certainty", "probability", "resolvable"]
    assert made["forecast"]["condition"] == made["forecast"]["conditions"][0]
    assert made["forecast"]["horizon"]["to"] == "2027-05-31"
    assert "conditions" not in json.loads(lines()[3])["forecast"]


def test_spans_give_back_the_text() -> None:
    texts = {post.id: post.text for post in reading().thread.posts}
    for line in lines():
        claim = json.loads(line)
        for name in ("content", "source", "cue"):
            if part := claim[name]:
                text = texts[claim["post"]["id"]]
                assert " … ".join(text[s:e] for s, e in part["spans"]) == part["text"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda c: c.pop("chain"),
        lambda c: c.update(chain=[]),
        lambda c: c.update(kind="hunch"),
        lambda c: c.update(confidence=1.2),
        lambda c: c["content"].update(spans=[[1]]),
        lambda c: c["thread"].update(published="yesterday"),
        lambda c: c.update(kind="fact"),  # a fact has no forecast
        lambda c: c.update(mood="good"),
    ],
)
def test_schema_refuses(spoil) -> None:
    claim = json.loads(lines()[3])
    spoil(claim)
    assert not VALIDATOR.is_valid(claim)


def test_back_and_forth() -> None:
    found = list(claims_from_jsonl(lines()))
    assert [claim_to_json(claim) for claim in found] == [json.loads(line) for line in lines()]
    assert len({id(claim.thread) for claim in found}) == 1
    assert [post.id for post in found[0].thread.posts] == ["reznar.txt", "reznar.txt#1", "reznar.txt#2"]


def test_a_comment_that_comes_first_still_hangs_on_the_article() -> None:
    comment = next(claims_from_jsonl(lines()[9:]))
    assert [post.kind for post in comment.thread.posts] == ["article", "comment"]
    assert comment.thread.article.id == "reznar.txt"


def test_bad_claims_name_the_place() -> None:
    with pytest.raises(FieldError, match=r"mine\.jsonl, line 2: no JSON"):
        list(claims_from_jsonl([lines()[0], "{"], name="mine.jsonl"))
    claim = json.loads(lines()[0])
    del claim["voice"]
    with pytest.raises(FieldError, match="claim c01f: the claim has no field 'voice'"):
        claim_from_json(claim)
    with pytest.raises(FieldError, match="cannot be read"):
        claim_from_json({**json.loads(lines()[0]), "content": [1]})


@given(st.text(st.characters(exclude_categories=[]), max_size=60))
def test_any_text_stays_on_one_line_and_can_be_written(text: str) -> None:
    line = dumps({"text": text})
    line.encode("utf-8")
    assert line.splitlines() == [line]
    # Two halves that stand side by side are one character to JSON.
    assert json.loads(line)["text"] == text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def test_attributions() -> None:
    made = reading()
    out = io.StringIO()
    write_attributions([made], out)
    posts = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [post["id"] for post in posts] == ["reznar.txt", "reznar.txt#1", "reznar.txt#2"]
    assert list(posts[0]) == ["id", "parent", "author", "posted", "text", "attributions"]
    assert posts[1]["attributions"] == []
    third = posts[0]["attributions"][2]
    assert [posts[0]["text"][s:e] for s, e in third["content"]] == ["“You have lawyers,”", "“but we have the valley.”"]
    assert [posts[0]["text"][s:e] for s, e in third["cue"]] == ["told the neighbours"]
    assert attributions_to_json(made.thread.article, [])["attributions"] == []
