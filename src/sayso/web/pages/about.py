"""About the figures: how claims are found and scored, and how often that goes wrong, for readers."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

from fastapi import Request, Response

from sayso.ledger.records import FEWEST
from sayso.reading.odds import YARDSTICKS
from sayso.scoring import LEVEL
from sayso.web import actions
from sayso.web.render import page
from sayso.web.rules import Router, rule
from sayso.web.site import site_of

router = Router()

READS = {
    "who: sources right to the character, F1": "Who speaks, right to the letter",
    "cues right to the character, F1": "The words that attribute (“said”, “believes”), right to the letter",
    "what: contents right to the character, F1": "What is claimed, right to the letter",
    "contents found (half of the words), F1": "What is claimed, found at all",
    "contents found with the right source, F1": "What is claimed, with the right source",
    "attributions whose holder is named right, of all": "The holder’s full name, of all that there is to find",
    "… of those that were found": "… of what was found",
    "… of those whose source is a pronoun or an epithet": "… where the text says only “he” or “the minister”",
    "claims inside claims, F1": "Claims inside claims: she says that he thinks",
    "sentences that go on in somebody's voice, F1": "Sentences that go on in somebody’s voice without saying so",
    "forecasts in the writer's own voice, F1": "Forecasts that the writer makes",
    "predictions, F1": "Predictions, told from the other kinds",
    "pledges, F1": "Pledges, told from the other kinds",
    "the six kinds, mean F1": "All six kinds, in the mean",
    "conditions, F1": "What a forecast hinges on",
    "horizons, F1": "The words that say when",
    "words of certainty, F1": "The words that say how sure",
    "probability, mean absolute error": "How far the probability lies off, in the mean",
    "resolvable or not, agreement": "Whether strangers could settle it",
    "deadlines dated right, of all short forecasts": "The deadline’s date",
    "… of those that were dated": "… where a date was given",
}
"""What the rows of the model card mean to readers; what is not here stands as it is there."""


@lru_cache(maxsize=1)
def accuracy() -> tuple[str, list[tuple[str, float]]]:
    """The line that says when it was measured, and the rows of the model card's table: (what, figure)."""
    card = (files("sayso.model") / "CARD.md").read_text("utf-8")
    found = re.search(r"<!-- accuracy -->\s*(.*?)\s*<!-- /accuracy -->", card, re.DOTALL)
    block = found[1] if found else ""
    measured = next((line for line in block.splitlines() if line.startswith("Measured")), "")
    rows = re.findall(r"^\| (.+?) \| ([\d.]+) \|$", block, re.MULTILINE)
    return measured, [(what, float(figure)) for what, figure in rows]


@router.get("/about")
@rule("reader", public=True)
def about(request: Request) -> Response:
    """How claims are found and scored."""
    measured, rows = accuracy()
    return page(
        request,
        "about.html",
        title="About the figures",
        measured=measured,
        rows=[(READS.get(what, what), figure, "error" in what) for what, figure in rows],
        yardstick=actions.yardstick(site_of(request)),
        yardsticks=YARDSTICKS,
        level=LEVEL,
        fewest=FEWEST,
    )
