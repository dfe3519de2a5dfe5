"""What a metric's numbers come from, and with what its definition may change and they do not."""

from collections.abc import Iterator
from typing import Any

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.events import EventKind, SpanMinutes
from kpi_engine.terms import Grain

_SPAN_KINDS = ("outage", "check")
"""Minutes are counted from both: what was watched, and what was down."""
_SPARSE = (Grain.QUARTER, Grain.YEAR)


def rests_on(catalogue: Catalogue, metric: str) -> Iterator[tuple[str, str]]:
    """Kind and id of the metric and of everything its numbers are worked out from, each once."""
    seen: dict[tuple[str, str], None] = {}
    ahead = [metric]
    while ahead:
        part = ahead.pop()
        if part in catalogue.metrics:
            if ("metric", part) not in seen:
                seen["metric", part] = None
                ahead += catalogue.metrics[part].measure.parts
            continue
        kind, _, name = part.partition(".")
        for one in _kinds_of(catalogue, kind, name):
            seen["event", one] = None
    yield from seen


def way_of_counting(catalogue: Catalogue, metric: str) -> dict[str, Any]:
    """Everything that decides a metric's numbers: equal ways give equal numbers of equal data.

    Labels, sentences, owners and targets are no part of it.
    """
    organisation, found = catalogue.organisation, dict[str, Any]()
    for kind, name in rests_on(catalogue, metric):
        if kind == "metric":
            one = catalogue.metrics[name]
            cadence = one.cadence.value if one.cadence in _SPARSE else ""
            found[name] = one.measure.model_dump(mode="json") | {"cadence": cadence}
            for part in one.measure.parts:
                found |= _counter(catalogue, part)
        else:
            event = catalogue.events[name]
            found[f"event {name}"] = {"key": event.key, "dimensions": event.dimensions}
            found["time_zone"] = organisation.time_zone
    weeks = organisation.weeks and organisation.weeks.model_dump(mode="json")
    return found | {"year_starts_in": organisation.year_starts_in, "weeks": weeks}


def way_of_deriving(kind: EventKind) -> dict[str, Any]:
    """Everything that decides which facts are counted from events of a kind."""
    counters = {name: _plain(counter) for name, counter in kind.counters.items()}
    return {"key": kind.key, "dimensions": kind.dimensions, "counters": counters}


def _counter(catalogue: Catalogue, part: str) -> dict[str, Any]:
    kind, _, name = part.partition(".")
    event = catalogue.events.get(kind)
    if part in catalogue.metrics or event is None or name not in event.counters:
        return {}
    return {part: _plain(event.counters[name])}


def _plain(counter: Any) -> dict[str, Any]:
    return {key: value for key, value in counter.model_dump(mode="json").items() if key != "label"}


def _kinds_of(catalogue: Catalogue, kind: str, counter: str) -> list[str]:
    event = catalogue.events.get(kind)
    if event is None:
        return []
    is_span = isinstance(event.counters.get(counter), SpanMinutes)
    return [one for one in _SPAN_KINDS if one in catalogue.events] if is_span else [kind]
