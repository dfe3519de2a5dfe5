"""Any measure by any dimension, in words: what changed, and who did most of it."""

from collections.abc import Sequence
from datetime import date

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.mapping.contribution import DatedEvent
from kpi_engine.periods import period_label
from kpi_engine.services import steps
from kpi_engine.services.explored import Answer, SlicePoint
from kpi_engine.services.leaderboard import NOT_ASSIGNED, OTHERS, Leaderboard, Standing
from kpi_engine.terms import LONGER_THAN_A_MONTH, Comparison, Direction, Grain
from kpi_engine.units import (
    DASH,
    NO_CHANGE,
    effect_decimals,
    format_change,
    format_effect,
    format_value,
    lower_first,
    rounds_to_zero,
)
from kpi_engine.words.reading import day_text, distance_text, joined, number_text

GRAINS = {
    Grain.DAY: ("day", "days"),
    Grain.WEEK: ("week", "weeks"),
    Grain.MONTH: ("month", "months"),
    Grain.QUARTER: ("quarter", "quarters"),
    Grain.YEAR: ("year", "years"),
}
COMPARED = {
    Comparison.PREVIOUS: "Time before",
    Comparison.LAST_YEAR: "Year before",
    Comparison.TARGET: "Target",
}
BOARD_TITLE = "Who did most of the change"
WHOLE = "All"


def period_text(period: date, grain: Grain, organisation: Organisation) -> str:
    """A period as it stands in texts: "12 Oct 2026", "week of 12 Oct 2026", "October 2026"."""
    return period_label(period, grain, year_starts_in=organisation.year_starts_in)


def day(of: date) -> str:
    """A day as it stands in texts: "12 Oct 2026"."""
    return day_text(of)


def events_text(events: Sequence[DatedEvent]) -> str:
    """What the dotted lines on a chart stand for."""
    said = "; ".join(f"{day(event.day)}, {event.short or event.sentence}" for event in events)
    return f"Dotted lines mark what happened: {said}."


def in_period(period: date, grain: Grain, organisation: Organisation) -> str:
    """When something was: "in October 2026", "in the week of 12 Oct 2026", "on 12 Oct 2026"."""
    when = period_text(period, grain, organisation)
    if grain is Grain.DAY:
        return f"on {when}"
    return f"in the {when}" if grain is Grain.WEEK else f"in {when}"


def name_of(metric: Metric, segment: dict[str, str]) -> str:
    """A metric with the part of it that is looked at: "Net revenue, France"."""
    return ", ".join([metric.label, *segment.values()])


def is_known(answer: Answer) -> bool:
    """Whether there is any value to show."""
    return any(point.value is not None for point in answer.whole.points)


def headline(answer: Answer, organisation: Organisation) -> str:
    """What the newest period that is over did, and who did most of it."""
    currency = organisation.currency
    name = lower_first(name_of(answer.metric, dict(answer.segment)))
    points = [p for p in answer.whole.points if p.value is not None and not p.is_open]
    if not points:
        return f"There is nothing to show of {name}."
    point = points[-1]
    value = number_text(point.value, answer.metric, currency=currency)
    when = in_period(point.period, answer.grain, organisation)
    said = f"{name[:1].upper()}{name[1:]} was {value} {when}"
    moves = [_beside(point, answer, organisation), _moved(answer, organisation)]
    known = [move for move in moves if move]
    return f"{said}, {' and '.join(known)}." if known else f"{said}."


def _beside(point: SlicePoint, answer: Answer, organisation: Organisation) -> str:
    """How far a value is from what it is laid over; empty where the board says the same."""
    if answer.compare is None or point.value is None or point.held_against is None:
        return ""
    metric, currency = answer.metric, organisation.currency
    change = point.value - point.held_against
    if answer.compare is Comparison.TARGET:
        end = "lower end of the target" if metric.direction is Direction.IN_RANGE else "target"
        target = number_text(point.held_against, metric, currency=currency)
        return _apart(change, metric, f"the {end} of {target}", currency, same="equal to")
    if answer.compare is Comparison.LAST_YEAR:
        earlier = steps.year_before(point.period, answer.grain)
    else:
        count = len(steps.periods_between(answer.first, answer.last, answer.grain))
        earlier = steps.moved(point.period, answer.grain, -count)
    if answer.board is not None and answer.board.compared_with == earlier:
        return ""
    return _apart(change, metric, in_period(earlier, answer.grain, organisation), currency)


def _moved(answer: Answer, organisation: Organisation) -> str:
    """How far a value is from that on the board, and who did most of it."""
    board, metric, currency = answer.board, answer.metric, organisation.currency
    if board is None or board.change is None:
        return ""
    before = in_period(board.compared_with, answer.grain, organisation)
    said = _apart(board.change, metric, before, currency)
    first = next((row for row in board.rows if row.member not in (NOT_ASSIGNED, OTHERS)), None)
    if _is_nothing(board.change, metric) or board.reason or first is None or first.part is None:
        return said
    return f"{said}; {first.member} did {part_text(first, metric, currency=currency)} of it"


def _apart(change: float, metric: Metric, than: str, currency: str, *, same: str = "as") -> str:
    if _is_nothing(change, metric):
        return f"{same} {than}"
    way = "less" if change < 0 else "more"
    return f"{distance_text(change, metric, currency=currency)} {way} than {than}"


def _is_nothing(change: float, metric: Metric) -> bool:
    return rounds_to_zero(change, unit=metric.unit, decimals=metric.decimals)


def elsewhere_text(answer: Answer, grains: Sequence[Grain]) -> str:
    """By which other periods a measure is known, where it is not by those asked for.

    Args:
        answer: Without any value.
        grains: Those with some.
    """
    asked = GRAINS[answer.grain][0]
    if not grains:
        return f"No number of it is known by the {asked}. Another time or segment may have some."
    return f"It is not known by the {asked}; it is by the {joined(GRAINS[g][0] for g in grains)}."


def left_out_text(answer: Answer, organisation: Organisation) -> str:
    """Which quarters or years have no value for not being whole; empty where all have one."""
    if answer.grain not in LONGER_THAN_A_MONTH:
        return ""
    parts = [
        period_text(point.period, answer.grain, organisation)
        for point in answer.whole.points
        if point.value is None and point.numerator is not None and point.denominator != 0
    ]
    if not parts:
        return ""
    is_one = len(parts) == 1
    return (
        f"{joined(parts)} {'is' if is_one else 'are'} left out: "
        f"not every month of {'it' if is_one else 'them'} is in."
    )


def against_text(answer: Answer) -> str:
    """What the line is laid over, as a caption; empty where nothing is drawn."""
    points = answer.whole.points
    if answer.compare is None or all(point.held_against is None for point in points):
        return ""
    if answer.compare is Comparison.TARGET:
        return "Dashed: the target that held then."
    if answer.compare is Comparison.LAST_YEAR:
        short = answer.grain in (Grain.DAY, Grain.WEEK)
        weeks = ", 52 weeks back, so that weekdays meet" if short else ""
        return f"Dashed: the same {GRAINS[answer.grain][0]} a year earlier{weeks}."
    count = len(points)
    one, many = GRAINS[answer.grain]
    return (
        f"Dashed: the {count} {many} before, in the same order."
        if count > 1
        else (f"Dashed: the {one} before.")
    )


def open_text(answers: Sequence[Answer]) -> str:
    """What the dotted end of a line stands for; empty where no line has one."""
    is_any = any(point.is_open for answer in answers for point in answer.whole.points[-1:])
    return "Dotted to its end: a line whose newest period is still filling up." if is_any else ""


def board_title(board: Leaderboard, answer: Answer, organisation: Organisation) -> str:
    """What the leaderboard is of: it is not always what the line is laid over."""
    before = period_text(board.compared_with, answer.grain, organisation)
    now = period_text(board.period, answer.grain, organisation)
    return f"{BOARD_TITLE}, {before} to {now}"


def board_caption(board: Leaderboard, answer: Answer, organisation: Organisation) -> str:
    """Between which periods, of how many, and why a change is not split."""
    now = period_text(board.period, answer.grain, organisation)
    before = period_text(board.compared_with, answer.grain, organisation)
    said = f"{now[:1].upper()}{now[1:]} against {before}, {board.members:,} by {board.dimension}."
    if board.reason:
        return f"{said} {board.reason}"
    whole = change_text(board.change, answer.metric, currency=organisation.currency)
    return f"{said} All parts add up to the change of the whole: {whole}."


def part_text(row: Standing, metric: Metric, *, currency: str = "$") -> str:
    """What a member did to the change of the whole."""
    return effect_text(row.part, metric, currency=currency)


def effect_text(effect: float | None, metric: Metric, *, currency: str = "$") -> str:
    """A part of a change, one digit finer than the measure; a dash where it is not known."""
    if effect is None:
        return DASH
    if effect == 0:
        return NO_CHANGE
    return format_effect(effect, unit=metric.unit, decimals=metric.decimals, currency=currency)


def change_text(change: float | None, metric: Metric, *, currency: str = "$") -> str:
    """A change of the whole; a dash where it is not known."""
    if change is None:
        return DASH
    digits = effect_decimals(metric.unit, metric.decimals)
    return format_change(change, unit=metric.unit, decimals=digits, currency=currency)


def value_text(value: float | None, metric: Metric, *, currency: str = "$") -> str:
    """A value in a table; a dash where there is none."""
    if value is None:
        return DASH
    return format_value(value, unit=metric.unit, decimals=metric.decimals, currency=currency)


def board_rows(board: Leaderboard, metric: Metric, *, currency: str = "$") -> list[dict[str, str]]:
    """The leaderboard as a table of texts."""
    has_parts = not board.reason
    is_ratio = any(row.own is not None for row in board.rows)
    found = []
    for row in board.rows:
        cells = {
            board.dimension.capitalize(): row.member,
            "Now": value_text(row.now, metric, currency=currency),
            "Before": value_text(row.before, metric, currency=currency),
            "Own change": change_text(row.change, metric, currency=currency),
        }
        if has_parts:
            cells["Part of the change"] = part_text(row, metric, currency=currency)
        if has_parts and is_ratio:
            cells["By its own change"] = effect_text(row.own, metric, currency=currency)
            cells["By its weight"] = effect_text(row.shift, metric, currency=currency)
        found.append(cells)
    return found
