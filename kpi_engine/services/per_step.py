"""What one step of a driver does to its outcome, by whatever kind of link it does it."""

from dataclasses import dataclass
from typing import Any

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.mapping.propagation import total
from kpi_engine.maths.intervals import Estimate
from kpi_engine.services.levers import lever_of
from kpi_engine.services.month_readings import MonthReadings
from kpi_engine.services.outcomes import Driver
from kpi_engine.services.readings import Reading
from kpi_engine.services.turning import turned
from kpi_engine.terms import Unit


@dataclass(frozen=True, kw_only=True)
class PerStep:
    """The effect of a natural step of a driver, upwards, from where both stand.

    Attributes:
        step: As much of the driver as people speak of at once, in ``unit``.
        unit: Of the step; outages step in minutes, whatever their measure counts.
        of: What is stepped, as a label: "Page load time", "Minutes of downtime, online shop".
        outcome: The outcome's month.
        effect: Change of the outcome, in its unit.
        is_driver: What is stepped is the driver itself, not the outages behind it.
    """

    step: float
    unit: Unit
    of: str
    outcome: Reading
    effect: Estimate
    is_driver: bool = True

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "step": self.step,
            "unit": self.unit.value,
            "of": self.of,
            "effect": self.effect.to_dict(),
        }


def per_step(
    catalogue: Catalogue, driver: Driver, outcome: Reading, found: MonthReadings
) -> PerStep | None:
    """What a step of a driver does: estimated where own data say it, else as it is counted.

    An estimate is given even where it is too unsure to be counted; its range says so.

    Args:
        catalogue: Definitions in force.
        driver: With its contribution to ``outcome``.
        outcome: Its month.
        found: The month's readings.

    Returns:
        None where nothing was estimated or counted.
    """
    influence = driver.contribution.influence
    if influence is not None:
        if influence.per_step is None:
            return None
        return PerStep(
            step=driver.reading.metric.natural_step,
            unit=driver.reading.metric.unit,
            of=driver.reading.label,
            outcome=outcome,
            effect=influence.per_step,
        )
    lever = lever_of(catalogue, driver, found)
    moved = turned(catalogue, lever, lever.now + lever.step, outcome, found) if lever else None
    effect = total([moved.effect], catalogue.assumptions) if moved else None
    if lever is None or effect is None:
        return None
    return PerStep(
        step=lever.step,
        unit=lever.unit,
        of=lever.label,
        outcome=outcome,
        effect=effect,
        is_driver=lever.label == lever.reading.label,
    )
