"""Facts that arrive as numbers: tidy rows and wide tables into checked, keyed facts."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.fiscal import FiscalCalendar
from kpi_engine.store import tables
from kpi_engine.store.cells import not_ancient
from kpi_engine.store.change import Change, touched_table
from kpi_engine.store.classify import incoming_table
from kpi_engine.store.counters import calendar_month, exact_sum
from kpi_engine.store.loading import row_number
from kpi_engine.store.periods import first_day, month_of, period_days
from kpi_engine.store.versions import literal_values
from kpi_engine.store.wide import COLUMN
from kpi_engine.terms import Fold, Grain, Unit

_DAY = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y/%m/%d")
_MONTH = ("%Y-%m", "%b %Y", "%B %Y", "%Y/%m", "%m/%Y", "%m.%Y", "%m-%Y")
_QUARTER = r"^(\d{4})[- ]?Q([1-4])$"
_WEEK = r"^(\d{4})[- ]?W(\d{1,2})$"


def metric_periods(rows: sa.Table, change: Change) -> dict[str, bool]:
    """For each metric named in the file, whether its days are all firsts of a month.

    Where months are made of weeks, the first of a month and the day it is named by both are.
    """
    day, calendar = _parsed(rows.c.period, _DAY), change.catalogue.organisation.calendar
    is_first = sa.extract("day", day) == 1
    if calendar.weeks is not None:
        is_first = sa.or_(is_first, day == first_day(month_of(day, calendar), calendar))
    query = (
        sa.select(rows.c.metric, sa.func.bool_and(is_first))
        .where(day.is_not(None))
        .group_by(rows.c.metric)
    )
    return {metric: bool(first) for metric, first in change.connection.execute(query).all()}


def named_segments(rows: sa.Table, change: Change) -> list[tuple[str, str]]:
    """Every combination of metric and segment text in the file."""
    query = sa.select(rows.c.metric, sa.func.coalesce(rows.c.segment, "all")).distinct()
    return [(str(m), str(s)) for m, s in change.connection.execute(query).all() if m is not None]


def check_stated(
    change: Change,
    rows: sa.Table,
    segments: Mapping[tuple[str, str], int | None],
    *,
    today: date | None,
    is_once: bool = False,
    adds: bool = False,
) -> sa.Table:
    """Rows into keyed facts, each with what is wrong with it.

    Args:
        change: The change in the making.
        rows: period, metric, segment, value or numerator and denominator, as read.
        segments: Segment id of each (metric, segment text); None where the text makes no sense.
        today: Later periods are rejected, and days but the next one, for clocks and zones differ;
            None: no check.
        is_once: Rows of the same key are rejected, all of them.
        adds: Rows of the same key are added; those that cannot be, such as shares without their
            parts, are rejected.
    """
    metrics = _metric_rules(change.catalogue, metric_periods(rows, change))
    places = literal_values(
        [(m, s, n) for (m, s), n in segments.items()] or [("", "", None)],
        metric=sa.String(),
        text=sa.String(),
        segment_id=sa.Integer(),
    )
    checked = change.staging.table(
        "checked",
        [
            sa.Column("part", sa.String),
            sa.Column("segment_id", sa.Integer),
            sa.Column("grain", sa.String),
            sa.Column("day", sa.Date),
            sa.Column("numerator", sa.Double),
            sa.Column("denominator", sa.Double),
            sa.Column("problem", sa.String),
            sa.Column("row_index", sa.BigInteger),
        ],
    )
    change.staging.create(change.connection, checked)
    r, m = rows.c, metrics.c
    read = (
        sa.select(
            r.metric,
            places.c.segment_id,
            *_readings_of(r.period),
            r.value,
            r.numerator,
            r.denominator,
            r.problem.label("read_problem"),
            row_number(rows).label("row_index"),
            m.id.label("known"),
            *(m[name] for name in ("fold", "is_share", "is_ratio", "worked_out")),
            *(m[name] for name in ("is_signed", "is_monthly", "per_week")),
            _in_column(rows).label("in_column"),
        )
        .select_from(
            rows.outerjoin(metrics, m.id == r.metric).outerjoin(
                places,
                sa.and_(
                    places.c.metric == r.metric,
                    places.c.text == sa.func.coalesce(r.segment, "all"),
                ),
            )
        )
        .subquery("read")
    )
    declared = change.catalogue.organisation.calendar
    placed = _placed(read.c, declared, counts_alike=is_once or adds)
    p = placed.c
    problem = sa.case(*_rules(p, today, adds=adds), else_=None)
    query = sa.select(
        p.metric, p.segment_id, p.grain, p.day, p.numerator, p.denominator, problem, p.row_index
    )
    change.connection.execute(checked.insert().from_select([c.name for c in checked.c], query))
    return checked


def read_contradictions(
    connection: sa.Connection, checked: sa.Table
) -> list[tuple[str, Grain, date, int]]:
    """Measures and periods of which good rows say different numbers: how many, earliest first."""
    c = checked.c
    numbers = sa.func.count(sa.distinct(sa.func.row(c.numerator, c.denominator)))
    query = (
        sa.select(c.part, c.grain, c.day, numbers)
        .where(c.problem.is_(None))
        .group_by(c.part, c.segment_id, c.grain, c.day)
        .having(numbers > 1)
        .order_by(c.day, c.part, c.segment_id)
    )
    return [
        (part, Grain(grain), day, int(count))
        for part, grain, day, count in connection.execute(query)
    ]


def _rules(
    p: ReadOnlyColumnCollection[str, Any], today: date | None, *, adds: bool
) -> list[tuple[sa.ColumnElement[bool], Any]]:
    """What makes a stated fact unusable, the first that applies counts."""
    share = p.numerator / sa.func.nullif(p.denominator, 0.0)
    level = sa.case((p.paired, share), else_=p.numerator)
    impossible = sa.or_(p.denominator < 0, sa.and_(p.denominator == 0, p.numerator != 0))
    by_day = p.grain == Grain.DAY.value
    is_sum = sa.or_(p.paired, p.fold == Fold.SUM.value)
    can_be_added = is_sum if adds else sa.false()
    ranked = p.fold.in_([Fold.MEDIAN.value, Fold.QUANTILE.value])
    rules = [
        (p.read_problem.is_not(None), p.read_problem),
        (p.known.is_(None), sa.literal("metric|unknown_metric")),
        (p.worked_out, sa.literal("metric|worked_out")),
        (
            sa.and_(p.day.is_(None), p.grain == Grain.WEEK.value),
            sa.literal("period|no_such_week"),
        ),
        (p.day.is_(None), sa.literal("period|unreadable_period")),
        (p.numerator.is_(None), _of_value("empty", p)),
        (p.segment_id.is_(None), sa.literal("segment|unknown_segment")),
        (sa.and_(p.paired, impossible), sa.literal("denominator|no_denominator")),
        (sa.and_(p.paired, ~p.is_ratio), sa.literal("numerator|not_a_ratio")),
        (sa.and_(p.is_share, sa.or_(level < 0, level > 1)), _of_value("not_a_share", p)),
        (
            sa.and_(~p.is_signed, level < 0, sa.false() if adds else sa.true()),
            _of_value("too_small", p),
        ),
        (
            sa.and_(by_day, p.fold == Fold.RATIO.value, ~p.paired),
            _of_value("bare_daily_share", p),
        ),
        (sa.and_(by_day, ranked), _of_value("daily_median", p)),
        (sa.and_(p.alike > 1, ~can_be_added), sa.literal("period|several")),
    ]
    if today is not None:
        latest = sa.case((by_day, sa.literal(today + timedelta(days=1))), else_=sa.literal(today))
        rules.append((p.day > latest, sa.literal("period|future")))
    return rules


def _of_value(kind: str, p: ReadOnlyColumnCollection[str, Any]) -> sa.ColumnElement[str]:
    return sa.func.concat(f"value|{kind}", p.in_column)


def _in_column(rows: sa.Table) -> sa.ColumnElement[str]:
    """What a problem ends in when its row came from one of several columns of numbers."""
    if COLUMN not in rows.c:
        return sa.literal("")
    return sa.func.concat("|", rows.c[COLUMN])


def _metric_rules(catalogue: Catalogue, firsts: Mapping[str, bool]) -> sa.FromClause:
    return literal_values(
        [
            (
                m.id,
                m.measure.fold.value,
                _is_share(m),
                m.measure.fold in (Fold.RATIO, Fold.WEIGHTED_MEAN),
                m.worked_out,
                m.ends[0] < 0,
                m.cadence is not Grain.DAY and firsts.get(m.id, False),
                m.measure.per_week,
            )
            for m in catalogue.metrics.values()
        ],
        id=sa.String(),
        fold=sa.String(),
        is_share=sa.Boolean(),
        is_ratio=sa.Boolean(),
        worked_out=sa.Boolean(),
        is_signed=sa.Boolean(),
        is_monthly=sa.Boolean(),
        per_week=sa.Boolean(),
    ).alias("metrics")


def _is_share(metric: Metric) -> bool:
    """Whether the value lies between 0 and 1 by what it is."""
    measure = metric.measure
    plain = measure.scale == 1 and not measure.minus_one and measure.numerator_minus is None
    return metric.unit is Unit.PERCENT and measure.fold is Fold.RATIO and plain


def _parsed(text: sa.ColumnElement[Any], patterns: Sequence[str]) -> sa.ColumnElement[Any]:
    tries = [not_ancient(sa.func.try_strptime(text, pattern)) for pattern in patterns]
    return sa.cast(sa.func.coalesce(*tries), sa.Date)


def _days(
    grain: sa.ColumnElement[Any], day: sa.ColumnElement[Any], calendar: FiscalCalendar
) -> sa.ColumnElement[Any]:
    """How many days the period of a stated fact has."""
    return sa.case(
        *(
            (grain == one.value, period_days(day, one, calendar))
            for one in (Grain.WEEK, Grain.MONTH, Grain.QUARTER)
        ),
        else_=1,
    )


def _placed(
    r: ReadOnlyColumnCollection[str, Any], calendar: FiscalCalendar, *, counts_alike: bool
) -> sa.Subquery:
    """Rows with their grain and first day, numbers a period, and how many share their key."""
    grain = sa.case(
        (sa.and_(r.as_day.is_not(None), r.is_monthly), Grain.MONTH.value),
        (r.as_day.is_not(None), Grain.DAY.value),
        (r.as_month.is_not(None), Grain.MONTH.value),
        (r.as_quarter.is_not(None), Grain.QUARTER.value),
        (r.is_week, Grain.WEEK.value),
    )
    as_day = r.as_day
    if calendar.weeks is not None:
        is_first = sa.extract("day", as_day) == 1
        as_day = sa.case(
            (sa.and_(r.is_monthly, ~is_first), month_of(as_day, calendar)), else_=as_day
        )
    day = sa.func.coalesce(as_day, r.as_month, r.as_quarter, r.as_week)
    paired = sa.and_(r.numerator.is_not(None), r.denominator.is_not(None))
    weeks = _days(grain, day, calendar) / sa.literal_column("7.0")
    numerator = sa.case((paired, r.numerator), (r.per_week, r.value * weeks), else_=r.value)
    denominator = sa.case((paired, r.denominator), (r.fold == Fold.WEIGHTED_MEAN.value, 1.0))
    key = (r.metric, r.segment_id, grain, day)
    return sa.select(
        r.metric,
        r.segment_id,
        grain.label("grain"),
        day.label("day"),
        numerator.label("numerator"),
        denominator.label("denominator"),
        *(r[name] for name in ("read_problem", "row_index", "known", "fold", "is_share")),
        *(r[name] for name in ("is_ratio", "worked_out", "is_signed", "in_column")),
        paired.label("paired"),
        (sa.func.count().over(partition_by=key) if counts_alike else sa.literal(1)).label("alike"),
    ).subquery()


def _readings_of(text: sa.ColumnElement[Any]) -> list[sa.ColumnElement[Any]]:
    """The first day that a period's text stands for, by each way of writing it."""
    year = sa.func.regexp_extract(text, _QUARTER, 1)
    number = sa.func.regexp_extract(text, _QUARTER, 2)
    first = sa.try_cast(number, sa.Integer()) * 3 - 2
    quarter = sa.case(
        (
            sa.func.regexp_matches(text, _QUARTER),
            sa.func.make_date(sa.try_cast(year, sa.Integer()), first, 1),
        )
    )
    return [
        _parsed(text, _DAY).label("as_day"),
        _parsed(text, _MONTH).label("as_month"),
        quarter.label("as_quarter"),
        sa.func.regexp_matches(text, _WEEK).label("is_week"),
        _monday(text).label("as_week"),
    ]


def _monday(text: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The first day of a week as ISO 8601 numbers it; NULL where its year has no such week."""
    year, number = (sa.func.regexp_extract(text, _WEEK, part) for part in (1, 2))
    monday = sa.cast(
        sa.func.try_strptime(sa.func.concat(year, "-", number, "-1"), "%G-%V-%u"), sa.Date
    )
    # A week 53 that a year does not have would be read as the first of the next.
    return sa.case((sa.extract("isoyear", monday) == sa.try_cast(year, sa.Integer()), monday))


def gather_facts(change: Change, checked: sa.Table, *, adds: bool = False) -> sa.Table:
    """Good rows into one row a fact.

    Of a repeated key the last in the file counts, whole; or all of them are added.
    """
    names = [*tables.FACT_KEY, "numerator", "denominator"]
    incoming = incoming_table(change, [checked.c[n] for n in names])
    change.staging.create(change.connection, incoming)
    rows = _added(checked) if adds else _last(checked)
    change.connection.execute(incoming.insert().from_select([x.name for x in incoming.c], rows))
    return incoming


def _added(checked: sa.Table) -> sa.Select[Any]:
    c = checked.c
    key = [c[k] for k in tables.FACT_KEY]
    sums = (exact_sum(c.numerator), exact_sum(c.denominator))
    return sa.select(*key, *sums, sa.func.count()).where(c.problem.is_(None)).group_by(*key)


def _last(checked: sa.Table) -> sa.Select[Any]:
    c = checked.c
    key = [c[k] for k in tables.FACT_KEY]
    # The last row whole: also where it has no denominator and an earlier one had.
    last = (sa.func.arg_max_null(n, c.row_index) for n in (c.numerator, c.denominator))
    return sa.select(*key, *last, sa.func.count()).where(c.problem.is_(None)).group_by(*key)


def touch_fact_months(
    change: Change, facts: sa.FromClause, *only: sa.ColumnElement[bool]
) -> list[str]:
    """Note the months of these facts as touched.

    Returns:
        The parts they belong to.
    """
    month = calendar_month(facts.c.day)
    rows = sa.select(month).where(*only).distinct()
    touched = touched_table(change.staging)
    change.connection.execute(touched.insert().from_select(["month"], rows))
    parts = change.connection.execute(sa.select(facts.c.part).where(*only).distinct())
    return [str(part) for part in parts.scalars()]
