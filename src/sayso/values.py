"""Value objects that are made by the thousand while a text is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(cls: type[T]) -> type[T]:
    """A dataclass with slots that is equal and hashed by its fields, and never changed once made.

    Type checkers hold it to be frozen. Nothing does at run time, because a frozen dataclass takes five times as long
    to make: so it is for what stays inside of the package. Claims and what they hold are frozen.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)
