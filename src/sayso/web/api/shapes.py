"""What the API takes and gives, for its description. A claim's shape is that of ``claim.schema.json``."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from sayso.ledger import Edit
from sayso.web.jobs import Options

Kind = Literal["prediction", "pledge", "demand", "judgment", "fact", "other"]
Text = Annotated[str, StringConstraints(max_length=20_000)]
Short = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Address = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
Password = Annotated[str, StringConstraints(max_length=1_000)]
Offset = Annotated[int, Field(ge=0, le=2**31)]
Spans = Annotated[list[tuple[Offset, Offset]], Field(max_length=100)]


class Given(BaseModel):
    """What is sent to us: fields that are not known are refused."""

    model_config = ConfigDict(extra="forbid")


class GivenEdit(Given):
    """What is to be different of a claim; what is left out stays. An empty list takes a part away."""

    holder: Short | None = None
    chain: Annotated[list[Short], Field(min_length=1, max_length=10)] | None = None
    kind: Kind | None = None
    voice: Literal["attributed", "carried-over", "own"] | None = None
    content: Spans | None = None
    source: Spans | None = None
    cue: Spans | None = None
    condition: Spans | None = None
    horizon: Spans | None = None
    certainty: Spans | None = None
    start: datetime.date | None = Field(None, alias="from", description="The first day of the horizon.")
    end: datetime.date | None = Field(None, alias="to", description="The last day of the horizon.")
    probability: Annotated[float, Field(ge=0, le=1)] | None = None
    resolvable: bool | None = None

    def edit(self) -> Edit:
        """What the ledger takes. A null for a day or the probability takes it away; left out, it stays."""
        lasting = ("start", "end", "probability")
        fields = {name: getattr(self, name) for name in self.model_fields_set}
        return Edit(**{name: value for name, value in fields.items() if value is not None or name in lasting})


class GivenClaim(GivenEdit):
    """A claim that was missed: its words, whose they are, and in which article and post (the article itself)."""

    article: Annotated[int, Field(ge=1, le=2**53)]
    post: Short | None = None
    kind: Kind
    content: Spans

    def edit(self) -> Edit:
        """What the ledger takes."""
        left = self.model_fields_set - {"article", "post", "kind"}
        return Edit(**{name: getattr(self, name) for name in left if getattr(self, name) is not None})


class GivenParts(Given):
    """The spans of each of the claims that one is split into; the first keeps the id."""

    parts: Annotated[list[Spans], Field(min_length=2, max_length=20)]


class GivenJoin(Given):
    """Claims of one post to be joined; the first keeps its id."""

    claims: Annotated[list[Short], Field(min_length=2, max_length=20)]


class GivenResolution(Given):
    """How it came out: true, false, void, unresolvable, kept, broken or 0..1; ``on`` is the day it was known."""

    value: Short
    evidence: Annotated[list[Address], Field(max_length=50)] = []
    note: Text | None = None
    on: datetime.date | None = None


class GivenQuestion(Given):
    """A question for several forecasts."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
    criteria: Text | None = None
    deadline: datetime.date | None = None
    topic: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    id: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[\w.-]+$")] | None = None


class GivenAnswers(Given):
    """Forecasts to hang on a question, and whether they say yes or no to it."""

    claims: Annotated[list[Short], Field(min_length=1, max_length=200)]
    side: Literal["asserted", "denied"] = "asserted"


class GivenName(Given):
    """Another name of a person."""

    name: Short


class GivenLink(Given):
    """Who a person is elsewhere: a Wikidata id (Q7747) or an address."""

    value: Address


class GivenPair(Given):
    """Two people, by number (``#7``), name or external id; the first keeps its name where they become one."""

    person: Short
    other: Short


class GivenSplit(Given):
    """Either a name that is somebody else's, or the id of a thread in which it is."""

    name: Short | None = None
    thread: Annotated[str, StringConstraints(min_length=1, max_length=4_000)] | None = None


class GivenOptions(Given):
    """What the input does not say itself."""

    title: Short | None = None
    author: Short | None = None
    published: datetime.date | None = None
    url: Address | None = None
    yardstick: Short | None = None
    min_confidence: Annotated[float, Field(ge=0, le=1)] = 0.0

    def options(self, yardstick: str) -> Options:
        """What a job takes; ``yardstick`` is the server's own."""
        day = self.published.isoformat() if self.published else None
        return Options(
            title=self.title,
            author=self.author,
            published=day,
            url=self.url,
            yardstick=self.yardstick or yardstick,
            min_confidence=self.min_confidence,
        )


class GivenReading(GivenOptions):
    """Either a text or the address of a page."""

    text: str | None = None
    address: Address | None = None


class GivenSearch(Given):
    """The query string of a search of claims, under a name."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    query: Annotated[str, StringConstraints(min_length=1, max_length=2_000)]


class GivenSettings(Given):
    """Whose scale turns certainty words into probabilities."""

    yardstick: Short


class GivenAccount(Given):
    """Somebody who is to be able to sign in."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    role: Literal["reader", "editor", "admin"] = "editor"
    password: Password


class GivenAccountChange(Given):
    """Another role, another password, or both."""

    role: Literal["reader", "editor", "admin"] | None = None
    password: Password | None = None


class GivenToken(Given):
    """A token for a program: what it is for, what it may do, after how many days it ends."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    scope: Literal["read", "write", "admin"] = "read"
    days: Annotated[int, Field(ge=1, le=3_650)] | None = None


# What is given


class ProblemDetails(BaseModel):
    """An error, as RFC 9457 has it; ``remedy`` says what to do."""

    type: str
    title: str
    status: int
    detail: str
    remedy: str | None = None


class Page(BaseModel):
    """A page of a list; ``next`` is the cursor of the next one, null on the last."""

    items: list[dict[str, Any]]
    next: str | None


class Done(BaseModel):
    """What was done: the number of the step, by which it can be taken back."""

    step: int


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What an operation's description says of errors."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    said = {
        401: "Nobody is signed in.",
        403: "Not with this role or scope.",
        404: "There is no such thing.",
        409: "It does not go with what is there.",
        413: "It is too large.",
        422: "A value that cannot be.",
        429: "Too many tries.",
        503: "The ledger is busy.",
    }
    return {status: {"description": said[status], "content": content} for status in statuses}


def gives(
    description: str, *, ref: str | None = None, many: bool = False, status: int = 200, errors: tuple[int, ...] = ()
) -> dict[int | str, dict[str, Any]]:
    """The answers of an operation: a component by name (or any object), or a page of such, and the errors."""
    one: dict[str, Any] = {"$ref": f"#/components/schemas/{ref}"} if ref else {"type": "object"}
    if many:
        shape = {
            "type": "object",
            "properties": {"items": {"type": "array", "items": one}, "next": {"type": ["string", "null"]}},
            "required": ["items", "next"],
        }
        one = shape
    usual = {401, 403, 422, 503, *errors}
    made: dict[int | str, dict[str, Any]] = {
        status: {"description": description, "content": {"application/json": {"schema": one}}}
    }
    return made | problems(*sorted(usual))
