"""What came out, as tables: over all, where nothing is to be found, and where something is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import mean

from rich.console import Console
from rich.table import Table

from benchmarks.translation.cells import CELLS, Cell, problem
from benchmarks.translation.contenders import CONTENDERS
from benchmarks.translation.running import Results
from benchmarks.translation.scenarios import Driver, Kind
from benchmarks.translation.tally import Tally

MOST_FALSE = 0.05
LEAST_COVERED = 0.93
OURS = next(iter(CONTENDERS))

Figure = Callable[[Tally], float | None]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One table.

    Attributes:
        head: Column headings; the first ``words`` columns are text.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int


@dataclass(frozen=True, kw_only=True)
class Line:
    """One driver of one scenario by one grain, over one or more lengths.

    Attributes:
        tallies: By contender, one a length.
    """

    cells: tuple[Cell, ...]
    driver: Driver
    tallies: dict[str, tuple[Tally, ...]]

    @property
    def kind(self) -> Kind:
        kind = self.cells[0].scenario.kind
        if kind is Kind.EFFECT and self.driver.effect == 0:
            return Kind.NULL
        return kind

    @property
    def labels(self) -> tuple[str, str]:
        name = f": {self.driver.name}" if self.driver.name else ""
        apart = " †" if self.kind is Kind.APART else ""
        counts = ", ".join(str(cell.count) for cell in self.cells)
        return (
            f"{self.cells[0].scenario.what}{name}{apart}",
            f"{counts} {self.cells[0].grain.value}s",
        )

    def figures(self, name: str, figure: Figure) -> list[float]:
        """One a length that has it."""
        found = (figure(one) for one in self.tallies.get(name, ()))
        return [value for value in found if value is not None]


def lines_of(results: Results) -> tuple[Line, ...]:
    """Results by scenario, grain and driver, in the order of the cells."""
    found = []
    cells = (CELLS[key] for key in results)
    for _, group in groupby(cells, key=lambda cell: (cell.grain, cell.scenario.name)):
        own = tuple(group)
        for place, driver in enumerate(problem(own[0], 0).draw.drivers):
            tallies = {
                name: tuple(results[cell.key][name, place] for cell in own)
                for name in CONTENDERS
                if (name, place) in results[own[0].key]
            }
            found.append(Line(cells=own, driver=driver, tallies=tallies))
    return tuple(found)


def sheets(results: Results) -> tuple[Sheet, ...]:
    """Everything that was asked, the summary first."""
    lines = lines_of(results)
    nothing = [line for line in lines if line.driver.effect == 0]
    something = [line for line in lines if line.driver.effect != 0]
    return (_overall(lines), _nulls(nothing), _found(something), _truth(something))


def _overall(lines: Sequence[Line]) -> Sheet:
    nulls = [line for line in lines if line.kind is Kind.NULL]
    effects = [line for line in lines if line.kind is Kind.EFFECT]
    barred = [*nulls, *effects]

    def row(name: str) -> tuple[str, ...]:
        false = _every(nulls, name, lambda one: one.false_links)
        covered = _every(barred, name, lambda one: one.coverage)
        wrong = _every(effects, name, lambda one: one.sign_errors)
        return (
            name,
            _spread(false, max),
            f"{sum(value > MOST_FALSE for value in false)} of {len(false)}",
            _spread(covered, min),
            f"{sum(value < LEAST_COVERED for value in covered)} of {len(covered)}",
            _spread(_every(effects, name, lambda one: one.power), min),
            _spread(wrong, max),
            *(_milliseconds(lines, name, grain) for grain in ("month", "week", "day")),
        )

    return Sheet(
        title="Over all",
        head=(
            "", "false links", "cells over 5 %", "coverage", "cells under 93 %", "power",
            "wrong sign", "ms a monthly link", "weekly", "daily",
        ),
        rows=tuple(row(name) for name in CONTENDERS),
        words=1,
    )  # fmt: skip


def _nulls(lines: Sequence[Line]) -> Sheet:
    def row(line: Line) -> tuple[str, ...]:
        bar = None if line.kind is Kind.APART else MOST_FALSE
        ours = line.figures(OURS, lambda one: one.false_links)
        return (
            *line.labels,
            _shares(ours, is_missed=lambda value: bar is not None and value > bar),
            *(_shares(line.figures(name, lambda one: one.false_links)) for name in _others()),
            _coverage(line),
            _shares(line.figures(OURS, lambda one: one.alarmed)),
        )

    return Sheet(
        title="Nothing there: false links",
        head=("", "series", OURS, *_others(), f"{OURS}'s coverage", "lead check rings"),
        rows=tuple(row(line) for line in lines),
        words=2,
    )


def _found(lines: Sequence[Line]) -> Sheet:
    def row(line: Line) -> tuple[str, ...]:
        power = (_shares(line.figures(name, lambda one: one.power)) for name in CONTENDERS)
        lag = (_shares(line.figures(name, lambda one: one.lag_found)) for name in _searchers())
        return (*line.labels, *power, *lag)

    return Sheet(
        title="Something there: found, with the right sign, and at the right lag",
        head=("", "series", *CONTENDERS, *(f"lag: {name}" for name in _searchers())),
        rows=tuple(row(line) for line in lines),
        words=2,
    )


def _truth(lines: Sequence[Line]) -> Sheet:
    def row(line: Line) -> tuple[str, ...]:
        covered = (_shares(line.figures(name, lambda one: one.coverage)) for name in _others())
        bias = (_shares(line.figures(name, lambda one: one.bias)) for name in CONTENDERS)
        return (*line.labels, _coverage(line), *covered, *bias)

    return Sheet(
        title="Something there: coverage of the 95 % range, and bias as a share of the effect",
        head=("", "series", *CONTENDERS, *(f"bias: {name}" for name in CONTENDERS)),
        rows=tuple(row(line) for line in lines),
        words=2,
    )


def _others() -> list[str]:
    return [name for name in CONTENDERS if name != OURS]


def _searchers() -> list[str]:
    """Those with a search of their own; the structural model takes the regression's lags."""
    return [name for name in CONTENDERS if name != "structural"]


def _coverage(line: Line) -> str:
    is_barred = line.kind is not Kind.APART
    covered = line.figures(OURS, lambda one: one.coverage)
    return _shares(covered, is_missed=lambda value: is_barred and value < LEAST_COVERED)


def _every(lines: Sequence[Line], name: str, figure: Figure) -> list[float]:
    return [value for line in lines for value in line.figures(name, figure)]


def _spread(values: Sequence[float], worst: Callable[[Sequence[float]], float]) -> str:
    if not values:
        return ""
    return f"{100 * mean(values):.1f} %, worst {100 * worst(values):.0f} %"


def _milliseconds(lines: Sequence[Line], name: str, grain: str) -> str:
    own = [line for line in lines if line.cells[0].grain.value == grain]
    found = _every(own, name, lambda one: one.seconds_each)
    return f"{1000 * mean(found):.0f}" if found else ""


def _shares(
    values: Sequence[float], *, is_missed: Callable[[float], bool] = lambda _: False
) -> str:
    """Percentages side by side, those past a bar in bold."""
    shown = [_marked(f"{100 * value:.0f}", is_bold=is_missed(value)) for value in values]
    return f"{' / '.join(shown)} %".replace("-", "−") if shown else ""


def _marked(text: str, *, is_bold: bool) -> str:
    return f"**{text}**" if is_bold else text


def as_markdown(sheet: Sheet) -> Iterator[str]:
    """A table as documents have it, line by line."""
    yield f"### {sheet.title}"
    yield ""
    yield f"| {' | '.join(sheet.head)} |"
    yield f"|{'---|' * len(sheet.head)}"
    for row in sheet.rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def show(sheet: Sheet, console: Console) -> None:
    """A table as terminals have it."""
    table = Table(title=sheet.title, title_justify="left")
    for place, head in enumerate(sheet.head):
        table.add_column(head, justify="left" if place < sheet.words else "right")
    for row in sheet.rows:
        table.add_row(*(cell.replace("**", "*") for cell in row))
    console.print(table)
