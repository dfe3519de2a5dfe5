"""Rules about metrics: their parts, sides, dimensions and counter-metrics."""

from collections.abc import Iterator

from kpi_engine.catalogue.declared import nearest
from kpi_engine.catalogue.draft import Draft
from kpi_engine.catalogue.events import Counter, Stock
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.findings import Finding
from kpi_engine.terms import Direction, Fold, Side, Unit

_PREFIXES = {"it": Side.IT, "biz": Side.BUSINESS, "base": Side.BASE}
_FROM_EVENTS = (Fold.MEDIAN, Fold.QUANTILE)
_RATIO_PARTS = (Fold.SUM, Fold.LAST)


def metric_findings(draft: Draft) -> Iterator[Finding]:
    """Every mistake in how metrics refer to events and to each other."""
    for key, metric in draft.metrics.items():
        yield from _side(draft, key, metric)
        yield from _judgement(draft, key, metric)
        for field, part in _parts(metric):
            yield from _part(draft, key, metric, f"measure.{field}", part)
        yield from _cycle(draft, key)
        yield from _dimensions(draft, key, metric)
        if metric.counter_metric:
            yield from draft.unknown(
                "metric", key, "counter_metric", metric.counter_metric, wanted="metric"
            )
        if metric.counter_metric == key:
            rule = "A metric cannot be its own counter-metric."
            yield draft.error("metric", key, "counter_metric", rule, value=key)
        yield from _controls(draft, key, metric)


def _controls(draft: Draft, key: str, metric: Metric) -> Iterator[Finding]:
    for name in metric.controls:
        yield from draft.unknown("metric", key, "controls", name, wanted="metric")
        linked = any(x.driver == name and x.outcome == key for x in draft.links.values())
        if linked or name == key:
            rule = "A control is neither the metric itself nor one of its drivers."
            yield draft.error("metric", key, "controls", rule, value=name)


def _parts(metric: Metric) -> Iterator[tuple[str, str]]:
    for field in ("value", "numerator", "numerator_minus", "denominator"):
        part = getattr(metric.measure, field)
        if part:
            yield field, part


def _side(draft: Draft, key: str, metric: Metric) -> Iterator[Finding]:
    belongs = _PREFIXES[key.partition(".")[0]]
    if metric.side is not belongs:
        rule = "Names starting with it. are IT's, biz. the business's, base. counts for both."
        sentence = f"'{metric.side}' does not fit the name, which says '{belongs}'. {rule}"
        yield draft.error("metric", key, "side", sentence, value=metric.side.value)
    if metric.goal and metric.side is not Side.BUSINESS:
        rule = "Only business outcomes stand under a goal."
        yield draft.error("metric", key, "goal", rule, value=metric.goal)
    if not metric.goal and (metric.is_critical or metric.weight != 1):
        field = "is_critical" if metric.is_critical else "weight"
        rule = "It says how much an outcome counts in its goal, and there is no goal."
        yield draft.error("metric", key, field, rule, value=getattr(metric, field))


def _judgement(draft: Draft, key: str, metric: Metric) -> Iterator[Finding]:
    if metric.failure_space and (
        metric.unit is not Unit.PERCENT or metric.direction is not Direction.HIGHER_IS_BETTER
    ):
        rule = "Only a share of which more is better can be judged by what went wrong."
        yield draft.error("metric", key, "failure_space", rule)
    if metric.side is Side.BASE and metric.direction is not Direction.NONE:
        rule = "A base count is never judged by itself, so its direction is none."
        yield draft.error("metric", key, "direction", rule, value=metric.direction.value)
    if metric.unit is Unit.PERCENT and metric.measure.fold in (Fold.SUM, Fold.LAST):
        rule = "Percentages do not add up: use ratio with both parts, or weighted_mean."
        yield draft.error("metric", key, "measure.fold", rule, value=metric.measure.fold.value)


def _part(draft: Draft, key: str, metric: Metric, field: str, part: str) -> Iterator[Finding]:
    """One part: it exists, and it is of a kind that the fold can work with."""
    kind, _, name = part.partition(".")
    if kind in _PREFIXES:
        yield from draft.unknown("metric", key, field, part, wanted="metric")
        if part in draft.metrics:
            yield from _metric_part(draft, key, metric, field, draft.metrics[part])
        return
    yield from draft.unknown("metric", key, field, kind, wanted="event")
    event = draft.events.get(kind)
    counter = draft.counter(part)
    if event and counter is None:
        sentence = f"The event {kind} has no counter '{name}'.{nearest(name, event.counters)}"
        yield draft.error("metric", key, field, sentence, value=part)
    elif counter is not None:
        yield from _counter_part(draft, key, metric, field, part)


def _metric_part(
    draft: Draft, key: str, metric: Metric, field: str, part: Metric
) -> Iterator[Finding]:
    fold, its = metric.measure.fold, part.measure.fold
    if fold in _FROM_EVENTS:
        rule = f"A {fold} is computed from single events, never from another metric."
        yield draft.error("metric", key, field, rule, value=part.id)
    elif fold in (Fold.SUM, Fold.LAST) and its is not fold:
        rule = f"A {fold} is made of a metric that folds the same way."
        yield draft.error("metric", key, field, f"{part.id} folds by {its}. {rule}", value=part.id)
    elif its not in _RATIO_PARTS:
        rule = "A ratio is made of sums or counts, never of another ratio or median."
        yield draft.error("metric", key, field, f"{part.id} folds by {its}. {rule}", value=part.id)


def _counter_part(
    draft: Draft, key: str, metric: Metric, field: str, part: str
) -> Iterator[Finding]:
    fold, counter = metric.measure.fold, draft.counter(part)
    is_stock = isinstance(counter, Stock)
    if fold in _FROM_EVENTS and not (isinstance(counter, Counter) and counter.value):
        rule = f"A {fold} needs a counter with a value for each event."
    elif fold is Fold.SUM and is_stock:
        rule = "What is open at the end of a day does not add up over days: use the fold last."
    elif fold is Fold.LAST and not is_stock:
        rule = "The fold last keeps what is open at the end of a day: it needs a stock counter."
    else:
        return
    yield draft.error("metric", key, field, f"{part} does not fit. {rule}", value=part)


def _cycle(draft: Draft, key: str) -> Iterator[Finding]:
    seen: list[str] = []
    ahead = list(draft.metrics[key].measure.parts)
    while ahead:
        part = ahead.pop()
        if part in draft.metrics and part not in seen:
            seen.append(part)
            ahead.extend(draft.metrics[part].measure.parts)
    if key in seen:
        path = " needs ".join([key, *(part for part in seen if part != key), key])
        sentence = f"It is made of itself: {path}. Parts must end at events or imported facts."
        yield draft.error("metric", key, "measure", sentence)


def _dimensions(draft: Draft, key: str, metric: Metric) -> Iterator[Finding]:
    for _, part in _parts(metric):
        possible = draft.dimensions_of(part)
        for dimension in metric.dimensions:
            if possible is not None and dimension not in possible:
                known = nearest(dimension, possible)
                sentence = f"{part} cannot be sliced by '{dimension}'.{known}"
                yield draft.error("metric", key, "dimensions", sentence, value=dimension)
