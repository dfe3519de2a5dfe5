"""One entry as its author wrote it, and how findings about it are worded."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from kpi_engine.findings import Finding
from kpi_engine.terms import Severity


@dataclass(frozen=True, kw_only=True)
class Declared:
    """One entry as it stands in a file.

    Attributes:
        kind: metric, link, target, baseline, assumption, event, initiative, organisation or recipe.
        key: Tells entries of a kind apart; a later folder's entry of the same key replaces it.
        name: What the entry is called in a finding.
        line: Line its first field stands on.
    """

    kind: str
    key: str
    name: str
    file: str
    line: int
    content: dict[str, Any]

    def finding(
        self,
        severity: Severity,
        fields: str,
        sentence: str,
        *,
        value: object = None,
        cure: str = "",
    ) -> Finding:
        """A finding about one field of this entry; an empty ``fields`` is about all of it."""
        return Finding(
            severity=severity,
            place=", ".join(part for part in (self.file, self.name, fields) if part),
            sentence=sentence,
            next_step=cure,
            line=self.line,
            value=None if value is None else shown(value),
        )


def shown(value: object) -> str:
    """A found value as it can stand in a sentence: short, texts in quotes."""
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def nearest(name: str, known: Iterable[str]) -> str:
    """What was probably meant, as a sentence to append; the known names when nothing is close."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    if close:
        return f" Did you mean '{close[0]}'?"
    listed = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return f" Known: {listed or 'none'}."
