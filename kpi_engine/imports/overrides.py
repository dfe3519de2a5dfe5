"""What somebody who knows a file better says about how it is to be read."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
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
    """

    table: str = ""
    encoding: str = ""
    delimiter: str = ""
    header_line: int = 0
    decimal: str = ""
    day_first: bool | None = None
    time_zone: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)


AS_READ = Overrides()
"""Nobody said anything: everything is decided from the file."""
