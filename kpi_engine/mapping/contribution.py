"""What one link contributed to one month's movement of an outcome."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from kpi_engine.catalogue.links import Link
from kpi_engine.mapping.influence.link_estimate import Influence
from kpi_engine.mapping.propagation import Product
from kpi_engine.maths.intervals import Estimate
from kpi_engine.terms import EvidenceGrade


@dataclass(frozen=True, kw_only=True)
class DatedEvent:
    """Something that happened on a day and may explain a movement.

    Attributes:
        day: In the organisation's zone.
        sentence: What happened: "Checkout was down for 142 minutes".
        short: The same in a few words, for a chart; empty when it is too common to be named there.
        weight: How much it cost, to name the worst first; events of one unit only.
    """

    day: date
    sentence: str
    short: str = ""
    weight: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """One link's share of one month's movement.

    Attributes:
        effect: Share of the movement in the outcome's unit, after sharing; None when the link
            carries no number yet.
        counted: The same before it was shared; differs from ``effect`` only if ``is_capped``.
        is_capped: Counted more than the whole movement, so shown only up to it.
        amount: This month's total in business units (orders, hours); None when not counted.
        amount_unit: What ``amount`` counts, in the plural: "orders".
        money: This month's total in money, negative when lost; None without assumptions.
        assumptions: Ids of the assumptions the amount and the money rest on.
        reason: Why there is no number, or what the number rests on, in one sentence.
        grade: In force: as declared, or as own data made it.
        grade_reason: Why it has that grade, in one sentence.
        influence: What own data say, for influence links; None for the others.
        lost: What the amount is made of; None when not counted.
        worth: What the money is made of; None without assumptions.
        same_as: Label of the outcome higher up on the scorecard under which the very same things
            are counted, so that nobody adds them up; empty when they stand here first.
    """

    link: Link
    effect: Estimate | None
    counted: Estimate | None
    is_capped: bool
    amount: Estimate | None
    amount_unit: str
    money: Estimate | None
    assumptions: tuple[str, ...]
    events: tuple[DatedEvent, ...]
    reason: str
    grade: EvidenceGrade
    grade_reason: str
    influence: Influence | None = None
    lost: Product | None = None
    worth: Product | None = None
    same_as: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "link": self.link.id,
            "driver": self.link.driver,
            "outcome": self.link.outcome,
            "kind": self.link.kind.value,
            "grade": self.grade.value,
            "grade_reason": self.grade_reason,
            "effect": self.effect.to_dict() if self.effect else None,
            "counted": self.counted.to_dict() if self.counted else None,
            "is_capped": self.is_capped,
            "amount": self.amount.to_dict() if self.amount else None,
            "amount_unit": self.amount_unit,
            "money": self.money.to_dict() if self.money else None,
            "assumptions": list(self.assumptions),
            "events": [{"day": e.day.isoformat(), "sentence": e.sentence} for e in self.events],
            "reason": self.reason,
            "influence": _plain(self.influence),
            "same_as": self.same_as,
        }


def _plain(found: Influence | None) -> dict[str, Any] | None:
    """What own data say of a link, ready for JSON."""
    if found is None:
        return None
    estimate, model, prior = found.estimate, found.model, found.prior
    both = prior.both if prior else None
    return {
        "finding": found.verdict.finding.value,
        "is_counted": found.verdict.is_counted,
        "per_step": found.per_step.to_dict() if found.per_step else None,
        "prior": prior.prior.to_dict() if prior else None,
        "combined": both.to_dict() if both else None,
        "prior_disagrees": prior.disagree if prior else None,
        "grain": model.grain.value if model else None,
        "periods": model.periods if model else None,
        "lag": estimate.lag if estimate else None,
        "decay": estimate.decay if estimate else None,
        "p": estimate.p if estimate else None,
    }


@dataclass(frozen=True, kw_only=True)
class IdentityPart:
    """The share of a movement that is arithmetic: volume, rate or mix.

    Attributes:
        metric: Id of the part that moved.
        label: As shown.
        before: The part's value a month earlier.
        now: The part's value this month.
        effect: Its share of the outcome's movement, in the outcome's unit; exact.
    """

    metric: str
    label: str
    before: float
    now: float
    effect: float
