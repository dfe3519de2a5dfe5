"""What somebody who knows a file better says about how it is to be read."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Overrides:
    """Decisions taken by a person; None, empty and 0 leave a decision to the reader.

    Attributes:
        table: Which table of a file that holds several, by the name it is offered under.
        encoding: Name of the letters' encoding, as Python knows it.
        delimiter: What stands between cells.
        header_line: Line of the column names, the first line being 1.
        decimal: The decimal mark, point or comma.
        day_first: Whether 3/4 is the third of April.
        time_zone: IANA zone of times without one.
        columns: Field to the column it is read from; an empty column leaves the field out.
        replaces: The file is all that its source has for the days it covers: what the source
            brought for them before and the file does not contain is taken out.
        adds: Rows of a table of numbers that speak of the same measure, part and period are parts
            of one number and are added; otherwise the last of them counts.
    """

    table: str = ""
    encoding: str = ""
    delimiter: str = ""
    header_line: int = 0
    decimal: str = ""
    day_first: bool | None = None
    time_zone: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    replaces: bool = False
    adds: bool = False

    def lasting(self) -> dict[str, Any]:
        """What holds for every file of the source, as plain values; empty where nothing does."""
        said = asdict(self)
        kept = {name: said[name] for name in _LASTING}
        return {name: value for name, value in kept.items() if value not in _UNSAID}

    def filled(self, remembered: Mapping[str, Any]) -> "Overrides":
        """With what was said before about the source where nothing is said now."""
        said = asdict(self)
        gaps = {n: v for n, v in remembered.items() if n in _LASTING and said[n] in _UNSAID}
        return replace(self, **gaps)


_LASTING = ("decimal", "day_first", "time_zone", "columns", "adds")
"""What is true of a source; the others are true of one file."""
_UNSAID: tuple[Any, ...] = ("", None, {}, False)


AS_READ = Overrides()
"""Nobody said anything: everything is decided from the file."""
