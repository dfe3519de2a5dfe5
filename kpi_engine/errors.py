"""What people can cause and cure: every error says what happened and what to do next."""

from collections.abc import Iterable
from difflib import get_close_matches


class ScorecardError(Exception):
    """Base of every expected error.

    Attributes:
        message: What happened, in one sentence.
        hint: What to do next, in one sentence; empty when there is nothing to add.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.message = message
        self.hint = hint


class DefinitionError(ScorecardError):
    """The author of a YAML definition has something to correct."""


class EditConflictError(DefinitionError):
    """Somebody else was faster: what is to be changed is no longer what was looked at."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(
            f"Somebody has changed the {kind} '{name}' since you opened it.",
            hint="Nothing of yours is saved. Open it again, look at what it says now, then decide.",
        )


class UnknownNameError(ScorecardError, LookupError):
    """Something was asked for that no definition declares."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        close = get_close_matches(name, names, n=1)
        hint = f"Did you mean '{close[0]}'?" if close else f"Known: {', '.join(names) or 'none'}."
        super().__init__(f"There is no {kind} called '{name}'.", hint=hint)


class NotAnswerableError(ScorecardError):
    """A question whose answer would mean nothing: who asks can ask another."""


class ImpossibleSettingError(ScorecardError):
    """A what-if asks for a value that a measure cannot have."""

    def __init__(self, label: str, value: str, *, hint: str = "") -> None:
        super().__init__(
            f"{label} cannot be {value}.", hint=hint or "Give a value that it can have."
        )


class ImportRejectedError(ScorecardError):
    """A file cannot be taken in as it is; the uploader can cure it.

    Attributes:
        tables: Names of the file's tables, where it may help to say how it is to be read; empty
            where it cannot even be opened.
    """

    tables: tuple[str, ...] = ()


class UnknownHeaderError(ImportRejectedError):
    """No source has these columns; who knows what the file is may say so.

    Attributes:
        header: The column names.
        samples: The first rows of data, for whoever says what the columns are.
        decisions: How the text was split, each with its evidence.
    """

    header: tuple[str, ...] = ()
    samples: tuple[tuple[str, ...], ...] = ()
    decisions: tuple[str, ...] = ()


class ClosedPeriodError(ScorecardError):
    """A month that its owners have signed would have to change."""


class NotAllowedError(ScorecardError):
    """The actor lacks the role this needs."""


class CancelledError(ScorecardError):
    """Whoever waited for something long asked for it to end early."""

    def __init__(self) -> None:
        super().__init__(
            "Cancelled: nothing was saved, and nothing is left of it here.",
            hint="The same file can be added again at any time.",
        )


class QueryRefusedError(ScorecardError):
    """A query may not be run, is mistyped, or took more than it may; whoever wrote it can cure it.

    Attributes:
        detail: Where in the query, as the database draws it; empty where it says no more.
    """

    def __init__(self, message: str, *, hint: str = "", detail: str = "") -> None:
        super().__init__(message, hint=hint)
        self.detail = detail


class StoreError(ScorecardError):
    """The store cannot be opened or written; the operator can cure it."""


class StoreBusyError(StoreError):
    """Another process holds the store; work can be handed over to it."""
