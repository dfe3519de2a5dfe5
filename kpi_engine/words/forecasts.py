"""Forecasts in words: what was said of a month, what came, and whether a link predicts."""

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.mapping.influence.config import LedgerConfig
from kpi_engine.mapping.influence.record import Entry, Predicts, Ranges, TrackRecord
from kpi_engine.periods import month_label
from kpi_engine.services.ledger import Hits, Ledger, LinkLedger
from kpi_engine.terms import Unit
from kpi_engine.units import (
    DASH,
    MINUS,
    THIN,
    effect_decimals,
    format_amount,
    format_distance,
    format_share,
    format_value,
    lower_first,
)
from kpi_engine.words.reading import joined

OWN_PAST = "Its own past alone"
NOTHING_YET = (
    "Nothing is forecast yet. The next month is forecast as soon as an outcome has two years of "
    "whole months; of links, once their measure has as well."
)
HOW_TO_READ = (
    "Before each month, each link says what its outcome will be for whatever its measure does; "
    "once that is known, the range is fixed. The outcome's own past says it without any link. "
    "Eight months of ten should lie in the 80 % range. A range costs its width, and ten times "
    "what it missed by; shown is the average, and less is better."
)
CHART_LEGEND = (
    "Bars: the 80 % range; thin lines: the 95 % range; hollow bars were made afterwards, from the "
    "months before as they stand today. Dots: what came; a diamond lies outside the 80 % range."
)
COLUMNS = (
    "Outcome",
    "Forecast by",
    "In the 80 % range (expected)",
    "Made",
    "Does it predict?",
    "Width, misses × 10",
    "The same without it",
    "Next month",
)
_LARGE_SUM = 10_000
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
            "Made afterwards, from the months before as they stand today, "
            f"{_held(after)} would have held."
        )
    if before.scored or after.scored:
        told.append(f"About {format_share(found.config.likely)} should.")
    failing = [
        f"{row.label} for {lower_first(row.outcome.label)}" for row in found.rows if row.fails
    ]
    if failing:
        told.append(f"Claimed less since it does not predict: {joined(failing)}.")
    return " ".join(told)


def row_texts(row: LinkLedger, config: LedgerConfig, *, currency: str = "$") -> tuple[str, ...]:
    """One row of the ledger under its columns."""
    return (
        row.outcome.label,
        row.label or OWN_PAST,
        inside_text(row.record, config),
        when_made(row.record),
        verdict_text(row.record) if row.link else "",
        _width(row.record.score, row.outcome, currency),
        _width(row.record.score_without, row.outcome, currency),
        next_text(row, currency=currency),
    )


def entry_text(entry: Entry, metric: Metric, *, currency: str = "$") -> str:
    """One month: "Oct 2026, afterwards: 2.41 % (2.35–2.47), came 2.44 %"."""
    when = "afterwards" if entry.is_retrospective else "beforehand"
    said = ranges_text(entry.forecast, metric, currency=currency)
    start = f"{month_label(entry.month, short=True)}, {when}: {said}"
    if entry.value is None:
        return f"{start}, not in yet"
    came = value_text(entry.value, metric, currency=currency)
    return f"{start}, came {came}{'' if entry.is_inside else ', missed'}"


def inside_text(record: TrackRecord, config: LedgerConfig) -> str:
    """How many months lie in the 80 % range, and how many should: "10 of 12 (about 10)"."""
    if not record.scored:
        return "none in yet"
    expected = round(config.likely * record.scored)
    return f"{record.inside} of {record.scored} (about {expected})"


def when_made(record: TrackRecord) -> str:
    """How many of the months were forecast beforehand, and how many afterwards."""
    counts = (
        (record.scored - record.looked_back, "beforehand"),
        (record.looked_back, "afterwards"),
    )
    return ", ".join(f"{count} {when}" for count, when in counts if count)


def verdict_text(record: TrackRecord) -> str:
    """Whether a link predicts, in a few words."""
    said = _VERDICTS[record.predicts]
    gain = record.gain
    if record.predicts is Predicts.BETTER and gain is not None:
        return f"{said}, by {format_share(gain)}"
    return said


def record_sentence(record: TrackRecord, config: LedgerConfig) -> str:
    """What a link's forecasts amount to, in one sentence."""
    expected = round(config.likely * record.scored)
    return (
        f"{record.inside} of the {record.scored} months that it forecast ({when_made(record)}) lay "
        f"in its {format_share(config.likely)} range, about {expected} should: "
        f"{verdict_text(record)}."
    )


def next_text(row: LinkLedger, *, currency: str = "$") -> str:
    """What is forecast of the month that is not in yet: "Nov 2026: 2.3 % (2.1–2.5)"."""
    entry = row.next
    if entry is None:
        return DASH
    said = ranges_text(entry.forecast, row.outcome, currency=currency)
    return f"{month_label(entry.month, short=True)}: {said}"


def ranges_text(found: Ranges, metric: Metric, *, currency: str = "$") -> str:
    """A forecast with its 80 % range."""
    mid, low, high = (value_text(v, metric, currency=currency) for v in (found.mid, *found.likely))
    return f"{mid} ({low.partition(THIN)[0]}{DASH}{high.partition(THIN)[0]})"


def value_text(value: float, metric: Metric, *, currency: str = "$") -> str:
    """A value with one digit more than its measure has; large sums of money are rounded."""
    if metric.unit is Unit.CURRENCY and abs(value) >= _LARGE_SUM:
        return f"{MINUS if value < 0 else ''}{format_amount(value, currency=currency)}"
    digits = effect_decimals(metric.unit, metric.decimals)
    return format_value(value, unit=metric.unit, decimals=digits, currency=currency)


def chart_alt(row: LinkLedger, config: LedgerConfig) -> str:
    """What the chart of one row shows."""
    by = f"with {lower_first(row.label)}" if row.label else "from its own past"
    held = inside_text(row.record, config)
    return f"{row.outcome.label} as forecast {by}, month by month: {held} in the 80 % range"


def _named(row: LinkLedger) -> str:
    return f"{row.label} for {lower_first(row.outcome.label)}"


def _width(size: float | None, metric: Metric, currency: str) -> str:
    """A width in the outcome's unit, unsigned: "0.12 pp"."""
    if size is None:
        return ""
    if metric.unit is Unit.CURRENCY and size >= _LARGE_SUM:
        return format_amount(size, currency=currency)
    digits = effect_decimals(metric.unit, metric.decimals)
    return format_distance(size, unit=metric.unit, decimals=digits, currency=currency)


def _held(hits: Hits) -> str:
    return f"{format_share(hits.inside / hits.scored)} ({hits.inside} of {hits.scored})"
