"""What IT did to an outcome, in words: driver lines, causes and the remainder."""

from dataclasses import dataclass
from types import MappingProxyType

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.mapping.contribution import Contribution
from kpi_engine.mapping.evidence import GRADE_WEIGHT
from kpi_engine.mapping.influence.grading import Finding
from kpi_engine.mapping.watermelon import Disagreement
from kpi_engine.maths.comparison import share_explained
from kpi_engine.services.outcomes import Driver, Explanation
from kpi_engine.services.readings import Reading
from kpi_engine.terms import Status
from kpi_engine.units import (
    effect_decimals,
    format_count,
    format_effect,
    format_estimate,
    format_range,
    lower_first,
    money_words,
    rounds_to_zero,
)
from kpi_engine.words.judgement import (
    DISAGREEMENT,
    EVIDENCE,
    IT_FINE_BUSINESS_WORSE,
    MAIN_DRIVER_FINE,
    share_words,
)
from kpi_engine.words.reading import change_text, has_changed, in_sentence

OF_CHANGE = "of the change"
THIS_MONTH = "this month"
OTHER_CAUSES = "Other causes, not explained by IT"
USUAL_COURSE = "Time of year and trend"
NO_NUMBER = "no measurable link to this change"
BEING_WORKED_OUT = "being worked out"
FINDING_WORDS = MappingProxyType(
    {
        Finding.STRONG: "seen in own data",
        Finding.SEEN: "seen in own data",
        Finding.HINT: "a hint, not counted",
        Finding.NOT_SEEN: "no clear effect in own data",
        Finding.CONTRADICTED: "own data say the opposite",
        Finding.TOO_SHORT: "not enough data to tell",
        Finding.STILL: "hardly moved, so nothing to learn from",
        Finding.INSEPARABLE: "cannot be told apart from another measure",
        Finding.ONE_PERIOD: "would rest on one period alone",
        Finding.BACKWARDS: "which moves which is in doubt",
        Finding.DOES_NOT_PREDICT: "seen in own data, but does not predict",
    }
)
"""What own data say of a link, in a few words."""
SHARE_UNKNOWN = "its share of the change is not known"
WHOLE_CHANGE = "the whole change"
MOST_DRIVERS = 3
"""Measures that stand under one outcome of the scorecard; its own page has all of them."""


@dataclass(frozen=True, kw_only=True)
class DriverLine:
    """One driver's translation, in the pieces a page may set apart.

    The share is of the month's change; amount and money are the whole of this month. They are
    never set equal: fewer problems than last month still cost what they cost.

    Attributes:
        share: "−0.36 pp"; or why there is no number.
        amount: "about 1,240 lost orders"; "the same 1,240 lost orders as under Checkout success";
            empty when nothing was counted.
        money: "about $86k lost"; empty without assumptions, and where it stands under another
            outcome already.
        money_range: "($62k–$112k)"; empty when counted exactly.
        evidence: "evidence strong".
        has_number: Whether ``share`` is a number.
    """

    share: str
    amount: str
    money: str
    money_range: str
    evidence: str
    has_number: bool

    @property
    def change(self) -> str:
        """The share as part of a line: "−0.36 pp of the change"; or why there is no number."""
        return f"{self.share} {OF_CHANGE}" if self.has_number else self.share

    @property
    def text(self) -> str:
        """The whole line: share of the change; this month amount = money (range); evidence."""
        worth = f"{self.money} {self.money_range}".strip()
        month = " = ".join(part for part in (self.amount, worth) if part)
        parts = [self.change, f"{THIS_MONTH} {month}" if month else "", self.evidence]
        return "; ".join(part for part in parts if part)


@dataclass(frozen=True, kw_only=True)
class Tag:
    """A short outlined claim and the sentence that follows it; quiet unless it is an alarm."""

    label: str
    sentence: str
    is_alarm: bool = True


def driver_line(driver: Driver, outcome: Metric, *, currency: str = "$") -> DriverLine:
    """What one driver did to the outcome this month, and how surely."""
    found = driver.contribution
    money = None if found.same_as else found.money
    return DriverLine(
        share=_share(driver, outcome, currency),
        amount=_amount(found),
        money=money_words(money, currency=currency) if money else "",
        money_range=(
            f"({format_range(money, currency=currency)})"
            if money and money.low != money.high
            else ""
        ),
        evidence=f"evidence {EVIDENCE[found.grade]}",
        has_number=found.effect is not None,
    )


def amount_text(found: Contribution) -> str:
    """What was counted, "about 1,240 lost orders"; empty when nothing was."""
    if found.amount is None:
        return ""
    noun = found.amount_unit
    if found.amount.mid < 0:
        return format_estimate(found.amount * -1.0, f"{noun.removeprefix('lost ')} gained")
    is_loss = found.link.counting is not None
    return format_estimate(found.amount, f"lost {noun}" if is_loss else noun)


def leading_drivers(explanation: Explanation) -> tuple[Driver, ...]:
    """The few a scorecard has room for: counted ones first, then by evidence, then as declared."""

    def place(driver: Driver) -> tuple[bool, float]:
        found = driver.contribution
        return found.effect is None and found.amount is None, -GRADE_WEIGHT[found.grade]

    return tuple(sorted(explanation.drivers, key=place)[:MOST_DRIVERS])


def more_drivers_text(explanation: Explanation, *, shown: int = MOST_DRIVERS) -> str:
    """How many drivers only the outcome's own page shows; empty when there are none."""
    more = len(explanation.drivers) - shown
    return f"{more} more on the outcome page" if more > 0 else ""


def remainder_text(explanation: Explanation, *, currency: str = "$") -> str:
    """What no link explains, "−0.07 pp"; empty when unknown or when it rounds to zero.

    Where nothing at all was counted the remainder is the change itself and is printed like it.
    """
    remainder, metric = explanation.remainder, explanation.outcome.metric
    if remainder is None:
        return ""
    nothing_counted = all(d.contribution.effect is None for d in explanation.drivers)
    if nothing_counted and not explanation.usual:
        if not has_changed(explanation.outcome):
            return ""
        return f"{change_text(explanation.outcome, currency=currency)}, {WHOLE_CHANGE}"
    decimals = effect_decimals(metric.unit, metric.decimals)
    if rounds_to_zero(remainder, unit=metric.unit, decimals=decimals):
        return ""
    return format_effect(remainder, unit=metric.unit, decimals=metric.decimals, currency=currency)


def usual_text(explanation: Explanation, *, currency: str = "$") -> str:
    """What season and trend alone did, "+0.12 pp"; empty when unknown or when it rounds to zero."""
    usual, metric = explanation.usual, explanation.outcome.metric
    decimals = effect_decimals(metric.unit, metric.decimals)
    if usual is None or rounds_to_zero(usual, unit=metric.unit, decimals=decimals):
        return ""
    return format_effect(usual, unit=metric.unit, decimals=metric.decimals, currency=currency)


def rests(explanation: Explanation, *, currency: str = "$") -> tuple[tuple[str, str], ...]:
    """What the drivers leave over, by name: what nothing explains, and the usual course."""
    named = (
        (OTHER_CAUSES, remainder_text(explanation, currency=currency)),
        (USUAL_COURSE, usual_text(explanation, currency=currency)),
    )
    return tuple((name, text) for name, text in named if text)


def rest_text(explanation: Explanation, *, currency: str = "$") -> str:
    """The same in one line: "Other causes, not explained by IT −0.07 pp"; may be empty."""
    said = "; ".join(
        f"{lower_first(name)} {text}" for name, text in rests(explanation, currency=currency)
    )
    return f"{said[:1].upper()}{said[1:]}"


def main_driver(explanation: Explanation) -> Driver | None:
    """The driver that moved the outcome furthest the way it went; None without one."""
    movement = explanation.movement
    if not movement:
        return None
    pulls = [
        (driver.contribution.effect.mid / movement, driver)
        for driver in explanation.drivers
        if driver.contribution.effect and driver.contribution.effect.mid / movement > 0
    ]
    return max(pulls, key=lambda pull: pull[0])[1] if pulls else None


def cause_clause(explanation: Explanation) -> str:
    """Why an outcome moved, to follow a comma: "mostly explained by 142 minutes of downtime"."""
    if not explanation.drivers:
        return "and no IT measure is linked to it"
    driver = main_driver(explanation)
    if driver is not None and driver.contribution.effect is not None:
        share = share_explained(driver.contribution.effect.mid, explanation.movement)
        words = share_words(share, driver.contribution.grade)
        if words:
            return f"{words} {cause_text(driver.reading)}"
    return "not explained by the linked IT measures"


def cause_text(reading: Reading) -> str:
    """A driver as a cause: minutes of downtime where they are known, else its name."""
    minutes = down_minutes(reading)
    if minutes is None or round(minutes) < 1:
        return in_sentence(reading)
    members = " ".join(lower_first(member) for member in reading.segment.values())
    where = f"{members} downtime" if members else "downtime"
    return f"{format_count(round(minutes))} minute{'s' if round(minutes) != 1 else ''} of {where}"


def down_minutes(reading: Reading) -> float | None:
    """Minutes lost of the minutes agreed, for a share of minutes; None for any other metric."""
    parts = reading.metric.measure.parts
    is_minutes = len(parts) == 2 and all(part.endswith("_minutes") for part in parts)
    if not is_minutes or reading.numerator is None or reading.denominator is None:
        return None
    return reading.denominator - reading.numerator


def watermelon_tag(explanation: Explanation) -> Tag | None:
    """Where IT and the business disagree about an outcome; None when they agree."""
    found = explanation.disagreement
    if found is None:
        return None
    is_off = explanation.outcome.judgement.status is Status.OFF_TARGET
    label = DISAGREEMENT[found.disagreement]
    if found.disagreement is Disagreement.ALL_DRIVERS_ON_TARGET and not is_off:
        label = IT_FINE_BUSINESS_WORSE
    if found.disagreement is Disagreement.MAIN_DRIVER_ON_TARGET and found.driver:
        label = MAIN_DRIVER_FINE.format(driver=found.driver)
    return Tag(
        label=label,
        sentence=found.sentence,
        is_alarm=found.disagreement is not Disagreement.DRIVERS_OFF_TARGET,
    )


def _amount(found: Contribution) -> str:
    said = amount_text(found)
    size = said.removeprefix("about ")
    is_number = size[:1].isdigit()
    return f"the same {size} as under {found.same_as}" if found.same_as and is_number else said


def _share(driver: Driver, outcome: Metric, currency: str) -> str:
    effect = driver.contribution.effect
    if effect is None:
        return _why_no_number(driver.contribution)
    decimals = effect_decimals(outcome.unit, outcome.decimals)
    if rounds_to_zero(effect.mid, unit=outcome.unit, decimals=decimals):
        return "nothing"
    return format_effect(
        effect.mid, unit=outcome.unit, decimals=outcome.decimals, currency=currency
    )


def _why_no_number(found: Contribution) -> str:
    if found.amount is not None:
        return SHARE_UNKNOWN
    if found.influence is not None:
        if found.influence.is_pending:
            return BEING_WORKED_OUT
        is_counted = found.influence.verdict.is_counted
        return SHARE_UNKNOWN if is_counted else FINDING_WORDS[found.influence.verdict.finding]
    return _clause(found.reason) or NO_NUMBER


def _clause(sentence: str) -> str:
    """A sentence as part of a line: no full stop, small first letter."""
    return lower_first(sentence.strip().removesuffix(".")) if sentence.strip() else ""
