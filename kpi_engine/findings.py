"""Findings: many things to look at, listed together (an error stops at the first)."""

from dataclasses import asdict, dataclass
from typing import Any

from kpi_engine.terms import Severity


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing somebody should look at.

    Attributes:
        severity: ERROR keeps the row or entry out, WARNING lets it in, NOTE explains a decision.
        place: Where it is: file and entry of a definition, or column of an upload.
        sentence: What was found and the whole rule.
        next_step: What to do about it; empty when nothing needs doing.
        line: Line in the uploaded file, the header being line 1; None when not about one row.
        value: The offending text as it stands in the file.
    """

    severity: Severity
    place: str
    sentence: str
    next_step: str = ""
    line: int | None = None
    value: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)
