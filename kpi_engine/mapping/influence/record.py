"""What was forecast, month by month, what came of it, and whether a link predicts."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np
from scipy import stats

from kpi_engine.mapping.influence.config import DEFAULT_LEDGER, LedgerConfig
from kpi_engine.maths.scoring import interval_score

ALONE = ""
"""Stands for a link where an outcome is forecast from its own past."""


@dataclass(frozen=True, kw_only=True)
class Ranges:
    """A month as it was forecast, in the outcome's unit.

    Attributes:
        mid: The middle.
        likely: The 80 % range.
        wide: The 95 % range.
    """

    mid: float
    likely: tuple[float, float]
    wide: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One forecast of one month, and what came.

    Attributes:
        outcome: Its metric.
        link: The link that forecast it; empty: the outcome's own past did.
        month: Its first day.
        made_at: Tick at which it was made.
        is_retrospective: Made afterwards: the month was in already, though only data from before
            it were used.
        forecast: Of a link: given what its driver did, or, until that is known, what it would do
            by its own past.
        without: What the outcome's own past forecast for the same month; None where this is it.
        value: What came, in the outcome's unit; None until outcome and driver are in.
    """

    outcome: str
    link: str
    month: date
    made_at: int
    is_retrospective: bool
    forecast: Ranges
    without: Ranges | None
    value: float | None

    @property
    def is_inside(self) -> bool | None:
        """Whether the value lies in the 80 % range; None until it is in."""
        return self._is_in(self.forecast.likely)

    @property
    def is_inside_wide(self) -> bool | None:
        """Whether the value lies in the 95 % range; None until it is in."""
        return self._is_in(self.forecast.wide)

    def _is_in(self, ends: tuple[float, float]) -> bool | None:
        return None if self.value is None else ends[0] <= self.value <= ends[1]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        inside = {"is_inside": self.is_inside, "is_inside_wide": self.is_inside_wide}
        return {**asdict(self), "month": self.month.isoformat(), **inside}


class Predicts(StrEnum):
    """Whether a link's forecasts are worth anything."""

    TOO_FEW = "too_few"
    """Too few months are in."""
    BETTER = "better"
    """With it, forecasts come closer."""
    NO_DIFFERENCE = "no_difference"
    """With it they are about as good as without."""
    WORSE = "worse"
    """Without it they come closer."""
    MISSES = "misses"
    """Its ranges miss more often than they may."""


FAILS = (Predicts.WORSE, Predicts.MISSES)
"""What a claim does not survive."""


@dataclass(frozen=True, kw_only=True)
class TrackRecord:
    """All forecasts of one link, or of one outcome's own past, that can be held against a value.

    Attributes:
        scored: Months that are in.
        looked_back: Of them, those that were forecast afterwards.
        inside: Of them, those in the 80 % range.
        inside_wide: Of them, those in the 95 % range.
        error: How far the middle was off on average, in the outcome's unit.
        score: Mean interval score of the 80 % range, in the outcome's unit; of a link, over the
            months that its outcome's own past forecast too; None without months.
        score_without: The same for that past, over the same months; None for the past itself.
        predicts: What it amounts to.
    """

    scored: int
    looked_back: int
    inside: int
    inside_wide: int
    error: float | None
    score: float | None
    score_without: float | None
    predicts: Predicts

    @property
    def gain(self) -> float | None:
        """Share of the score that the link saves; negative if it costs; None without a score."""
        if self.score is None or not self.score_without:
            return None
        return 1 - self.score / self.score_without

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {**asdict(self), "predicts": self.predicts.value, "gain": self.gain}


def track_record(entries: Sequence[Entry], config: LedgerConfig = DEFAULT_LEDGER) -> TrackRecord:
    """What the forecasts of one link, or of one outcome's own past, amount to."""
    known = [(one, one.value) for one in entries if one.value is not None]
    scores = [_score(one.forecast, value, config) for one, value in known]
    pairs = [
        (score, _score(one.without, value, config))
        for score, (one, value) in zip(scores, known, strict=True)
        if one.without is not None
    ]
    compared = [score for score, _ in pairs] if pairs else scores
    inside = sum(one.is_inside is True for one, _ in known)
    return TrackRecord(
        scored=len(known),
        looked_back=sum(one.is_retrospective for one, _ in known),
        inside=inside,
        inside_wide=sum(one.is_inside_wide is True for one, _ in known),
        error=float(np.mean([abs(value - one.forecast.mid) for one, value in known]))
        if known
        else None,
        score=float(np.mean(compared)) if compared else None,
        score_without=float(np.mean([without for _, without in pairs])) if pairs else None,
        predicts=_predicts(inside, len(known), pairs, config),
    )


def _score(found: Ranges, value: float, config: LedgerConfig) -> float:
    return interval_score(*found.likely, value, level=config.likely)


def _predicts(
    inside: int, scored: int, pairs: Sequence[tuple[float, float]], config: LedgerConfig
) -> Predicts:
    """Whether a difference is clear of chance (Diebold and Mariano 1995, one step ahead)."""
    if scored < config.fewest_scored:
        return Predicts.TOO_FEW
    if stats.binom.cdf(inside, scored, config.likely) < config.miss_p:
        return Predicts.MISSES
    if len(pairs) < config.fewest_scored:
        return Predicts.NO_DIFFERENCE
    gained = np.asarray([without - score for score, without in pairs])
    error = float(gained.std(ddof=1)) / np.sqrt(len(gained))
    if abs(gained.mean()) <= config.clear_errors * error:
        return Predicts.NO_DIFFERENCE
    return Predicts.BETTER if gained.mean() > 0 else Predicts.WORSE
