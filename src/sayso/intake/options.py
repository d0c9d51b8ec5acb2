"""What a user may say of an input that the input does not say of itself."""

from __future__ import annotations

from dataclasses import dataclass

from sayso.errors import FieldError
from sayso.intake.dates import valid_date


@dataclass(frozen=True, slots=True)
class Overrides:
    """Values that go before what an input says: the title, the author, the day of publication and the address.

    ``published`` is made ISO 8601. Raises FieldError where it is no date, before 1800 or in the future, and where a
    value holds nothing but white space. The text of a post is never changed by them.
    """

    title: str | None = None
    author: str | None = None
    published: str | None = None
    url: str | None = None

    def __post_init__(self) -> None:
        for name in ("title", "author", "url"):
            value = getattr(self, name)
            if value is not None and not value.strip():
                raise FieldError(f"--{name}", "is empty", "leave it out, or give a value")
        object.__setattr__(self, "published", valid_date(self.published, field="published", input="--published"))


NO_OVERRIDES = Overrides()
