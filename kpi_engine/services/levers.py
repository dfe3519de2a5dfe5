"""What somebody may turn in a what-if: drivers whose effect on an outcome is counted."""

import math
from dataclasses import dataclass
from typing import Any

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.links import DisturbedShare, Link, LostHours, LostOrders, PartOfDuration
from kpi_engine.mapping.contribution import Contribution
from kpi_engine.services.month_readings import MonthReadings
from kpi_engine.services.outcomes import Driver
from kpi_engine.services.readings import Reading
from kpi_engine.services.series import wanted
from kpi_engine.terms import LinkKind, Unit
from kpi_engine.units import lower_first


@dataclass(frozen=True, kw_only=True)
class Lever:
    """One driver that can be turned.

    Attributes:
        link: Through which it moves the outcome.
        reading: The driver's month.
        label: What is turned: the driver, or for outages the minutes of them.
        unit: Of ``now`` and of whatever it is set to.
        decimals: Digits shown of it.
        now: Where it stands.
        seen: Lowest and highest month in what is shown of its history: a setting holds all month.
        step: As much as people speak of at once.
        driver_per_unit: Change of the driver, in its own unit, for one unit of the lever.
    """

    link: Link
    reading: Reading
    label: str
    unit: Unit
    decimals: int
    now: float
    seen: tuple[float, float]
    step: float
    contribution: Contribution
    driver_per_unit: float = 1.0

    @property
    def reach(self) -> tuple[float, float]:
        """Settings for which nothing is extrapolated."""
        return (0.0, self.seen[1]) if self.link.counting is not None else self.seen

    def is_seen(self, value: float) -> bool:
        """Whether a setting lies within anything seen in the data."""
        low, high = self.reach  # each one less that is counted is one less
        slack = 1e-9 * max(abs(low), abs(high), 1e-12)
        return low - slack <= value <= high + slack

    @property
    def is_proportional(self) -> bool:
        """Whether twice the change does twice as much: counted, arithmetic, or a straight line."""
        influence = self.contribution.influence
        if influence is None or influence.model is None:
            return True
        return influence.model.scale == self.reading.metric.moves == "plain"

    def overlaps(self, other: "Lever") -> bool:
        """Whether one measure is a part of the other: the shop's outages are among all outages.

        Influences of different measures are estimated together, so theirs do not overlap.
        """
        mine, theirs = self.link.driver_segment.items(), other.link.driver_segment.items()
        return self.link.driver == other.link.driver and (mine <= theirs or theirs <= mine)

    @property
    def ends(self) -> tuple[float, float]:
        """The ends of what it can be; what was seen can be, whatever its unit says."""
        metric = self.reading.metric
        # Minutes of downtime go as far as there are minutes: until nothing was up.
        low, high = (
            metric.ends if self.unit is metric.unit else (0.0, 1.0 / abs(self.driver_per_unit))
        )
        return min(low, self.seen[0], self.now), max(high, self.seen[1], self.now)

    def can_be(self, value: float) -> bool:
        """Whether it can have such a value at all."""
        low, high = self.ends
        return math.isfinite(value) and low <= value <= high

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "link": self.link.id,
            "driver": self.reading.metric.id,
            "label": self.label,
            "unit": self.unit.value,
            "now": self.now,
            "seen": list(self.seen),
            "step": self.step,
            "grade": self.contribution.grade.value,
        }


def lever_of(catalogue: Catalogue, driver: Driver, found: MonthReadings) -> Lever | None:
    """The lever of one driver; None where its effect is not counted, or its month not known."""
    contribution, reading = driver.contribution, driver.reading
    link = contribution.link
    if reading.value is None:
        return None
    if isinstance(link.counting, LostOrders):
        return _minutes(catalogue, driver, found) if contribution.amount is not None else None
    if isinstance(link.counting, LostHours) or link.kind is LinkKind.IDENTITY:
        return _plain(driver) if contribution.amount is not None else None
    if isinstance(link.counting, DisturbedShare | PartOfDuration):
        return _plain(driver) if contribution.effect is not None else None
    influence = contribution.influence
    if influence is None or not influence.verdict.is_counted or influence.estimate is None:
        return None
    return _plain(driver)


def _plain(driver: Driver) -> Lever:
    reading = driver.reading
    values = [point.value for point in reading.history if point.value is not None]
    now = reading.value if reading.value is not None else 0.0
    return Lever(
        link=driver.contribution.link,
        reading=reading,
        label=reading.label,
        unit=reading.metric.unit,
        decimals=reading.metric.decimals,
        now=now,
        seen=(min(values, default=now), max(values, default=now)),
        step=reading.metric.natural_step,
        contribution=driver.contribution,
    )


def _minutes(catalogue: Catalogue, driver: Driver, found: MonthReadings) -> Lever | None:
    """Outages are turned in minutes: that is what people can picture."""
    reading, link = driver.reading, driver.contribution.link
    point = found.now(wanted(link.driver, link.driver_segment))
    parts = catalogue.metric(link.driver).measure.parts
    counts_minutes = bool(parts) and all(part.endswith("_minutes") for part in parts)
    if point is None or not point.denominator or point.numerator is None or not counts_minutes:
        return None
    agreed = point.denominator
    past = [p.value for p in reading.history if p.value is not None]
    worst, best = max(0.0, 1 - min(past)), max(0.0, 1 - max(past))
    members = " ".join(lower_first(member) for member in link.driver_segment.values())
    return Lever(
        link=link,
        reading=reading,
        label=f"Minutes of downtime, {members}" if members else "Minutes of downtime",
        unit=Unit.MINUTES,
        decimals=0,
        now=max(0.0, agreed - point.numerator),
        seen=(best * agreed, worst * agreed),
        step=10.0,
        contribution=driver.contribution,
        driver_per_unit=-1.0 / agreed,
    )
