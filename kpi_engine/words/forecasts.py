"""Forecasts in words: what was said of a month, what came, and whether a link predicts."""

from kpi_engine.catalogue.models import Metric
from kpi_engine.mapping.influence.config import LedgerConfig
from kpi_engine.mapping.influence.record import Predicts, Ranges, TrackRecord
from kpi_engine.periods import month_label
from kpi_engine.services.ledger import Hits, Ledger, LinkLedger
from kpi_engine.units import (
    DASH,
    THIN,
    effect_decimals,
    format_distance,
    format_share,
    format_value,
    lower_first,
)

OWN_PAST = "Its own past alone"
NOTHING_YET = (
    "Nothing is forecast yet. The next month is forecast as soon as an outcome has two years of "
    "whole months; of links, once their measure has as well."
)
HOW_TO_READ = (
    "Before each month, each link says what its outcome will be for whatever its measure does; "
    "once that is known, the range is fixed. The outcome's own past says it without any link. "
    "Eight months of ten should lie in the 80 % range. The last column adds the width of that "
    "range and ten times what it missed by, on average: less is better."
)
CHART_LEGEND = (
    "Bars: the 80 % range; thin lines: the 95 % range; hollow bars were made afterwards, from what "
    "was known before the month. Dots: what came; a diamond lies outside the 80 % range."
)
_VERDICTS = {
    Predicts.TOO_FEW: "too few months to tell",
    Predicts.BETTER: "closer with it",
    Predicts.NO_DIFFERENCE: "no clear difference",
    Predicts.WORSE: "closer without it",
    Predicts.MISSES: "misses too often",
}


def headline(found: Ledger) -> str:
    """How often forecasts held, those made beforehand and those made afterwards apart."""
    if not found.outcomes:
        return NOTHING_YET
    before, after = found.made_before, found.made_afterwards
    told = [
        f"Of the forecasts made before their month was in, {_held(before)} held."
        if before.scored
        else "No month that was forecast beforehand is in yet."
    ]
    if after.scored:
        told.append(
            "Made afterwards, with only what was known before the month, "
            f"{_held(after)} would have held."
        )
    if before.scored or after.scored:
        told.append(f"About {format_share(found.config.likely)} should.")
    failing = sum(row.fails for row in found.rows)
    if failing:
        told.append(
            "1 link does not predict." if failing == 1 else f"{failing} links do not predict."
        )
    return " ".join(told)


def inside_text(record: TrackRecord, config: LedgerConfig) -> str:
    """How many months lie in the 80 % range, and how many should: "10 of 12 (about 10)"."""
    if not record.scored:
        return "none in yet"
    expected = round(config.likely * record.scored)
    return f"{record.inside} of {record.scored} (about {expected})"


def when_made(record: TrackRecord) -> str:
    """How many of the months were forecast beforehand, and how many afterwards."""
    before = record.scored - record.looked_back
    return f"{before} beforehand, {record.looked_back} looking back"


def cost_text(row: LinkLedger, *, currency: str = "$") -> str:
    """What the ranges cost on average, beside what those of the outcome's own past cost."""
    record = row.record
    if record.score is None:
        return DASH
    cost = amount_text(record.score, row.outcome, currency=currency)
    if record.score_without is None:
        return cost
    return f"{cost} (without {amount_text(record.score_without, row.outcome, currency=currency)})"


def verdict_text(record: TrackRecord) -> str:
    """Whether a link predicts, in a few words."""
    said = _VERDICTS[record.predicts]
    gain = record.gain
    if record.predicts is Predicts.BETTER and gain is not None:
        return f"{said}, by {format_share(gain)}"
    return said


def record_sentence(row: LinkLedger, config: LedgerConfig, *, currency: str = "$") -> str:
    """One row as a sentence, for a reader who sees no table."""
    record = row.record
    by = row.label or OWN_PAST
    if not record.scored:
        return f"{by}: forecast, but no month is in yet."
    text = (
        f"{by}: {record.inside} of {record.scored} months lay in the "
        f"{format_share(config.likely)} range, about {round(config.likely * record.scored)} were "
        f"to be expected ({when_made(record)})."
    )
    if record.score is None or record.score_without is None:
        return text
    return f"{text} A range cost {cost_text(row, currency=currency)}: {verdict_text(record)}."


def next_text(row: LinkLedger, *, currency: str = "$") -> str:
    """What is forecast of the month that is not in yet: "Nov 2026: 2.3 % (2.1–2.5)"."""
    entry = row.next
    if entry is None:
        return DASH
    said = ranges_text(entry.forecast, row.outcome, currency=currency)
    return f"{month_label(entry.month, short=True)}: {said}"


def ranges_text(found: Ranges, metric: Metric, *, currency: str = "$") -> str:
    """A forecast with its 80 % range."""
    digits = effect_decimals(metric.unit, metric.decimals)
    mid, low, high = (
        format_value(value, unit=metric.unit, decimals=digits, currency=currency)
        for value in (found.mid, *found.likely)
    )
    return f"{mid} ({low.partition(THIN)[0]}{DASH}{high.partition(THIN)[0]})"


def amount_text(size: float, metric: Metric, *, currency: str = "$") -> str:
    """A width in the outcome's unit, unsigned: "0.12 pp"."""
    digits = effect_decimals(metric.unit, metric.decimals)
    return format_distance(size, unit=metric.unit, decimals=digits, currency=currency)


def chart_alt(row: LinkLedger, config: LedgerConfig) -> str:
    """What the chart of one row shows."""
    by = f"with {lower_first(row.label)}" if row.label else "from its own past"
    held = inside_text(row.record, config)
    return f"{row.outcome.label} as forecast {by}, month by month: {held} in the 80 % range"


def _held(hits: Hits) -> str:
    return f"{format_share(hits.inside / hits.scored)} ({hits.inside} of {hits.scored})"
