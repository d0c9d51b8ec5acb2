"""What can go wrong, as a tree.

SaysoError                 anything Sayso raises on purpose
├── InputError             an input could not be read; names the input, what is wrong and the remedy
│   ├── DecodingError      the bytes are no text in any encoding that could be detected
│   ├── FetchError         an address could not be fetched
│   └── LanguageError      the text is in a language the model does not know
├── FieldError             a field of a document or an option has a value that cannot be (a date in the future)
└── ModelError             the weights are missing, damaged or of another version
"""

from __future__ import annotations


class SaysoError(Exception):
    """Anything Sayso raises on purpose; its text is one line that can be shown to a user."""


class InputError(SaysoError):
    """An input could not be read.

    ``input`` names it as the user did, ``problem`` says what is wrong and where, ``remedy`` what to do.
    """

    def __init__(self, input: str, problem: str, remedy: str = "") -> None:
        self.input, self.problem, self.remedy = input, problem, remedy
        super().__init__(f"{input}: {problem}" + (f"; {remedy}" if remedy else ""))


class DecodingError(InputError):
    """The bytes are no text in any encoding that could be detected."""


class FetchError(InputError):
    """An address could not be fetched."""


class LanguageError(InputError):
    """The text is in a language the model does not know."""


class FieldError(InputError):
    """A field of a document or an option has a value that cannot be."""


class ModelError(SaysoError):
    """The weights are missing, damaged or of another version."""
