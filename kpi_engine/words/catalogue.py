"""What do the numbers mean? Definitions in words."""

from collections.abc import Iterator, Mapping

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.catalogue.targets import Target
from kpi_engine.maths.status import Bound
from kpi_engine.services.catalogue import CatalogueEntry, CataloguePage
from kpi_engine.terms import Direction, Grain, Phasing, Side
from kpi_engine.units import DASH, format_target, lower_first
from kpi_engine.words.reading import day_text, joined

SIDES: Mapping[Side, str] = {Side.BUSINESS: "Business", Side.IT: "IT", Side.BASE: "Count"}
BETTER: Mapping[Direction, str] = {
    Direction.HIGHER_IS_BETTER: "higher",
    Direction.LOWER_IS_BETTER: "lower",
    Direction.IN_RANGE: "inside a range",
    Direction.NONE: "not judged",
}
_EVERY: Mapping[Grain, str] = {
    Grain.DAY: "day",
    Grain.WEEK: "week",
    Grain.MONTH: "month",
    Grain.QUARTER: "quarter",
    Grain.YEAR: "year",
}


def headline(page: CataloguePage) -> str:
    """How many measures there are, and how well IT and the business are tied together."""
    found = len(page.entries)
    if page.search.strip():
        return f"{found} of {page.total} measures match."
    mapped, orphans = len(page.coverage.mapped), len(page.coverage.orphans)
    without = len(page.coverage.without_driver)
    tied = f"{mapped} of {mapped + orphans} IT measures are linked to a business outcome"
    if without == 0:
        return f"{found} measures. {tied}, and every outcome has one behind it."
    return f"{found} measures. {tied}; {_without_driver(page)}."


def _without_driver(page: CataloguePage) -> str:
    """The business measures that IT is not linked to, told apart by whether they are shown."""
    shown = set(page.organisation.scorecard)
    untied = page.coverage.without_driver
    on = sum(name in shown for name in untied)
    said = []
    if on:
        noun = "outcome" if on == 1 else "outcomes"
        said.append(f"{on} {noun} on the scorecard")
    if off := len(untied) - on:
        measures = "business measure that is" if off == 1 else "business measures that are"
        said.append(f"{off} {measures} not on the scorecard")
    verb, them = ("has", "it") if len(untied) == 1 else ("have", "them")
    return f"{joined(said)} {verb} no IT measure behind {them}"


def target(entry: CatalogueEntry, *, currency: str = "$") -> str:
    """The target in force, with its sign; a dash when there is none."""
    if entry.target is None:
        return DASH
    return bound(entry.metric, entry.target.target, currency=currency)


def bound(metric: Metric, value: Bound, *, currency: str = "$") -> str:
    """A target or a red line with the sign that shows which way is better."""
    return format_target(
        value,
        unit=metric.unit,
        decimals=metric.decimals,
        direction=metric.direction,
        currency=currency,
    )


_SPREAD: Mapping[Phasing, str] = {
    Phasing.EVENLY: "spread evenly",
    Phasing.BY_DAYS: "spread by days",
    Phasing.BY_SHARES: "spread by shares",
}


def period(target: Target) -> str:
    """What a target is the target of: "each month", "the year, spread by days"."""
    if target.phasing is None:
        return "each month"
    return f"the {target.period.value}, {_SPREAD[target.phasing]}"


def stretch(metric: Metric, target: Target, *, currency: str = "$") -> str:
    """What would be better still; a dash where nobody set it."""
    return DASH if target.stretch is None else bound(metric, target.stretch, currency=currency)


def facts(entry: CatalogueEntry) -> Iterator[str]:
    """What else is declared, one sentence each."""
    metric = entry.metric
    yield f"It leaves out: {lower_first(metric.not_measured)}"
    yield f"Worked out as {entry.formula}."
    yield f"Answered for by {metric.owners.business} (business) and {metric.owners.it} (IT)."
    yield f"Expected every {_EVERY[metric.cadence]} from {joined(metric.sources)}."
    if metric.activity:
        yield "It counts work done and serves no outcome by itself, so it carries no status."
    elif metric.direction is not Direction.NONE:
        yield f"Better is {BETTER[metric.direction]}."
    if entry.counter_metric is not None:
        yield f"Must not get worse meanwhile: {lower_first(entry.counter_metric.label)}."
    if metric.dimensions:
        yield f"Can be split by {joined(metric.dimensions)}."
    if metric.since:
        yield f"Counted so since {day_text(metric.since)}: {metric.because.rstrip('.')}."
    if metric.origin:
        yield f"Technical name: {metric.origin}."
