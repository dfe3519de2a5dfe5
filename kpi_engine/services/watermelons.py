"""Where IT and business disagree about an outcome (N2), from its readings."""

from collections.abc import Iterable, Sequence
from datetime import date

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.mapping.contribution import Contribution
from kpi_engine.mapping.watermelon import (
    MONTHS_LOOKED_AT,
    DriverRecord,
    OutcomeRecord,
    Watermelon,
    watermelon,
)
from kpi_engine.periods import add_months
from kpi_engine.services.judging import status_in
from kpi_engine.services.readings import Reading
from kpi_engine.services.series import months_apart
from kpi_engine.terms import Direction, Side, Status
from kpi_engine.units import format_target, format_value


def find_watermelon(
    catalogue: Catalogue, outcome: Reading, drivers: Iterable[tuple[Contribution, Reading]]
) -> Watermelon | None:
    """Whether IT looks fine while an outcome does not, or the reverse.

    Only IT measures count, and only links that claim an effect: a link with sign 0 says that the
    driver does not move the outcome. A driver with several links into it counts once.
    """
    records: dict[tuple[str, str], DriverRecord] = {}
    for found, reading in drivers:
        if reading.metric.side is Side.IT and found.link.sign != 0:
            key = (reading.metric.id, reading.label)
            records.setdefault(key, _driver_record(catalogue, outcome, found, reading))
    return watermelon(_outcome_record(catalogue, outcome), tuple(records.values()))


def _driver_record(
    catalogue: Catalogue, outcome: Reading, found: Contribution, reading: Reading
) -> DriverRecord:
    return DriverRecord(
        label=reading.label,
        grade=found.grade,
        statuses=_statuses(catalogue, reading),
        allows=_allowance(catalogue, reading),
        has_helped=_has_helped(outcome, found),
        name=reading.metric.label,
    )


def _has_helped(outcome: Reading, found: Contribution) -> bool:
    """Whether the driver moved the outcome the good way this month."""
    if found.effect is None:
        return False
    way = {Direction.HIGHER_IS_BETTER: 1, Direction.LOWER_IS_BETTER: -1}
    return found.effect.mid * way.get(outcome.metric.direction, 0) > 0


def _statuses(catalogue: Catalogue, reading: Reading) -> Sequence[Status]:
    """The last three statuses, oldest first; of a quarterly metric, of three quarters."""
    step = months_apart(reading.metric)
    months: list[date] = [
        add_months(reading.month, -step * back) for back in reversed(range(MONTHS_LOOKED_AT))
    ]
    return [status_in(reading, catalogue, month) for month in months]


def _outcome_record(catalogue: Catalogue, outcome: Reading) -> OutcomeRecord:
    target = outcome.judgement.target
    printed = ""
    if target is not None:
        printed = format_target(
            target,
            unit=outcome.metric.unit,
            decimals=outcome.metric.decimals,
            direction=Direction.IN_RANGE,
            currency=catalogue.organisation.currency,
        )
    return OutcomeRecord(
        metric=outcome.metric.id,
        label=outcome.label,
        status=outcome.judgement.status,
        variation=outcome.verdict.variation,
        target=printed,
        score=outcome.judgement.score,
    )


def _allowance(catalogue: Catalogue, reading: Reading) -> str:
    """What a target on a share of minutes lets through; empty for any other metric."""
    parts, target = reading.metric.measure.parts, reading.judgement.target
    counts_minutes = len(parts) > 1 and all(part.endswith("_minutes") for part in parts)
    is_share = isinstance(target, float) and reading.denominator is not None
    if not counts_minutes or not is_share:
        return ""
    goal = float(target) if isinstance(target, float) else 1.0
    minutes = round((1 - goal) * (reading.denominator or 0.0))
    printed = format_value(
        goal,
        unit=reading.metric.unit,
        decimals=reading.metric.decimals,
        currency=catalogue.organisation.currency,
    )
    return f"A target of {printed} allows {minutes:,} minutes of downtime a month"
