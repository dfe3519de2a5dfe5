"""A measure by definitions of then, over the data of now: whether that can be, and how."""

from dataclasses import replace
from datetime import date
from enum import StrEnum

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.counting import rests_on
from kpi_engine.catalogue.events import SpanMinutes, counter_columns
from kpi_engine.services.recounting import counted_again
from kpi_engine.services.redefining import redefined
from kpi_engine.store.staged import read_staged_values
from kpi_engine.store.versions import Tick
from kpi_engine.terms import Grain
from kpi_engine.workspace import Workspace


class NotComparable(StrEnum):
    """Why nothing can be said of what an earlier definition would read."""

    UNREADABLE = "unreadable"
    """This version of Plumbline does not understand it, or a part of it is declared no more."""
    UNIT = "unit"
    """It was given in another unit."""
    NOT_KEPT = "not_kept"
    """Columns or keys of events that it needs are kept no more."""
    NO_FACTS = "no_facts"
    """Nothing is stored that it could be worked out from."""


def obstacle(now: Catalogue, then: Catalogue, metric: str) -> NotComparable | None:
    """Why an earlier definition cannot be worked out with what is kept today."""
    if metric not in then.metrics:
        return NotComparable.UNREADABLE
    if then.metrics[metric].unit is not now.metrics[metric].unit:
        return NotComparable.UNIT
    for kind, name in rests_on(then, metric):
        if kind == "metric":
            for part in then.metrics[name].measure.parts:
                event, _, counter = part.partition(".")
                is_counter = event in then.events and counter in then.events[event].counters
                if part not in then.metrics and not is_counter:
                    return NotComparable.UNREADABLE
        elif not _is_kept(now, then, name):
            return NotComparable.NOT_KEPT
    return None


def _is_kept(now: Catalogue, then: Catalogue, kind: str) -> bool:
    """Whether events of a kind are still kept with the keys and columns of then."""
    if kind not in now.events or now.events[kind].key != then.events[kind].key:
        return False
    used = {*then.events[kind].dimensions}
    for counter in then.events[kind].counters.values():
        if not isinstance(counter, SpanMinutes):
            used |= counter_columns(counter)
    return used <= now.events[kind].columns.keys()


def values_then(
    ws: Workspace,
    tick: Tick,
    then: Catalogue,
    metric: str,
    *,
    grain: Grain,
    months: tuple[date, date],
) -> dict[date, float | None]:
    """Values of the earlier definition by period, where they are others than those kept."""
    of = list(rests_on(then, metric))
    kinds = {name for kind, name in of if kind == "event"}
    catalogue = replace(
        ws.catalogue,
        organisation=then.organisation,
        metrics={
            **ws.catalogue.metrics,
            **{name: then.metrics[name] for kind, name in of if kind == "metric"},
        },
        events={**ws.catalogue.events, **{name: then.events[name] for name in kinds}},
    )
    recounted = kinds & {*redefined(ws.catalogue, catalogue).kinds}
    return counted_again(
        ws,
        catalogue,
        tick,
        kinds=recounted,
        metrics=[metric],
        read=lambda change: read_staged_values(change, metric, grain=grain),
        months=months,
    )
