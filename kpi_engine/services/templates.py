"""Tables to fill in, made from the catalogue: one a measure, one a source.

A measure's has two rows whose numbers are words that say what to write; left as they are, the rows
are rejected. A source's has two made-up rows, named EXAMPLE where they have a name.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.events import Counter, EventKind
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.catalogue.recipes import EventRecipe, FieldSpec, TableRecipe
from kpi_engine.errors import UnknownNameError
from kpi_engine.imports.matching import needed_columns
from kpi_engine.imports.plan import field_type
from kpi_engine.periods import add_months, month_of
from kpi_engine.services.identities import part_label
from kpi_engine.terms import Fold, Grain, Unit
from kpi_engine.units import lower_first
from kpi_engine.workspace import Workspace

_AMOUNTS: Mapping[Unit, str] = {
    Unit.PERCENT: "0.962 for 96.2 %",
    Unit.COUNT: "how many",
    Unit.CURRENCY: "amount",
    Unit.MINUTES: "minutes",
    Unit.HOURS: "hours",
    Unit.DAYS: "days",
    Unit.MILLISECONDS: "thousandths of a second",
    Unit.POINTS: "points",
    Unit.PER_WEEK: "how many a week",
    Unit.PER_100_USERS: "how many per 100 people",
    Unit.HOURS_PER_EMPLOYEE: "hours per employee",
}
"""What to write as the value of a measure."""
_NAMES = {
    "service": "Online shop",
    "team": "Service desk",
    "link": "Head office",
    "site": "Head office",
    "channel": "Web shop",
    "country": "Italy",
}
"""Made-up members of a dimension; others are called as the dimension."""
_NUMBERS, _COUNTS = ("4", "5"), ("1", "2")
"""Made-up numbers: any score or amount may be the first, any count the second."""
_SPREADSHEET_DAY_ZERO = datetime(1899, 12, 30, tzinfo=UTC)


def stated_metrics(ws: Workspace) -> tuple[Metric, ...]:
    """Every measure whose numbers can be brought in as such, by label."""
    metrics = [m for m in ws.catalogue.metrics.values() if not m.worked_out]
    return tuple(sorted(metrics, key=lambda metric: metric.label))


def metric_template(ws: Workspace, metric_id: str, *, today: date) -> str:
    """A table for one measure: its last two periods that have ended, and what to write.

    Raises:
        UnknownNameError: There is no such measure, or it is worked out and never brought in.
    """
    known = {metric.id: metric for metric in stated_metrics(ws)}
    if metric_id not in known:
        raise UnknownNameError("metric", metric_id, known)
    metric = known[metric_id]
    columns = {"period": list(_periods(metric, today)), "metric": [metric.id] * 2}
    if metric.dimensions:
        part = metric.dimensions[0]
        columns["segment"] = ["", f"{part}={_member(part)}"]
    columns |= {name: [words] * 2 for name, words in _asked(ws.catalogue, metric).items()}
    return _csv(list(columns), zip(*columns.values(), strict=True))


def source_template(ws: Workspace, recipe_id: str, *, today: date) -> str:
    """A table with the columns of one source.

    Raises:
        UnknownNameError: There is no such recipe.
    """
    recipe = ws.catalogue.recipe(recipe_id)
    if isinstance(recipe, EventRecipe):
        return _events(recipe, ws.catalogue.events[recipe.event], today)
    return _numbers(ws, recipe, today)


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def _member(dimension: str) -> str:
    return _NAMES.get(dimension, dimension.replace("_", " ").capitalize())


def _periods(metric: Metric, today: date) -> tuple[str, str]:
    """The last two days, months or quarters that have ended, as a file says them."""
    month = month_of(today)
    ranked = metric.measure.fold in (Fold.MEDIAN, Fold.QUANTILE)
    if metric.cadence is Grain.DAY and not ranked:
        return (f"{today - timedelta(days=2)}", f"{today - timedelta(days=1)}")
    if metric.cadence is Grain.QUARTER:
        quarter = add_months(month, -((month.month - 1) % 3))
        return _quarter(add_months(quarter, -6)), _quarter(add_months(quarter, -3))
    return f"{add_months(month, -2):%Y-%m}", f"{add_months(month, -1):%Y-%m}"


def _quarter(first: date) -> str:
    return f"{first.year}-Q{(first.month + 2) // 3}"


def _asked(catalogue: Catalogue, metric: Metric) -> dict[str, str]:
    """What to write below each column of numbers: both parts of a ratio, else the value."""
    measure = metric.measure
    if measure.fold is not Fold.RATIO:
        return {"value": _AMOUNTS[metric.unit]}
    if measure.numerator is None or measure.denominator is None:
        return {"numerator": "how many of them", "denominator": "of how many"}
    upper = part_label(catalogue, measure.numerator)
    lower = part_label(catalogue, measure.denominator)
    if measure.complement:
        numerator = f"{lower} less {lower_first(upper)}"
    elif measure.numerator_minus:
        numerator = f"{upper} less {lower_first(part_label(catalogue, measure.numerator_minus))}"
    else:
        numerator = upper
    return {"numerator": numerator, "denominator": lower}


def _numbers(ws: Workspace, recipe: TableRecipe, today: date) -> str:
    """A table that holds numbers already."""
    month = month_of(today)
    months = [f"{add_months(month, -back):%Y-%m}" for back in (2, 1)]
    typed = [m for m in stated_metrics(ws) if not m.measure.parts and m.cadence is Grain.MONTH]
    if recipe.type == "months":
        name = recipe.columns.get("metric", ("metric",))[0]
        return _csv([name, *months], ([m.id, *[_AMOUNTS[m.unit]] * 2] for m in typed))
    names = recipe.period or ("period",)
    period = next((name for name in names if name.lower() == "date"), names[0])
    if recipe.type == "tidy":
        header = [recipe.columns.get(name, (name,))[0] for name in ("metric", "value")]
        return _csv([period, *header], ([months[1], m.id, _AMOUNTS[m.unit]] for m in typed))
    columns = {name: names[0] for name, names in recipe.metrics.items()}
    columns = columns or {metric.id: metric.label for metric in typed}
    words = [_AMOUNTS[ws.catalogue.metric(name).unit] for name in columns]
    members = {names[0]: _member(dimension) for dimension, names in recipe.members.items()}
    days = [str(today - timedelta(days=back)) for back in (2, 1)] if recipe.metrics else months
    rows = ([day, *members.values(), *words] for day in days)
    return _csv([period, *members, *columns.values()], rows)


def _events(recipe: EventRecipe, kind: EventKind, today: date) -> str:
    """The columns of a source of events: first names only, two rows of the last month."""
    rows = [_event_row(recipe, kind, today, number) for number in (1, 2)]
    header = list(rows[0])
    labels = [["Response"] * len(header)] * (recipe.header_rows - 1)
    return _csv(header, [*labels, *(list(row.values()) for row in rows)])


def _event_row(recipe: EventRecipe, kind: EventKind, today: date, number: int) -> dict[str, str]:
    cells: dict[str, str] = {}
    others = {name for spec in recipe.fields.values() for name in spec.columns[1:]}
    for field, spec in recipe.fields.items():
        names = [columns[0] for columns in needed_columns(spec) if columns]
        made = _cells(recipe, kind, field, today=today, number=number)
        for name, cell in zip(names, made, strict=False):
            if name not in others:
                cells.setdefault(name.rstrip("*"), cell)
    return cells


def _cells(
    recipe: EventRecipe, kind: EventKind, field: str, *, today: date, number: int
) -> Iterator[str]:
    """What the columns of one field hold in an example row."""
    spec = recipe.fields[field]
    many = len(needed_columns(spec))
    if spec.when:
        yield from (_usual(cells, is_needed=spec.required) for cells in spec.when.values())
    elif spec.speeds:
        yield from ["12 Mbit/s"] * len(spec.speeds) + ["100 Mbit/s"] * len(spec.capacities)
    elif field_type(field, recipe, kind) in ("instant", "day"):
        yield _instant(recipe, field, today=today, number=number)
        yield from ["2:30:00" if spec.less else "90"] * (many - 1)
    elif spec.beside:
        yield _member(next(iter(kind.dimensions), field))
        yield f"EXAMPLE-{number}"
    else:
        yield from [_cell(recipe, kind, field, spec, number)] * many


def _cell(recipe: EventRecipe, kind: EventKind, field: str, spec: FieldSpec, number: int) -> str:
    """A cell that is neither an instant nor a speed."""
    of = field_type(field, recipe, kind)
    if spec.words:
        words = list({said: word for word, said in reversed(spec.words.items())}.values())
        return words[::-1][min(number, len(words)) - 1]
    if spec.one_of:
        return spec.one_of[0]
    if of == "yes_no":
        return "true" if number == 1 else "false"
    if any(field in counter.minus for counter in _counters(kind)):
        return "0"
    if of in ("number", "whole"):
        return (_NUMBERS if of == "number" else _COUNTS)[number - 1]
    if field in kind.key and field not in kind.dimensions:
        return f"EXAMPLE-{number}"
    return _member(field)


def _counters(kind: EventKind) -> list[Counter]:
    return [counter for counter in kind.counters.values() if isinstance(counter, Counter)]


def _usual(cells: Sequence[str], *, is_needed: bool) -> str:
    """What a column holds where none of these cells does."""
    if "true" in cells:
        return "false"
    return "completed" if is_needed and "*" not in cells else ""


def _instant(recipe: EventRecipe, field: str, *, today: date, number: int) -> str:
    """An instant at the end of the last month, later than those that it must not be before."""
    day = month_of(today) - timedelta(days=3 - number)
    at = datetime.combine(day, time(9), tzinfo=UTC) + timedelta(hours=2 * _rank(recipe, field))
    pattern = recipe.date_patterns[0]
    if pattern == "excel":
        return str((at - _SPREADSHEET_DAY_ZERO) / timedelta(days=1))
    if pattern.startswith("epoch"):
        return str(int(at.timestamp()) * (1000 if pattern.endswith("milli") else 1))
    written = {"iso": "%Y-%m-%d %H:%M:%S", "iso_zone": "%Y-%m-%dT%H:%M:%SZ"}
    return at.strftime(written.get(pattern, pattern))


def _rank(recipe: EventRecipe, field: str) -> int:
    """How many instants come before this one."""
    before = recipe.fields[field].not_before
    return 0 if before is None or before == field else 1 + _rank(recipe, before)
