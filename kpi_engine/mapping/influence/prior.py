"""Two sources on one effect: what was agreed before looking at data, and what the data say."""

from dataclasses import dataclass

from kpi_engine.maths.intervals import NORMAL_90, Estimate


@dataclass(frozen=True, kw_only=True)
class Combined:
    """Prior and data side by side.

    Attributes:
        prior: As agreed, 90 %.
        data: As estimated, 90 %.
        both: The two weighed by how sure each is; None where they disagree.
    """

    prior: Estimate
    data: Estimate
    both: Estimate | None

    @property
    def disagree(self) -> bool:
        """Whether the two are too far apart to be put together."""
        return self.both is None


def combined(prior: Estimate, data: Estimate, *, disagreement: float) -> Combined:
    """Weigh two normal ranges by their precision, unless they are too far apart.

    Args:
        prior: A 90 % range agreed before anybody looked at data.
        data: The 90 % range of the estimate.
        disagreement: Combined standard errors by which the two may differ.

    Examples:
        >>> prior = Estimate(low=-2.0, mid=-1.0, high=0.0)
        >>> data = Estimate(low=-1.5, mid=-0.5, high=0.5)
        >>> found = combined(prior, data, disagreement=2.5)
        >>> round(found.both.low, 3), found.both.mid, round(found.both.high, 3)
        (-1.457, -0.75, -0.043)
    """
    errors = [(one.high - one.low) / (2 * NORMAL_90) for one in (prior, data)]
    of_prior, of_data = (error**2 for error in errors)
    if min(of_prior, of_data) <= 0:
        exact = prior if of_prior <= 0 else data
        return Combined(prior=prior, data=data, both=exact)
    if abs(prior.mid - data.mid) > disagreement * (of_prior + of_data) ** 0.5:
        return Combined(prior=prior, data=data, both=None)
    mid = (prior.mid / of_prior + data.mid / of_data) / (1 / of_prior + 1 / of_data)
    reach = NORMAL_90 * (1 / (1 / of_prior + 1 / of_data)) ** 0.5
    both = Estimate(low=mid - reach, mid=mid, high=mid + reach)
    return Combined(prior=prior, data=data, both=both)
