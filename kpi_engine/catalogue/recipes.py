"""Recipes: how the header of one source maps to events or facts, as data."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from kpi_engine.catalogue.entry import Entry, MetricId, Name
from kpi_engine.terms import Grain


class FieldSpec(Entry):
    """Where one field of an event comes from.

    Attributes:
        columns: Names it goes by in exports; compared without case, blanks and underscores. A
            star at the end stands for anything.
        required: A row without it is rejected; a file without the column is not this source.
        may_be_empty: Only the column is required; a row need not fill it.
        words: Source word (lower case) to our word: ``"1 - critical": "1"``.
        constant: A fixed value instead of a column.
        product_of: Two columns multiplied, such as quantity and unit price.
        one_of: True when the cell is one of these (lower case); empty where it is empty.
        first_number: Only the first run of digits counts, as in ``1 - Critical``.
        when: Column to cells (``*`` at the end stands for anything): True where one of these
            columns has one of its cells, False elsewhere.
        add_minutes: The instant of the first column plus the minutes in this column, which may
            also be a duration in words or as a clock.
        less: The instant of the first column less the duration in this column.
        is_end: The instant ends what the row stands for: the moment before it counts.
        beside: A second column; the text is both with a colon between, or the one that is there.
        speeds: Columns of the speed in each direction of a line, ``12 Mbit/s`` or a number of
            bit/s; the number is the share of the capacity that the busier direction used.
        capacities: Columns of the capacity in each direction; where the file has none, it is that
            which ``known`` names.
        known: Name of a list of the organisation and field whose member is looked up there, for
            what the file does not say.
        scale: The number is multiplied by this (0.01 for percent to share).
        beyond: Only what exceeds this counts: of three stations, two are handovers.
        minimum: A smaller number is rejected.
        not_before: Name of the field whose instant may not be later than this one.
        may_be_future: What is planned lies ahead: later instants than now are accepted.
        otherwise: What stands in for an empty cell.
        file_name: Where the file has no such column, what the file is called, without dates.
        clock: The cell is a duration such as ``26:03:00``, ``1.02:03:04`` or ``2h 5m``; this is
            the unit it becomes a number of.
        hashed: Kept only as a salted hash: it tells people apart without naming them.
        joined: Two columns are one text with this between them, as year and quarter are; of the
            second only the digits count.
        days_after: The cell counts days from the day that stands behind this word above the
            header.
    """

    columns: tuple[str, ...] = ()
    required: bool = False
    may_be_empty: bool = False
    words: dict[str, str] = Field(default_factory=dict)
    constant: str | None = None
    product_of: tuple[str, str] | None = None
    one_of: tuple[str, ...] = ()
    first_number: bool = False
    when: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    add_minutes: tuple[str, ...] = ()
    less: tuple[str, ...] = ()
    is_end: bool = False
    beside: tuple[str, ...] = ()
    speeds: tuple[tuple[str, ...], ...] = ()
    capacities: tuple[tuple[str, ...], ...] = ()
    known: tuple[Name, Name] | None = None
    scale: float | None = None
    beyond: float | None = None
    minimum: float | None = None
    not_before: Name | None = None
    may_be_future: bool = False
    otherwise: str | None = None
    file_name: bool = False
    clock: Literal["minutes", "hours", "days"] | None = None
    hashed: bool = False
    days_after: str | None = None
    joined: str | None = None


class Grouping(Entry):
    """How several rows of a file make one event.

    Attributes:
        how: ``latest`` keeps the last version by ``order_by`` (then file order); ``sum`` adds the
            fields in ``add``, takes the earliest instant, and the first non-empty of the rest.
    """

    how: Literal["latest", "sum"]
    order_by: tuple[Name, ...] = ()
    add: tuple[Name, ...] = ()


class EventRecipe(Entry):
    """A source whose rows are events.

    Attributes:
        by_name_only: Its columns say too little: it is read only when somebody names it.
        signature: Columns that tell this source even where a needed one is missing.
        header_rows: Rows that column names take; what stands in the others is left out.
        skip: Column to the cells that mark rows which are no data, such as sums below a table;
            ``*`` at the end stands for anything. Such rows are listed as left out.
        keep: Column to the cells of rows that are data all the same.
        repeats: Columns that this source writes once for each value; the first counts.
        missing: Cells that mean "empty".
        date_patterns: strptime patterns tried in order; the first that fits a cell counts.
        time_zone: IANA zone of the source's clock; None means the organisation's.
        decimal: The decimal mark; None leaves it to each file.
        day_first: Whether 3/4 is the third of April; None leaves it to each file.
        personal: Columns that never get in (B10).
        traps: What is known to go wrong with this source, in plain words.
    """

    type: Literal["events"] = "events"
    id: Name
    version: int = Field(ge=1)
    label: str
    source: str
    event: Name
    fields: dict[Name, FieldSpec]
    missing: tuple[str, ...] = ("",)
    date_patterns: tuple[str, ...] = ("%Y-%m-%d %H:%M:%S",)
    time_zone: str | None = None
    decimal: Literal[".", ","] | None = None
    day_first: bool | None = None
    grouping: Grouping | None = None
    by_name_only: bool = False
    signature: tuple[str, ...] = ()
    header_rows: int = Field(default=1, ge=1)
    skip: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    keep: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    repeats: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    cadence: Grain = Grain.MONTH
    traps: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _has_required(self) -> Self:
        fields = self.fields.values()
        if not any(field.required and (field.columns or field.speeds) for field in fields):
            raise ValueError("at least one field is required, or no header could be recognised")
        return self


TableColumn = Literal["metric", "segment", "value", "numerator", "denominator"]


class TableRecipe(Entry):
    """A file that already holds numbers.

    ``tidy`` has one number a row, ``wide`` a column a metric, ``months`` a row a metric and a
    column a month.

    Attributes:
        period: Names that the column of days or months goes by; empty: the usual ones.
        columns: For a tidy table or one with a column a month: what a column says (``metric``,
            ``segment``, ``value``, ``numerator``, ``denominator``) to the names it goes by; those
            that are missing go by the usual ones.
        metrics: Metric to the names that its column goes by; empty: columns named like a metric.
        scale: Metric to what its numbers are multiplied by, as 7 makes those of a day a week's.
        members: Dimension to the names of the column that says which member a row is about.
        days_after: Short numbers as periods count days from the day that stands behind this word
            above the header.
        decimal: The decimal mark; None leaves it to each file.
        day_first: Whether 3/4 is the third of April; None leaves it to each file.
        one_row_each: Several rows about the same day and part are all rejected.
        skip: As in an event recipe: rows that are no data, such as a total.
        by_name_only: Its columns say too little: it is read only when somebody names it.
        personal: Columns that never get in (B10).
        traps: What is known to go wrong with this source, in plain words.
    """

    type: Literal["tidy", "wide", "months"]
    id: Name
    version: int = Field(ge=1)
    label: str
    source: str
    period: tuple[str, ...] = ()
    columns: dict[TableColumn, tuple[str, ...]] = Field(default_factory=dict)
    metrics: dict[MetricId, tuple[str, ...]] = Field(default_factory=dict)
    scale: dict[MetricId, float] = Field(default_factory=dict)
    members: dict[Name, tuple[str, ...]] = Field(default_factory=dict)
    days_after: str | None = None
    decimal: Literal[".", ","] | None = None
    day_first: bool | None = None
    one_row_each: bool = False
    skip: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    by_name_only: bool = False
    personal: tuple[str, ...] = ()
    traps: tuple[str, ...] = ()


class Unusable(Entry):
    """A table that is known and holds nothing that could be counted.

    Attributes:
        label: What it is, as it stands behind "This is".
        columns: Those that tell it.
        sentence: Why nothing can be read from it.
        next_step: What to add instead.
    """

    type: Literal["unusable"]
    id: Name
    version: int = Field(ge=1)
    label: str
    columns: tuple[str, ...] = Field(min_length=1)
    sentence: str
    next_step: str


Recipe = Annotated[EventRecipe | TableRecipe | Unusable, Field(discriminator="type")]
