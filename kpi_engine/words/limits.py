"""A measure against its usual range, in words: which chart, what lies outside, what it rests on."""

from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.maths.variation import BASELINE_POINTS, FEWEST_POINTS, IN_A_ROW
from kpi_engine.services.limits import Limits
from kpi_engine.terms import Grain, SpecialCause
from kpi_engine.units import lower_first
from kpi_engine.words.explore import GRAINS, in_period, name_of, period_text
from kpi_engine.words.reading import joined

_ON_THE_SCORECARD = (
    " On the scorecard months have the range of values instead (XmR), so that more or fewer of "
    "them can lie apart there."
)
_ANOTHER = "A time that begins elsewhere has another range."
WHAT = {
    SpecialCause.OUTSIDE: "outside the range",
    SpecialCause.SHIFT: f"one of {IN_A_ROW} or more in a row on one side of the mean",
    SpecialCause.TREND: f"one of {IN_A_ROW} or more in a row that go one way",
    SpecialCause.NEAR_LIMIT: "one of 2 in 3 near one end",
}


def headline(limits: Limits, organisation: Organisation) -> str:
    """Whether the newest period is as usual, and how many were not."""
    answer = limits.answer
    name = lower_first(name_of(answer.metric, dict(answer.segment)))
    one, many = GRAINS[answer.grain]
    if not limits.is_known:
        return (
            f"No usual range of {name} yet: it takes {FEWEST_POINTS} {many}, "
            f"and there are {sum(point.value is not None for point in limits.points)}."
        )
    known = [point for point in limits.points if point.value is not None]
    apart = [point for point in known if point.causes]
    newest = known[-1]
    when = in_period(newest.period, answer.grain, organisation)
    said = f"{name[:1].upper()}{name[1:]} was "
    said += "not as usual" if newest.causes else "within its usual variation"
    count = len(apart)
    others = f"{count} of {len(known)} {many} were not" if count else f"so was every {one} shown"
    return f"{said} {when}; {others}."


def chart_text(limits: Limits) -> str:
    """Which limits these are, and why."""
    one, many = GRAINS[limits.answer.grain]
    shares = limits.shares
    if shares is None:
        return (
            f"Range of values (XmR): the mean and 2.66 times the mean change from {one} to {one}, "
            f"over the first {BASELINE_POINTS} {many} shown; then it holds still. {_ANOTHER}"
        )
    elsewhere = _ON_THE_SCORECARD if limits.answer.grain is Grain.MONTH else ""
    rests = f"over the first {shares.baseline} {many} shown; limits step with the number of cases"
    if not shares.is_widened:
        return (
            f"Range of shares (p-chart): the mean share and three standard errors of so many "
            f"cases, {rests}. Shares move {shares.spread:.1f} times as much as their number of "
            f"cases explains, no more than chance can give. {_ANOTHER}{elsewhere}"
        )
    return (
        f"Range of shares (Laney's p′-chart): from {one} to {one} shares move "
        f"{shares.spread:.1f} times as much as their number of cases explains, more than chance "
        f"would have it ({shares.spread_by_chance:.1f}), so the limits of the p-chart are that "
        f"much wider; {rests}. {_ANOTHER}{elsewhere}"
    )


def apart_rows(limits: Limits, organisation: Organisation) -> list[dict[str, str]]:
    """What was not as usual, the newest first."""
    grain = limits.answer.grain
    return [
        {
            "When": period_text(point.period, grain, organisation),
            "Why": joined([WHAT[cause] for cause in point.causes]),
        }
        for point in reversed(limits.points)
        if point.causes
    ]
