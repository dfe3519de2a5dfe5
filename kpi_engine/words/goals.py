"""How far a goal is reached, in words: counts that hide nothing, a score and what is left out."""

from collections.abc import Mapping

from kpi_engine.maths.rollup import LeftOut, RollUp
from kpi_engine.terms import Status
from kpi_engine.units import lower_first
from kpi_engine.words.judgement import PLACEHOLDER, PROVISIONAL, STATUS
from kpi_engine.words.reading import joined

COUNTED: Mapping[Status, str] = {
    Status.ON_TARGET: "on target",
    Status.NEAR_TARGET: "near",
    Status.OFF_TARGET: "off",
    Status.NO_DATA: "no data",
    Status.NOT_JUDGED: "not judged",
}
LEFT_OUT: Mapping[LeftOut, str] = {
    LeftOut.NO_DATA: "no data",
    LeftOut.PROVISIONAL: PROVISIONAL,
    LeftOut.PLACEHOLDER: PLACEHOLDER,
    LeftOut.TRACKED: "no target",
}


def standing_word(standing: RollUp) -> str:
    """The status of a group: "Near target"; of one of which nothing is complete, "Provisional"."""
    if standing.status is not Status.NOT_JUDGED:
        return STATUS[standing.status].word
    is_provisional = any(reason is LeftOut.PROVISIONAL for _, reason in standing.left_out)
    return PROVISIONAL.capitalize() if is_provisional else "Not judged"


def counts_text(standing: RollUp) -> str:
    """How many children have which status: "2 on target, 1 near, 1 off, 1 no data"."""
    return ", ".join(f"{count} {COUNTED[status]}" for status, count in standing.counts.items())


def score_text(standing: RollUp) -> str:
    """The mean score: "score 5.9 of 10"; empty when nothing counts."""
    return "" if standing.score is None else f"score {standing.score:.1f} of 10"


def left_out_text(standing: RollUp) -> str:
    """Whom score and status leave out: "without net revenue (provisional)"; else empty.

    Where nothing counts, counts and status say already what has no data or is provisional.
    """
    said = (LeftOut.NO_DATA, LeftOut.PROVISIONAL) if standing.score is None else ()
    named = [
        f"{lower_first(name)} ({LEFT_OUT[reason]})"
        for name, reason in standing.left_out
        if reason not in said
    ]
    return f"without {joined(named)}" if named else ""


def standing_text(standing: RollUp) -> str:
    """Everything beside the status: counts, score, and whom they leave out."""
    parts = (counts_text(standing), score_text(standing), left_out_text(standing))
    return "; ".join(part for part in parts if part)
