"""How sure a link is: words and order of the grades, as data. Weak items never add up."""

from collections.abc import Iterable
from types import MappingProxyType

from kpi_engine.terms import EvidenceGrade

GRADE_WORDS = MappingProxyType(
    {
        EvidenceGrade.A: "strong",
        EvidenceGrade.B: "strong",
        EvidenceGrade.C: "moderate",
        EvidenceGrade.D: "weak",
        EvidenceGrade.E: "assumed",
        EvidenceGrade.CONTRADICTED: "contradicted",
    }
)
"""What pages say for a grade."""

GRADE_MEANING = MappingProxyType(
    {
        EvidenceGrade.A: "arithmetic, or counted from events",
        EvidenceGrade.B: "tested before and after, with a comparison",
        EvidenceGrade.C: "goes together in our own data, lag and season allowed for",
        EvidenceGrade.D: "found in studies of others",
        EvidenceGrade.E: "judged by people who know the work",
        EvidenceGrade.CONTRADICTED: "our own data say otherwise",
    }
)
"""How a grade is earned."""

GRADE_WEIGHT = MappingProxyType(
    {
        EvidenceGrade.A: 1.0,
        EvidenceGrade.B: 0.9,
        EvidenceGrade.C: 0.6,
        EvidenceGrade.D: 0.3,
        EvidenceGrade.E: 0.15,
        EvidenceGrade.CONTRADICTED: 0.0,
    }
)
"""How much a grade counts when links are ranked; an order with distances, not a probability."""


def strongest(grades: Iterable[EvidenceGrade]) -> EvidenceGrade | None:
    """The best of several grades, None of none.

    However many weak links point the same way, together they are as sure as the best of them.
    """
    return max(grades, key=lambda grade: GRADE_WEIGHT[grade], default=None)
