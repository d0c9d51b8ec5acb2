"""An example thread with its claims, made by hand: the invented economist Marta Havlik on an invented minister."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sayso.errors import InputError
from sayso.posts import (
    Attribution,
    Claim,
    Forecast,
    Holder,
    Horizon,
    Part,
    Post,
    Probability,
    Thread,
)

ARTICLE = """Reznar Will Have His Dam, Havlik Says

Vera Whitlock. March 9. 2026

Bohdan Reznar considers the reservoir his “life’s work,” Marta Havlik says. “You have lawyers,” he told \
the neighbours, “but we have the valley.”

If Velenia signs the draft, the first turbine is likely to run by the end of 2027. Nobody will dare dismiss him.

President Velde, she adds, believes that the minister could resign unless parliament votes the money by \
next spring and the court keeps quiet. He has promised to “hold the line,” she said.

The council reported that the lake is a third full. Petrel called it theft. She should stop it."""

COMMENT = "I never admired the man. I’d bet the wall cracks before 2030 😀 and nobody pays."
REPLY = "> I never admired the man.\nהוא טעה, said my cousin <b>Dov</b>."


@dataclass
class Reading:
    """What was read of one document."""

    thread: Thread | None
    claims: list[Claim] = field(default_factory=list)
    attributions: dict[str, list[Attribution]] = field(default_factory=dict)
    error: InputError | None = None


def beside() -> Reading:
    """A forecast whose condition stands beside it, and one whose condition lies in what somebody else holds."""
    words = (
        "If the mill burns, Dov Arad said, the town will empty by spring. Ada Kos fears that if the pit floods it ends."
    )
    post = Post("b", words)
    made = Reading(Thread("b", [post]))
    reported = reading().claims[0]

    def claim(name: str, content: str, condition: str | None, holder: str) -> Claim:
        forecast = Forecast((part(post, condition),), probability=Probability(0.9, 0.8, 0.97)) if condition else None
        return replace(
            reported, id=name, thread=made.thread, post=post, content=part(post, content), source=None, cue=None,
            chain=(Holder(holder),), kind="prediction" if condition else "fact", forecast=forecast,
        )  # fmt: skip

    made.claims += [
        claim("mill", "the town will empty by spring", "If the mill burns", "Dov Arad"),
        claim("fear", "if the pit floods it ends", None, "Ada Kos"),
        claim("ends", "it ends", "if the pit floods", "the pit's owners"),
    ]
    return made


def part(post: Post, *words: str) -> Part:
    """The part that these words make, each looked for after the one before."""
    spans, at = [], 0
    for piece in words:
        at = post.text.index(piece, at)
        spans.append((at, at + len(piece)))
        at += len(piece)
    return Part.of(post.text, spans)


def thread() -> Thread:
    """The article, a comment and a reply to it."""
    root = "reznar.txt"
    return Thread(
        root,
        [
            Post(root, ARTICLE, author="Vera Whitlock", posted="2026-03-09"),
            Post(f"{root}#1", COMMENT, "comment", root, None, "2026-03-09T18:20:00+01:00"),
            Post(f"{root}#2", REPLY, "comment", f"{root}#1", "Ada", None, quotes=((0, 26),)),
        ],
        url="https://columns.example/reznar?a=1&b=2",
        title="Reznar Will Have His Dam, Havlik Says",
        site="Columns",
        published="2026-03-09",
        language="en",
    )


def claims(of: Thread) -> list[Claim]:
    """Eleven claims: nested, discontinuous, carried-over and own; every kind; forecasts with all their parts."""
    article, comment, reply = of.posts
    made: list[Claim] = []

    def add(
        post: Post,
        content: Part,
        chain: Sequence[Holder],
        kind: str,
        *,
        source: Part | None = None,
        cue: Part | None = None,
        quote: str = "indirect",
        voice: str = "attributed",
        forecast: Forecast | None = None,
        confidence: float = 0.9,
    ) -> None:
        number = len(made) + 1
        made.append(
            Claim(
                f"c{number:02d}f",
                of,
                post,
                content,
                source,
                cue,
                quote,
                voice,
                tuple(chain),
                kind,
                forecast,
                confidence,
            )  # type: ignore[arg-type]
        )

    havlik = Holder("Marta Havlik", part(article, "Marta Havlik"))
    she = Holder("Marta Havlik", part(article, "she"))
    reznar = Holder("Bohdan Reznar", part(article, "Bohdan Reznar"))
    velde = Holder("Anton Velde", part(article, "President Velde"))
    says = part(article, "says")
    add(
        article,
        part(article, "Bohdan Reznar considers the reservoir his “life’s work,”"),
        [havlik],
        "judgment",
        source=havlik.mention,
        cue=says,
        quote="mixed",
        confidence=0.93,
    )
    add(
        article,
        part(article, "the reservoir his “life’s work,”"),
        [havlik, reznar],
        "judgment",
        source=reznar.mention,
        cue=part(article, "considers"),
        quote="mixed",
        confidence=0.88,
    )
    add(
        article,
        part(article, "“You have lawyers,”", "“but we have the valley.”"),
        [reznar],
        "fact",
        source=part(article, "he"),
        cue=part(article, "told the neighbours"),
        quote="direct",
        confidence=0.97,
    )
    add(
        article,
        part(article, "If Velenia signs the draft, the first turbine is likely to run by the end of 2027"),
        [Holder("Marta Havlik")],
        "prediction",
        voice="carried-over",
        confidence=0.61,
        forecast=Forecast(
            (part(article, "If Velenia signs the draft"),),
            Horizon(
                "by the end of 2027",
                part(article, "by the end of 2027").spans,
                datetime.date(2026, 3, 9),
                datetime.date(2027, 12, 31),
                "by-end-of-year",
            ),
            part(article, "likely"),
            Probability(0.7, 0.55, 0.8, "likely"),
            True,
        ),
    )
    add(
        article,
        part(article, "Nobody will dare dismiss him"),
        [Holder("Marta Havlik")],
        "prediction",
        voice="carried-over",
        confidence=0.52,
        forecast=Forecast(probability=Probability(0.9, 0.8, 0.97, "bare-will")),
    )
    resign = part(
        article, "the minister could resign unless parliament votes the money by next spring and the court keeps quiet"
    )
    add(
        article,
        resign,
        [she, velde],
        "prediction",
        source=velde.mention,
        cue=part(article, "believes"),
        forecast=Forecast(
            (part(article, "unless parliament votes the money"), part(article, "the court keeps quiet")),
            Horizon(
                "by next spring",
                part(article, "by next spring").spans,
                datetime.date(2026, 3, 9),
                datetime.date(2027, 5, 31),
                "by-next-season",
            ),
            part(article, "could"),
            Probability(0.45, 0.3, 0.6, "could"),
            True,
        ),
    )
    add(
        article,
        part(article, "“hold the line,”"),
        [she, velde],
        "pledge",
        source=part(article, "He has"),
        cue=part(article, "promised"),
        quote="direct",
        forecast=Forecast(),
    )
    add(
        article,
        part(article, "the lake is a third full"),
        [Holder("World River Council", part(article, "The council"))],
        "fact",
        source=part(article, "The council"),
        cue=part(article, "reported"),
    )
    add(
        article,
        part(article, "She should stop it"),
        [Holder("Ioana Petrel")],
        "demand",
        voice="carried-over",
        confidence=0.4,
    )
    add(
        comment,
        part(comment, "the wall cracks before 2030"),
        [Holder("commenter 1")],
        "prediction",
        voice="own",
        confidence=0.8,
        forecast=Forecast(
            (),
            Horizon(
                "before 2030", part(comment, "before 2030").spans, None, datetime.date(2029, 12, 31), "before-year"
            ),
            part(comment, "I’d bet"),
            Probability(0.75, 0.6, 0.85, "bet"),
            True,
        ),
    )
    add(
        reply,
        part(reply, "הוא טעה"),
        [Holder("Ada’s cousin Dov", part(reply, "my cousin <b>Dov</b>"))],
        "other",
        source=part(reply, "my cousin <b>Dov</b>"),
        cue=part(reply, "said"),
    )
    return made


def reading() -> Reading:
    """The example as a reader would give it."""
    of = thread()
    found = claims(of)
    attributions: dict[str, list[Attribution]] = {}
    for claim in found:
        if claim.voice == "attributed":
            attributions.setdefault(claim.post.id, []).append(
                Attribution(
                    claim.source.spans if claim.source else (),
                    claim.cue.spans if claim.cue else (),
                    claim.content.spans,
                    claim.confidence,
                )
            )
    return Reading(of, found, attributions)
