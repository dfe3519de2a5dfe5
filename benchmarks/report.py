"""What was measured, beside its budget."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, kw_only=True)
class Line:
    """One measured figure.

    Attributes:
        unit: Stands behind the number: a multiplication sign for a ratio, s, ms or GB.
        limit: The budget; None when the figure is shown for comparison only.
        at_least: The budget is a floor, not a ceiling.
        how: What was measured against what, and how often.
    """

    what: str
    measured: float
    unit: str
    limit: float | None = None
    at_least: bool = False
    how: str = ""

    @property
    def is_met(self) -> bool | None:
        """Whether the budget holds; None without one."""
        if self.limit is None:
            return None
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    @property
    def budget(self) -> str:
        """The budget in words."""
        if self.limit is None:
            return ""
        return f"{'at least' if self.at_least else 'at most'} {self.limit:g} {self.unit}"


def show(lines: Sequence[Line]) -> None:
    """Print a table of what was measured."""
    words = {True: "met", False: "MISSED", None: ""}
    table = Table("what", "measured", "budget", "", "how", show_lines=True)
    for line in lines:
        measured = f"{line.measured:,.2f} {line.unit}"
        table.add_row(line.what, measured, line.budget, words[line.is_met], line.how)
    Console(width=150).print(table)
