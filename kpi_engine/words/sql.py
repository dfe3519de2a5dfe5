"""Queries and their answers, in words."""

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.services.sql import Answer, Described

_LONGEST = 60


def headline(views: int, as_of: int) -> str:
    """What can be read, and of when."""
    newest = f"as they stand after batch {as_of}" if as_of else "which hold no data yet"
    return f"{views} views can be read, {newest}."


def outcome(answer: Answer) -> str:
    """How much came back, of what, and how long it took."""
    count = len(answer.rows)
    rows = "1 row" if count == 1 else f"{count:,} rows"
    if not answer.is_whole:
        rows = f"The first {rows}; there are more than that"
    return f"{rows}, as of batch {answer.as_of}, in {answer.seconds:.1f} s."


def nothing(text: str, catalogue: Catalogue) -> str:
    """Why an answer may have no rows."""
    named = [m for m in catalogue.metrics.values() if m.worked_out and m.id in text]
    if not named:
        return "Nothing fits what was asked. Loosen a condition, or look at one view alone."
    known = " and ".join(f"{metric.id} ({metric.label})" for metric in named)
    return f"{known}: worked out when a page reads it, so readings and facts hold none of it."


def columns(view: Described) -> str:
    """The names of a view's columns."""
    return ", ".join(name for name, _, _ in view.columns)


def asked_before(text: str, *, is_refused: bool) -> str:
    """A query of the history, in one line."""
    line = " ".join(text.split())
    short = line if len(line) <= _LONGEST else f"{line[:_LONGEST].rstrip()} …"
    return f"{short} (refused)" if is_refused else short
