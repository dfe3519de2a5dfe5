"""Do the numbers agree with each other? What does not is a finding."""

from collections.abc import Iterable, Sequence
from datetime import date

import pandas as pd

from kpi_engine.findings import Finding
from kpi_engine.mapping.identity import RECONCILES_WITHIN
from kpi_engine.periods import month_label
from kpi_engine.services.look import Look
from kpi_engine.services.months import read_months
from kpi_engine.services.unmatched import read_unmatched, side_metrics
from kpi_engine.store.agreement import read_slices, totals
from kpi_engine.terms import Fold, Severity

_MONTHS_CHECKED = 12


def read_reconciliation(look: Look, *, month: date | None = None) -> Iterable[Finding]:
    """Totals against the sum of their parts, and ratios of parts that do not match.

    Of one month, or of the last twelve shown. Whether kept numbers still are what the data fold to
    is for ``doctor``: it folds everything again, which takes its time.
    """
    months = (month,) if month else read_months(look)[:_MONTHS_CHECKED]
    if not months:
        return
    sums = [
        metric.id
        for metric in look.catalogue.metrics.values()
        if metric.measure.fold is Fold.SUM and metric.dimensions
    ]
    slices = read_slices(
        look.conn,
        metrics=[*sums, *side_metrics(look.catalogue)],
        first=months[-1],
        last=months[0],
        as_of=look.as_of,
    )
    yield from _apart_from_parts(look, slices, sums)
    yield from read_unmatched(look, slices)


def _apart_from_parts(look: Look, slices: pd.DataFrame, sums: Sequence[str]) -> Iterable[Finding]:
    """Totals that differ from the sum of their parts.

    One was imported beside its parts, or some events name no service, team or channel.
    """
    for row in totals(slices, sums).itertuples(index=False):
        missing = row.whole - row.parts
        if abs(missing) <= RECONCILES_WITHIN * max(1.0, abs(row.whole)):
            continue
        metric = look.catalogue.metric(row.metric)
        name = f"{metric.label}, {month_label(row.period)}"
        way = "less" if missing > 0 else "more"
        yield Finding(
            severity=Severity.WARNING,
            place=metric.label,
            sentence=f"{name}: the parts by {row.dimension} add up to {row.parts:,.6g}, "
            f"{abs(missing):,.6g} {way} than the total of {row.whole:,.6g}.",
            next_step=f"Look for rows without a {row.dimension}, or for a total imported apart.",
        )
