"""Ratios whose total divides parts that do not match: one side has segments the other lacks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.findings import Finding
from kpi_engine.periods import add_months, month_label
from kpi_engine.services.identities import part_label
from kpi_engine.services.look import Look
from kpi_engine.store.agreement import read_segments_of
from kpi_engine.store.parts import PAIRED, part_uses
from kpi_engine.terms import Severity
from kpi_engine.units import lower_first

_NAMED = 3
"""Segments a finding names; of the others it says how many there are."""

Slices = Mapping[tuple[str, date], Mapping[str, set[str]]]
"""Members by dimension, of a metric in a month."""
Segments = Mapping[tuple[str, date], Sequence[Mapping[str, str]]]
"""Segments for which facts of a part are there in a month."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """What the total of one side of a ratio is made of.

    Attributes:
        is_counted: From events, where a segment without any is nothing; else stated, where it is
            missing.
        dimensions: By which it is known.
    """

    is_counted: bool
    dimensions: tuple[str, ...]
    segments: tuple[tuple[tuple[str, str], ...], ...]

    def members(self, dimensions: Sequence[str]) -> set[tuple[str, ...]]:
        """Members of these dimensions, of the segments that name all of them."""
        named = (dict(segment) for segment in self.segments)
        return {tuple(one[d] for d in dimensions) for one in named if set(dimensions) <= set(one)}


@dataclass(frozen=True, kw_only=True)
class Gap:
    """What keeps the two sides of a ratio from being of the same thing.

    Attributes:
        dimensions: By which the upper side is known, and the lower one.
        only_above: Members, of the dimensions both share, that only the upper side has.
        only_below: The same for the lower side. Both are empty where no dimension is shared.
    """

    dimensions: tuple[tuple[str, ...], tuple[str, ...]]
    only_above: tuple[tuple[str, ...], ...] = ()
    only_below: tuple[tuple[str, ...], ...] = ()


def side_metrics(catalogue: Catalogue) -> list[str]:
    """Metrics whose slices say for which segments the sides of ratios are known."""
    parts = (part for metric in _ratios(catalogue) for part in _sides(metric))
    return list(dict.fromkeys(name for part in parts for name in _witnesses(catalogue, part)))


def read_unmatched(look: Look, slices: pd.DataFrame) -> Iterable[Finding]:
    """A finding for every ratio with sides that do not match, with the months in which they do.

    The slices only raise the doubt. What the totals are made of is then asked of the facts of
    these parts and months: a segment without an event is not a missing one.

    Args:
        look: At the store.
        slices: Rows of ``read_slices`` for at least :func:`side_metrics`.
    """
    doubtful = list(_doubtful(look.catalogue, _members(slices)))
    uses = [use for metric, _ in doubtful for use in part_uses(look.catalogue, metric)]
    segments = read_segments_of(
        look.conn,
        look.calendar,
        parts=(use.part for use in uses),
        months=(month for _, month in doubtful),
        as_of=look.as_of,
    )
    found: dict[tuple[str, Gap], list[date]] = {}
    for metric, month in doubtful:
        upper, lower = (
            _side(look.catalogue, metric, part, month, segments) for part in _sides(metric)
        )
        gap = unmatched(upper, lower) if upper and lower else None
        if gap:
            found.setdefault((metric.id, gap), []).append(month)
    for (name, gap), months in found.items():
        yield _finding(look.catalogue, look.catalogue.metric(name), gap, months)


def unmatched(upper: Side, lower: Side) -> Gap | None:
    """How the two sides of a ratio differ; None where they match or nobody can tell."""
    shared = tuple(sorted({*upper.dimensions} & {*lower.dimensions}))
    dimensions = (upper.dimensions, lower.dimensions)
    if not shared:
        is_clear = upper.is_counted or lower.is_counted
        return None if is_clear else Gap(dimensions=dimensions)
    above, below = upper.members(shared), lower.members(shared)
    only_above = tuple(sorted(above - below))
    only_below = () if upper.is_counted else tuple(sorted(below - above))
    if not only_above and not only_below:
        return None
    return Gap(dimensions=(shared, shared), only_above=only_above, only_below=only_below)


def _ratios(catalogue: Catalogue) -> list[Metric]:
    """Metrics that divide one named part by another."""
    return [
        metric
        for metric in catalogue.metrics.values()
        if metric.measure.fold in PAIRED and metric.measure.denominator
    ]


def _sides(metric: Metric) -> tuple[str, str]:
    return metric.measure.numerator or "", metric.measure.denominator or ""


def _witnesses(catalogue: Catalogue, part: str) -> list[str]:
    """Metrics that have slices where a part has: itself, or those counted from the same events."""
    if part in catalogue.metrics:
        return [part]
    kind = part.partition(".")[0]
    return [
        metric.id
        for metric in catalogue.metrics.values()
        if {one.partition(".")[0] for one in metric.measure.parts} == {kind}
    ]


def _members(slices: pd.DataFrame) -> Slices:
    found: dict[tuple[str, date], dict[str, set[str]]] = {}
    for row in slices.loc[slices["dimension"].notna()].itertuples(index=False):
        by_dimension = found.setdefault((str(row.metric), row.period), {})
        by_dimension.setdefault(row.dimension, set()).add(row.member)
    return found


def _doubtful(catalogue: Catalogue, slices: Slices) -> Iterable[tuple[Metric, date]]:
    """Ratios and months whose sides are sliced differently."""
    months = sorted({month for _, month in slices})
    for metric in _ratios(catalogue):
        witnesses = [_witnesses(catalogue, part) for part in _sides(metric)]
        for month in months:
            upper, lower = (_known(slices, names, month) for names in witnesses)
            shared = upper.keys() & lower.keys()
            is_same = shared and all(upper[d] == lower[d] for d in shared)
            if upper and lower and not is_same:
                yield metric, month


def _known(slices: Slices, names: Iterable[str], month: date) -> dict[str, set[str]]:
    """Members by dimension that any of some metrics has in a month."""
    found: dict[str, set[str]] = {}
    for name in names:
        for dimension, members in slices.get((name, month), {}).items():
            found[dimension] = found.get(dimension, set()) | members
    return found


def _side(
    catalogue: Catalogue, metric: Metric, part: str, month: date, segments: Segments
) -> Side | None:
    """What the total of a part is made of, as facts are folded; None where it was stated whole."""
    by_source: dict[int, list[Mapping[str, str]]] = {0: [], 1: []}
    for origin, source in {
        (use.part, use.source) for use in part_uses(catalogue, metric) if use.component == part
    }:
        by_source[source] += segments.get((origin, month), [])
    counted, stated = by_source[0], by_source[1]
    if counted:
        names = tuple(sorted({name for one in counted for name in one}))
        return Side(is_counted=True, dimensions=names, segments=_plain(counted))
    if not stated or {} in stated:
        return None
    chosen = min((tuple(sorted(one)) for one in stated), key=lambda names: (len(names), names))
    of_one_set = [one for one in stated if tuple(sorted(one)) == chosen]
    return Side(is_counted=False, dimensions=chosen, segments=_plain(of_one_set))


def _plain(segments: Iterable[Mapping[str, str]]) -> tuple[tuple[tuple[str, str], ...], ...]:
    return tuple(tuple(sorted(one.items())) for one in segments)


def _finding(catalogue: Catalogue, metric: Metric, gap: Gap, months: Sequence[date]) -> Finding:
    upper, lower = (lower_first(part_label(catalogue, part)) for part in _sides(metric))
    by_upper, by_lower = (" and ".join(names) for names in gap.dimensions)
    lacking = [
        (_named(gap.dimensions[0], members), "is" if len(members) == 1 else "are", has, lacks)
        for members, has, lacks in ((gap.only_above, upper, lower), (gap.only_below, lower, upper))
        if members
    ]
    said = [f"{named} {be} in {has} but not in {lacks}" for named, be, has, lacks in lacking]
    missing = " and ".join(f"{lacks} for {named}" for named, _, _, lacks in lacking)
    step = f"Import {missing}. Until then read it by {by_upper}."
    if not lacking:
        said = [f"the parts of {upper} are by {by_upper}, those of {lower} by {by_lower}"]
        step = "Import both by the same parts, or state the total of each."
    return Finding(
        severity=Severity.WARNING,
        place=metric.label,
        sentence=f"{metric.label}, {_spans(months)}: {'; '.join(said)}. "
        "The total compares parts that do not match.",
        next_step=step,
    )


def _named(dimensions: Sequence[str], members: Sequence[tuple[str, ...]]) -> str:
    """Members in words: "channel Phone", "channel App, Phone, Post and 2 more"."""
    shown = ", ".join(" / ".join(one) for one in members[:_NAMED])
    rest = len(members) - _NAMED
    return f"{' / '.join(dimensions)} {shown}{f' and {rest} more' if rest > 0 else ''}"


def _spans(months: Sequence[date]) -> str:
    """Months in words, runs of them as one: "June 2026, August 2026 to October 2026"."""
    runs: list[list[date]] = []
    for month in sorted(months):
        if runs and add_months(runs[-1][-1], 1) == month:
            runs[-1].append(month)
        else:
            runs.append([month])
    return ", ".join(
        " to ".join(month_label(m) for m in dict.fromkeys((r[0], r[-1]))) for r in runs
    )
