"""Do the numbers agree with each other? What does not is a finding."""

from collections.abc import Iterable

from kpi_engine.findings import Finding
from kpi_engine.mapping.identity import RECONCILES_WITHIN
from kpi_engine.periods import month_label
from kpi_engine.services.look import Look
from kpi_engine.services.months import read_months
from kpi_engine.store.agreement import read_totals
from kpi_engine.terms import Fold, Severity

_MONTHS_CHECKED = 12


def read_reconciliation(look: Look) -> Iterable[Finding]:
    """Totals against the sum of their parts, in the last twelve months shown.

    They differ when a total was imported beside its parts, or when some events name no service,
    team or channel. Whether kept numbers still are what the data fold to is for ``doctor``: it
    folds everything again, which takes its time.
    """
    months = read_months(look)[:_MONTHS_CHECKED]
    if not months:
        return
    sums = [
        metric.id
        for metric in look.catalogue.metrics.values()
        if metric.measure.fold is Fold.SUM and metric.dimensions
    ]
    frame = read_totals(look.conn, metrics=sums, first=months[-1], last=months[0], as_of=look.as_of)
    for row in frame.itertuples(index=False):
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
