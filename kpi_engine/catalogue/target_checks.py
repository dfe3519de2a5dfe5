"""Rules about what holds from a month on: targets, their red lines, and new baselines."""

from collections.abc import Iterator

from kpi_engine.catalogue.draft import Draft
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.catalogue.phasing import months_of, parts_of
from kpi_engine.catalogue.targets import Baseline, Target
from kpi_engine.findings import Finding
from kpi_engine.periods import first_month
from kpi_engine.terms import Direction, Fold, Grain, Side, Unit

_LIKELY_PERCENT = 2.0
"""Nobody aims for 200 %: from here on, somebody wrote 97.5 for 0.975."""


def _dated(draft: Draft, kind: str, key: str, entry: Target | Baseline) -> Iterator[Finding]:
    """Mistakes in the month from which an entry holds, and in the segment it holds for."""
    yield from draft.unknown(kind, key, "metric", entry.metric, wanted="metric")
    if entry.valid_from.day != 1:
        rule = f"{kind.capitalize()}s start with a month, so on its first day."
        yield draft.error(kind, key, "valid_from", rule, value=entry.valid_from)
    for dimension in draft.undeclared_dimensions(entry.metric, entry.segment):
        sentence = f"{entry.metric} cannot be sliced by '{dimension}'."
        yield draft.error(kind, key, "segment", sentence, value=dimension)


def target_findings(draft: Draft) -> Iterator[Finding]:
    """Every mistake in targets."""
    for key, target in draft.targets.items():
        yield from _dated(draft, "target", key, target)
        metric = draft.metrics.get(target.metric)
        if metric is None:
            continue
        refused = _refusal(metric)
        if refused:
            yield draft.error("target", key, "", refused)
        else:
            yield from _values(draft, key, target, metric)
            yield from _stretch(draft, key, target, metric)
            yield from _period(draft, key, target, metric)


def baseline_findings(draft: Draft) -> Iterator[Finding]:
    """Every mistake in new baselines."""
    for key, baseline in draft.baselines.items():
        yield from _dated(draft, "baseline", key, baseline)


def _refusal(metric: Metric) -> str:
    """Why a metric may have no target; empty when it may."""
    if metric.activity:
        return (
            f"{metric.id} counts activity and serves no outcome, so it can carry no status and no "
            "target. Set a target for the outcome that the work is for."
        )
    if metric.side is Side.BASE:
        return f"{metric.id} is a count that others are divided by, so it is never judged itself."
    if metric.direction is Direction.NONE:
        return f"{metric.id} has direction none: nobody says what is good, so there is no target."
    return ""


def _values(draft: Draft, key: str, target: Target, metric: Metric) -> Iterator[Finding]:
    is_range = metric.direction is Direction.IN_RANGE
    for field in ("target", "red_line"):
        value = getattr(target, field)
        if isinstance(value, tuple) is not is_range:
            rule = "Two numbers are needed for a range" if is_range else "One number is needed"
            sentence = f"{value} found. {rule}: the direction of {metric.id} is {metric.direction}."
            yield draft.error("target", key, field, sentence, value=value)
            return
        yield from _percent(draft, key, field, value, metric)
    red, aim = target.red_line, target.target
    if isinstance(aim, tuple) and isinstance(red, tuple):
        yield from _range(draft, key, aim, red)
    elif isinstance(aim, float) and isinstance(red, float):
        yield from _red_line(draft, key, aim, red, metric)


def _percent(
    draft: Draft, key: str, field: str, value: float | tuple[float, float], metric: Metric
) -> Iterator[Finding]:
    numbers = value if isinstance(value, tuple) else (value,)
    if metric.unit is Unit.PERCENT and any(abs(n) >= _LIKELY_PERCENT for n in numbers):
        rule = "Percentages are written as fractions: 0.95 for 95 %."
        yield draft.error("target", key, field, f"{value} found. {rule}", value=value)
    elif metric.failure_space and field == "target" and numbers[0] >= 1:
        rule = "A metric judged by what went wrong needs a target below 1, or nothing may go wrong."
        yield draft.error("target", key, field, f"{value} found. {rule}", value=value)


def _red_line(draft: Draft, key: str, aim: float, red: float, metric: Metric) -> Iterator[Finding]:
    higher = metric.direction is Direction.HIGHER_IS_BETTER
    if red < aim if higher else red > aim:
        return
    where = "the same as" if red == aim else "on the good side of"
    way, side = ("Higher", "below") if higher else ("Lower", "above")
    sentence = (
        f"{red:g} is {where} target {aim:g}. {way} is better here, so the red line must be {side} "
        f"{aim:g}."
    )
    yield draft.error("target", key, "red_line", sentence, value=red)


def _stretch(draft: Draft, key: str, target: Target, metric: Metric) -> Iterator[Finding]:
    """What would be better still lies beyond the target; of a range there is no beyond."""
    if target.stretch is None:
        return
    stretch, aim = target.stretch, target.target
    if metric.direction is Direction.IN_RANGE or isinstance(aim, tuple):
        rule = "Inside a range nothing is better still, so there is no stretch target."
        yield draft.error("target", key, "stretch", rule, value=stretch)
        return
    yield from _percent(draft, key, "stretch", stretch, metric)
    higher = metric.direction is Direction.HIGHER_IS_BETTER
    if stretch <= aim if higher else stretch >= aim:
        way, side = ("Higher", "above") if higher else ("Lower", "below")
        sentence = (
            f"{stretch:g} is not better than target {aim:g}. {way} is better here, so the stretch "
            f"target must be {side} {aim:g}."
        )
        yield draft.error("target", key, "stretch", sentence, value=stretch)


def _period(draft: Draft, key: str, target: Target, metric: Metric) -> Iterator[Finding]:
    """Mistakes in a target of a quarter or a year."""
    if target.period is Grain.MONTH:
        return
    fold, parts = metric.measure.fold, parts_of(target, metric)
    if fold is not Fold.SUM or metric.measure.per_week:
        how = "is given by the week" if metric.measure.per_week else f"folds by {fold}"
        rule = "Only a sum can be spread over months: give the target that every month has."
        yield draft.error(
            "target", key, "period", f"{metric.id} {how}. {rule}", value=target.period
        )
        return
    if not parts:
        rule = f"{metric.id} comes once a {metric.cadence}, so a {target.period} has no part of it."
        yield draft.error("target", key, "period", rule, value=target.period)
        return
    year_starts_in = draft.organisation.year_starts_in if draft.organisation else 1
    start = first_month(target.valid_from, target.period, year_starts_in=year_starts_in)
    if start != target.valid_from:
        rule = f"A target of a {target.period} starts with it, here on {start}."
        yield draft.error("target", key, "valid_from", rule, value=target.valid_from)
        return
    if target.shares and len(target.shares) != parts:
        rule = f"{len(target.shares)} shares found. This {target.period} is spread over {parts}."
        yield draft.error("target", key, "shares", rule, value=list(target.shares))
    within = months_of(target)[1:]
    for other_key, other in draft.targets.items():
        same = (other.metric, dict(other.segment)) == (target.metric, dict(target.segment))
        if same and other.valid_from in within:
            rule = (
                f"It lies within the {target.period} from {target.valid_from}, whose target is "
                "spread over its months already. Give one or the other."
            )
            yield draft.error("target", other_key, "valid_from", rule, value=other.valid_from)


def _range(
    draft: Draft, key: str, aim: tuple[float, float], red: tuple[float, float]
) -> Iterator[Finding]:
    low, high = aim
    if low >= high:
        sentence = f"{low:g} to {high:g} is no range. The first number must be the smaller one."
        yield draft.error("target", key, "target", sentence, value=list(aim))
    elif not (red[0] < low and red[1] > high):
        sentence = (
            f"{red[0]:g} and {red[1]:g} do not lie outside the target {low:g} to {high:g}. The red "
            f"lines of a range must be below {low:g} and above {high:g}."
        )
        yield draft.error("target", key, "red_line", sentence, value=list(red))
