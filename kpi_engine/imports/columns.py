"""How the columns of a file are written: decided from its samples, noted with the evidence."""

import re
from collections.abc import Collection, Iterable, Sequence

from kpi_engine.catalogue.recipes import FieldSpec
from kpi_engine.errors import ImportRejectedError
from kpi_engine.imports.instants import Dated, Order, dated
from kpi_engine.imports.numerals import Written, written
from kpi_engine.store.numerals import PLAIN, Numerals


class Columns:
    """The sampled columns of a file, and what was decided about them."""

    def __init__(
        self,
        samples: Sequence[Sequence[str]],
        header: Sequence[str],
        numbers: Iterable[int],
        *,
        decimal: str,
    ) -> None:
        self.samples, self.header = samples, header
        self.decisions: list[str] = []
        self.doubts: list[tuple[str, str]] = []
        self._dated: dict[int, Dated] = {}
        self._alone = {at: written(self.cells(at)) for at in dict.fromkeys(numbers)}
        marks = {one.numerals.decimal for one in self._alone.values() if one.is_settled}
        self._decimal = decimal or (marks.pop() if len(marks) == 1 else "")

    def cells(self, position: int) -> list[str]:
        """The sampled cells of a column."""
        return [row[position] for row in self.samples if position < len(row)]

    def _name(self, position: int) -> str:
        return self.header[position] or f"column {position + 1}"

    def numerals(self, position: int, *, spec: FieldSpec | None = None) -> Numerals:
        """How numbers are written there; a decimal mark that other columns tell counts here too.

        Args:
            position: Of the column.
            spec: What is read from it. Cells may be durations such as ``0 hrs, 5 mins``, which
                are read as they stand, or speeds, each with a unit of its own.
        """
        cells = self.cells(position)
        if spec and spec.add_minutes and any(re.search("[a-z:]", c.lower()) for c in cells):
            return PLAIN
        if spec and spec.speeds:
            cells = [re.sub("[A-Za-z/ ]+$", "", cell.strip()) for cell in cells]
            alone = written(cells)
        else:
            alone = self._alone.get(position) or written(cells)
        known = "" if alone.is_settled else self._decimal
        return self._noted(position, written(cells, decimal=known) if known else alone)

    def _noted(self, position: int, found: Written) -> Numerals:
        name = self._name(position)
        if found.evidence:
            self.decisions.append(f"{name}: {found.evidence}")
        if found.doubt:
            self.doubts.append((name, found.doubt))
        if found.numerals.hides:
            self.doubts.append((name, "Small counts are hidden, as in <=5; they stay missing."))
        return found.numerals

    def proven(
        self, positions: Iterable[int], *, patterns: Sequence[str], missing: Sequence[str]
    ) -> tuple[Order, ...]:
        """What single columns prove about day and month, as long as none proves the reverse."""
        for position in positions:
            cells = self.cells(position)
            self._dated[position] = dated(cells, patterns=patterns, missing=missing)
        found = {one.order for one in self._dated.values() if one.order is not None}
        return tuple(one for one in found if Order(one.mark, not one.is_day_first) not in found)

    def dated(
        self,
        position: int,
        *,
        patterns: Sequence[str],
        missing: Sequence[str],
        day_first: bool | None,
        proven: Collection[Order] = (),
    ) -> tuple[str, ...]:
        """How instants are written there.

        Args:
            position: Of the column.
            patterns: Those of the recipe.
            missing: Cells that mean "empty".
            day_first: What somebody said about the order of day and month.
            proven: What other columns prove about it.
        """
        name, found = self._name(position), self._dated.get(position)
        if found is None or found.doubt:
            found = dated(
                self.cells(position),
                patterns=patterns,
                missing=missing,
                day_first=day_first,
                proven=proven,
            )
        if found.offset:
            raise misread(
                f"{name} counts from a start that the file does not name, as {found.offset} does, "
                "so nothing says on which days this happened.",
                hint="Write dates and times in its place, such as 2026-01-12 17:00.",
            )
        if found.evidence:
            self.decisions.append(f"{name}: {found.evidence}")
        if found.doubt:
            self.doubts.append((name, found.doubt))
        return found.patterns


def misread(message: str, *, hint: str) -> ImportRejectedError:
    """A refusal of a table that could be opened: read otherwise, it may be right."""
    refused = ImportRejectedError(message, hint=hint)
    refused.tables = ("",)
    return refused
