"""Event kinds: what one event of each kind carries, and what is counted from it, as data."""

from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from kpi_engine.catalogue.entry import Entry, Name
from kpi_engine.terms import Fold

ColumnType = Literal["text", "whole", "number", "yes_no", "instant", "day"]
Scalar = str | float | bool


class Condition(Entry):
    """A closed set of comparisons; all that are given must hold.

    An empty column holds for ``is_missing: true`` and ``is_not`` only.
    """

    equals: Scalar | None = None
    is_not: Scalar | None = None
    is_in: tuple[Scalar, ...] | None = None
    at_least: float | None = None
    at_most: float | None = None
    is_missing: bool | None = None


class Counter(Entry):
    """One number counted from events, per day and segment.

    Attributes:
        at: The column whose day an event counts on.
        where: Column to condition; the event counts only if all hold.
        value: What an event counts for: 1 when missing, a column, or a span of two instants.
        unit: Unit of a span; ``wall_days`` by the clock on the wall, so that a day in which clocks
            change is one day too.
        times: A column the value is multiplied by (1 where it is empty).
        minus: Columns taken off the value: corrections that count against it.
        scale: The value is multiplied by this (1/60 for minutes to hours).
        by_hour: Also kept per hour, for profiles of the week.
        label: What it counts, as a page says it; None prints the kind and the counter's id.
    """

    type: Literal["count"] = "count"
    label: str | None = None
    at: Name
    where: dict[Name, Condition] = Field(default_factory=dict)
    value: Name | tuple[Name, Name] | None = None
    unit: Literal["minutes", "hours", "days", "wall_days"] = "hours"
    times: Name | None = None
    minus: tuple[Name, ...] = ()
    scale: float = 1.0
    by_hour: bool = False


class Stock(Entry):
    """How many are open at the end of each day.

    Attributes:
        opens: Column of the instant from which an event counts.
        closes: Column of the instant from which it no longer counts, or several, of which the
            first that is filled holds; all empty means still open.
        unless: Column to condition; where nothing says when an event closed and one of them
            holds, it is over all the same. Nobody knows until when it was open: it never counts.
        older_than_days: Count only what has been open for longer than this.
        label: What it counts, as a page says it.
    """

    type: Literal["stock"]
    label: str | None = None
    opens: Name
    closes: tuple[Name, ...] = Field(min_length=1)
    unless: dict[Name, Condition] = Field(default_factory=dict)
    older_than_days: int = 0

    @field_validator("closes", mode="before")
    @classmethod
    def _one_is_enough(cls, closes: object) -> object:
        return (closes,) if isinstance(closes, str) else closes


class SpanMinutes(Entry):
    """Minutes per day of a state, spans cut at day edges, overlaps of one service counted once.

    Attributes:
        measures: ``down`` is unplanned downtime, ``agreed`` what was watched and not planned,
            ``up`` is agreed less down.
        label: What it counts, as a page says it.
    """

    type: Literal["span_minutes"]
    label: str | None = None
    measures: Literal["down", "agreed", "up", "planned"]


def _counter_type(counter: object) -> str:
    """What kind a counter is; a plain count need not say so."""
    if isinstance(counter, dict):
        return str(counter.get("type", "count"))
    return str(getattr(counter, "type", "count"))


CounterKind = Annotated[
    Annotated[Counter, Tag("count")]
    | Annotated[Stock, Tag("stock")]
    | Annotated[SpanMinutes, Tag("span_minutes")],
    Discriminator(_counter_type),
]


class EventKind(Entry):
    """A kind of thing that happens.

    Attributes:
        key: Columns that say which event it is; a later row with the same key is a newer version.
        columns: Every column kept, with its type. Nothing personal is kept.
        choices: Text columns that hold one of a few words; a row with another is rejected.
        dimensions: Columns one may slice by.
        bookkeeping: Instants that only say which version is newer; nothing happens at them.
    """

    id: Name
    label: str
    plural: str
    key: tuple[Name, ...] = Field(min_length=1)
    columns: dict[Name, ColumnType]
    choices: dict[Name, tuple[str, ...]] = Field(default_factory=dict)
    dimensions: tuple[Name, ...] = ()
    counters: dict[Name, CounterKind] = Field(default_factory=dict)
    bookkeeping: tuple[Name, ...] = ()

    @property
    def happens_at(self) -> list[str]:
        """Columns of the instants at which something happens, in the order of the columns."""
        instants = [name for name, of in self.columns.items() if of == "instant"]
        return [name for name in instants if name not in self.bookkeeping]

    @model_validator(mode="after")
    def _columns_exist(self) -> Self:
        used = {*self.key, *self.dimensions, *self.bookkeeping, *self.choices}
        for counter in self.counters.values():
            used |= counter_columns(counter)
        unknown = used - set(self.columns)
        if unknown:
            raise ValueError(f"not among the columns: {', '.join(sorted(unknown))}")
        return self


def counter_columns(counter: Counter | Stock | SpanMinutes) -> set[str]:
    """The columns a counter reads."""
    if isinstance(counter, Stock):
        return {counter.opens, *counter.closes, *counter.unless}
    if isinstance(counter, SpanMinutes):
        return set()
    value = counter.value
    spans = set(value) if isinstance(value, tuple) else ({value} if value else set())
    extra = {counter.times} if counter.times else set()
    return {counter.at, *counter.where, *spans, *extra, *counter.minus}


ADDITIVE = (Fold.SUM, Fold.RATIO, Fold.WEIGHTED_MEAN)
"""Folds whose parts add up over days and segments."""
