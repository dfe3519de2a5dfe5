"""Rules about initiatives: what they should move, and what they are held against."""

from collections.abc import Iterator, Mapping
from datetime import date

from kpi_engine.catalogue.draft import Draft
from kpi_engine.catalogue.initiatives import Initiative
from kpi_engine.findings import Finding
from kpi_engine.terms import LONGER_THAN_A_MONTH, Side

_Key = tuple[str, tuple[tuple[str, str], ...]]


def initiative_findings(draft: Draft) -> Iterator[Finding]:
    """Every mistake in initiatives, and what their authors should look at."""
    for key, initiative in draft.initiatives.items():
        yield from _series(draft, key, initiative)
        yield from _signs(draft, key, initiative)
        yield from _agreed(draft, key, initiative)


def _series(draft: Draft, key: str, initiative: Initiative) -> Iterator[Finding]:
    """Each metric is known, can be judged by the month, and stands in one place."""
    seen: dict[_Key, str] = {}
    for field, entries in (("moves", initiative.moves), ("controls", initiative.controls)):
        for entry in entries:
            yield from draft.unknown("initiative", key, field, entry.metric, wanted="metric")
            for dimension in draft.undeclared_dimensions(entry.metric, entry.segment):
                sentence = f"{entry.metric} cannot be sliced by '{dimension}'."
                yield draft.error("initiative", key, field, sentence, value=dimension)
            yield from _by_the_month(draft, key, field, entry.metric)
            before = seen.setdefault(_key(entry.metric, entry.segment), field)
            if before == "moves" and field == "controls":
                rule = "A control is what the initiative does not touch."
                sentence = f"{entry.metric} is among what it should move. {rule}"
                yield draft.error("initiative", key, field, sentence, value=entry.metric)
    metrics = [_key(entry.metric, entry.segment) for entry in initiative.moves]
    for place, one in enumerate(metrics):
        if one in metrics[:place]:
            sentence = f"{one[0]} stands twice. What is expected of a metric is said once."
            yield draft.error("initiative", key, "moves", sentence, value=one[0])


def _by_the_month(draft: Draft, key: str, field: str, name: str) -> Iterator[Finding]:
    metric = draft.metrics.get(name)
    if metric is None:
        return
    is_longer = metric.cadence in LONGER_THAN_A_MONTH
    if is_longer or metric.worked_out:
        how = f"by the {metric.cadence.value}" if is_longer else "when it is read"
        sentence = f"{name} is taken {how}; before and after are compared month by month."
        yield draft.error("initiative", key, field, sentence, value=name)
    elif field == "moves" and metric.side is Side.BASE:
        sentence = f"{name} only divides others. Name the measure that should move."
        yield draft.error("initiative", key, field, sentence, value=name)


def _signs(draft: Draft, key: str, initiative: Initiative) -> Iterator[Finding]:
    for entry in initiative.moves:
        change = entry.change
        if change is None or min(change.low * entry.sign, change.high * entry.sign) > 0:
            continue
        way = "up" if entry.sign > 0 else "down"
        sentence = (
            f"{entry.metric} should go {way} (sign {entry.sign}), by {change.low:g} to "
            f"{change.high:g}. Both ends must lie on that side of zero."
        )
        yield draft.error("initiative", key, "moves", sentence)


def _agreed(draft: Draft, key: str, initiative: Initiative) -> Iterator[Finding]:
    """What was agreed after the start was agreed by people who could see what came."""
    agreed: date | None = initiative.agreed_on
    if agreed is not None and agreed > initiative.starts:
        sentence = f"It was agreed on {agreed}, after it had begun on {initiative.starts}."
        cure = "Say so to whoever reads the verdict; next time agree before."
        yield draft.warning("initiative", key, "agreed_on", sentence, cure=cure)


def _key(metric: str, segment: Mapping[str, str]) -> _Key:
    return metric, tuple(sorted(segment.items()))
