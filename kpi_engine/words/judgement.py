"""The words and shapes of judgements, as data: one shape, one word per status, everywhere."""

from collections.abc import Mapping
from dataclasses import dataclass

from kpi_engine.mapping.watermelon import Disagreement
from kpi_engine.terms import EvidenceGrade, Status


@dataclass(frozen=True, kw_only=True)
class StatusWord:
    """How one status is said.

    Attributes:
        word: Sentence case: "On target".
        shape: One character that says the same without colour.
        attention: Smaller needs attention sooner.
    """

    word: str
    shape: str
    attention: int

    @property
    def text(self) -> str:
        """Shape and word together: "● On target"."""
        return f"{self.shape} {self.word}"


STATUS: Mapping[Status, StatusWord] = {
    Status.OFF_TARGET: StatusWord(word="Off target", shape="◆", attention=0),
    Status.NEAR_TARGET: StatusWord(word="Near target", shape="▲", attention=1),
    Status.NO_DATA: StatusWord(word="No data", shape="○", attention=2),
    Status.ON_TARGET: StatusWord(word="On target", shape="●", attention=3),
    Status.NOT_JUDGED: StatusWord(word="Tracked", shape="–", attention=4),
}

EVIDENCE: Mapping[EvidenceGrade, str] = {
    EvidenceGrade.A: "strong",
    EvidenceGrade.B: "strong",
    EvidenceGrade.C: "moderate",
    EvidenceGrade.D: "weak",
    EvidenceGrade.E: "assumed",
    EvidenceGrade.CONTRADICTED: "contradicted",
}

EVIDENCE_MEANING: Mapping[EvidenceGrade, str] = {
    EvidenceGrade.A: "counted, or plain arithmetic",
    EvidenceGrade.B: "confirmed by a before and after in our own data",
    EvidenceGrade.C: "seen in our own data",
    EvidenceGrade.D: "from a study elsewhere",
    EvidenceGrade.E: "the judgement of those who know",
    EvidenceGrade.CONTRADICTED: "our own data say otherwise",
}

EXPLAINED: Mapping[EvidenceGrade, str] = {
    EvidenceGrade.A: "explained by",
    EvidenceGrade.B: "explained by",
    EvidenceGrade.C: "explained by",
    EvidenceGrade.D: "in step with",
    EvidenceGrade.E: "in step with",
    EvidenceGrade.CONTRADICTED: "in step with",
}
"""How a cause is tied to a change: only own data explain anything."""

SHARES: tuple[tuple[float, str], ...] = (
    (0.85, "almost all of it"),
    (0.60, "mostly"),
    (0.40, "about half of it"),
    (0.20, "partly"),
)
"""Smallest share of a change for each wording; below the last it is not explained."""

UNCERTAIN = "not distinguishable from target"
PLACEHOLDER = "target not agreed"
PROVISIONAL = "provisional"
NOT_YET = "Not judged yet"
"""Stands for the status of a sum that is short because its month is."""
IT_FINE_BUSINESS_WORSE = "IT on target, business worse than usual"
MAIN_DRIVER_FINE = "{driver} target met, business target missed"

DISAGREEMENT: Mapping[Disagreement, str] = {
    Disagreement.ALL_DRIVERS_ON_TARGET: "IT on target, business off target",
    Disagreement.MAIN_DRIVER_ON_TARGET: "IT target met, business target missed",
    Disagreement.DRIVERS_OFF_TARGET: "IT off target, business on target",
}
"""How the tag beside an outcome begins on which IT and business disagree."""


def share_words(share: float | None, grade: EvidenceGrade) -> str:
    """How much of a change a cause accounts for: "mostly explained by".

    Returns:
        Empty when the share is too small, or not known.

    Examples:
        >>> share_words(0.6, EvidenceGrade.A)
        'mostly explained by'
    """
    if share is None:
        return ""
    amount = next((word for least, word in SHARES if share >= least - 1e-9), "")
    return f"{amount} {EXPLAINED[grade]}" if amount else ""
