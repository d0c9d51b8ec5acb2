"""What can go wrong, as a tree.

SaysoError                 anything Sayso raises on purpose
├── InputError             an input could not be read; names the input, what is wrong and the remedy
│   ├── DecodingError      the bytes are no text in any encoding that could be detected
│   ├── FetchError         an address could not be fetched
│   └── LanguageError      the text is in a language the model does not know
├── FieldError             a field of a document or an option has a value that cannot be (a date in the future)
├── OutputError            what was made could not be written; names the file, what is wrong and the remedy
├── ArchiveError           a folder of an archive's tables could not be used, or the run that writes it had to stop
├── LedgerError            the ledger could not be used; names the ledger, what is wrong and the remedy
│   ├── LockedLedger       another process has been writing to it for longer than was waited
│   ├── ReadOnlyLedger     it may not be written to
│   ├── ForeignLedger      the file or database is not a ledger
│   ├── NewerLedger        a newer Sayso wrote it
│   ├── OlderLedger        an older Sayso wrote it and it has not been migrated
│   ├── DamagedLedger      its contents contradict themselves, or are not readable as a database
│   ├── FullLedger         the disk, or the size that a file may have, is used up
│   └── UnreachableLedger  the file or the server is not there
├── UnknownError           no claim, person or question goes by that name
├── AmbiguousError         several do
├── MissingExtra           a part of Sayso that is installed by itself is needed and not there
└── ModelError             the weights are missing, damaged or of another version
"""

from __future__ import annotations

from typing import Any, TypeVar

E = TypeVar("E", bound=Exception)


class SaysoError(Exception):
    """Anything Sayso raises on purpose; its text is one line that can be shown to a user."""

    def __reduce__(self) -> Any:
        # As it goes to another process and back: made from its fields, which its one line is not.
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[E], args: tuple[Any, ...], fields: dict[str, Any]) -> E:
    error = kind.__new__(kind, *args)
    error.__dict__.update(fields)
    return error


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
    """An address could not be fetched.

    ``status`` is the server's where it gave one, ``again`` says that it may be had another time, and ``pause`` after
    how many seconds the server asks to be called again.
    """

    def __init__(
        self,
        input: str,
        problem: str,
        remedy: str = "",
        *,
        status: int | None = None,
        again: bool = False,
        pause: float | None = None,
    ) -> None:
        super().__init__(input, problem, remedy)
        self.status, self.again, self.pause = status, again, pause


class LanguageError(InputError):
    """The text is in a language the model does not know."""


class FieldError(InputError):
    """A field of a document or an option has a value that cannot be."""


class OutputError(SaysoError):
    """What was made could not be written: a full disk, no such folder, no permission."""

    def __init__(self, output: str, problem: str, remedy: str = "") -> None:
        self.output, self.problem, self.remedy = output, problem, remedy
        super().__init__(f"{output}: {problem}" + (f"; {remedy}" if remedy else ""))


class ArchiveError(SaysoError):
    """A folder of an archive's tables could not be used, or the run that writes it had to stop."""

    def __init__(self, folder: str, problem: str, remedy: str = "") -> None:
        self.folder, self.problem, self.remedy = folder, problem, remedy
        super().__init__(f"{folder}: {problem}" + (f"; {remedy}" if remedy else ""))


class ModelError(SaysoError):
    """The weights are missing, damaged or of another version."""


class LedgerError(SaysoError):
    """The ledger could not be used. ``ledger`` names it without its password."""

    def __init__(self, ledger: str, problem: str, remedy: str = "") -> None:
        self.ledger, self.problem, self.remedy = ledger, problem, remedy
        super().__init__(f"{ledger}: {problem}" + (f"; {remedy}" if remedy else ""))


class LockedLedger(LedgerError):
    """Another process has been writing to the ledger for longer than was waited."""


class ReadOnlyLedger(LedgerError):
    """The ledger may not be written to."""


class ForeignLedger(LedgerError):
    """The file or database is not a ledger."""


class NewerLedger(LedgerError):
    """A newer Sayso wrote the ledger."""


class OlderLedger(LedgerError):
    """An older Sayso wrote the ledger, and it has not been migrated."""


class DamagedLedger(LedgerError):
    """The ledger's contents contradict themselves, or are not readable as a database."""


class FullLedger(LedgerError):
    """The disk, or the size that a file may have, is used up."""


class UnreachableLedger(LedgerError):
    """The ledger's file or server is not there."""


class UnknownError(InputError):
    """No claim, person or question goes by that name."""


class AmbiguousError(InputError):
    """Several claims, persons or questions go by that name."""


class MissingExtra(SaysoError):
    """What was asked for needs a library that is installed by itself."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs a library that is not installed; run: pip install 'sayso[{extra}]'")
