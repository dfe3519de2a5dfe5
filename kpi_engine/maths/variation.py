"""A value against its own history: usual range and verdict (XmR limits)."""

from dataclasses import dataclass

from kpi_engine.terms import Variation


@dataclass(frozen=True, kw_only=True)
class UsualRange:
    """Natural process limits: mean +/- 2.66 x the mean moving range of the baseline.

    Attributes:
        baseline_months: How many months the limits rest on.
    """

    mean: float
    low: float
    high: float
    baseline_months: int


@dataclass(frozen=True, kw_only=True)
class VariationVerdict:
    """How the newest value stands in its history.

    Attributes:
        run: Months in a row, this one included, with the same verdict; 0 when usual.
    """

    variation: Variation
    run: int = 0
