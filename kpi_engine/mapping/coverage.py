"""Which IT measures serve an outcome, and which outcomes have nothing measured behind them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.links import Link
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.terms import LinkKind, Side


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How much of what IT measures is tied to the business (C2, N10).

    Attributes:
        mapped: IT metrics with a link to an outcome, in catalogue order.
        orphans: IT metrics without one. Activities are not among them: they serve none by design.
        activities: IT metrics that only count work done.
        without_driver: Outcomes that no IT metric is linked to.
    """

    mapped: tuple[str, ...]
    orphans: tuple[str, ...]
    activities: tuple[str, ...]
    without_driver: tuple[str, ...]

    @property
    def share_mapped(self) -> float | None:
        """Mapped metrics over all that could be; None when there are none."""
        count = len(self.mapped) + len(self.orphans)
        return len(self.mapped) / count if count else None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "mapped": list(self.mapped),
            "orphans": list(self.orphans),
            "activities": list(self.activities),
            "without_driver": list(self.without_driver),
            "share_mapped": self.share_mapped,
        }


def outcomes_on_map(catalogue: Catalogue) -> tuple[str, ...]:
    """Outcomes that stand on the scorecard, in its order, then those that only a link leads to."""
    linked = {link.outcome for link in catalogue.links.values()}
    others = (name for name in catalogue.metrics if name in linked)
    return tuple(dict.fromkeys((*catalogue.organisation.scorecard, *others)))


def map_coverage(catalogue: Catalogue) -> Coverage:
    """How well IT and the business are tied together: the same on every page that says so."""
    outcomes = outcomes_on_map(catalogue)
    return mapping_coverage(catalogue.metrics.values(), catalogue.links.values(), outcomes=outcomes)


def mapping_coverage(
    metrics: Iterable[Metric], links: Iterable[Link], *, outcomes: Iterable[str]
) -> Coverage:
    """Sort IT metrics and outcomes by whether a link ties them together.

    A link whose sign is 0 says that the driver does *not* move the outcome; it ties nothing. A
    driver that reaches an outcome through another metric counts as mapped.
    """
    known = tuple(metrics)
    tied = [link for link in links if link.sign != 0 or link.kind is LinkKind.IDENTITY]
    drivers = {link.driver for link in tied}
    it = [metric for metric in known if metric.side is Side.IT]
    driven = _driven_by_it(tied, {metric.id for metric in it})
    return Coverage(
        mapped=tuple(m.id for m in it if not m.activity and m.id in drivers),
        orphans=tuple(m.id for m in it if not m.activity and m.id not in drivers),
        activities=tuple(m.id for m in it if m.activity),
        without_driver=tuple(outcome for outcome in outcomes if outcome not in driven),
    )


def _driven_by_it(links: Iterable[Link], it: set[str]) -> set[str]:
    """Metrics that some IT metric reaches along links."""
    edges = tuple(links)
    reached = set(it)
    while more := {edge.outcome for edge in edges if edge.driver in reached} - reached:
        reached |= more
    return reached - it | {edge.outcome for edge in edges if edge.driver in it}
