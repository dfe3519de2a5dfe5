"""Where do we stand? Headline, explanation, tiles and footnote of the scorecard.

Only agreed targets, complete months and signals make headlines: a placeholder, a provisional
value or a change inside the usual range never does.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from kpi_engine.maths.intervals import Estimate
from kpi_engine.maths.variation import BASELINE_POINTS, IN_A_ROW
from kpi_engine.periods import add_months, month_label
from kpi_engine.services.outcomes import Explanation
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.terms import Status, Variation
from kpi_engine.units import (
    DASH,
    MINUS,
    format_amount,
    format_count,
    format_range,
    money_words,
)
from kpi_engine.words import open_month
from kpi_engine.words.drivers import amount_text, cause_clause, main_driver
from kpi_engine.words.extents import month_lengths
from kpi_engine.words.goals import standing_text
from kpi_engine.words.map import coverage_line
from kpi_engine.words.news import fit_to_lead, headline_row, moved_as_signalled
from kpi_engine.words.outcome import movement_clause
from kpi_engine.words.reading import (
    CHANGED_LATER,
    day_text,
    in_sentence,
    joined,
    restatements,
    value_text,
)
from kpi_engine.words.valuation import valuation_text, valuations_of
from kpi_engine.words.variation import is_signal, lasting_text

_COST = (
    "What the shortfalls of this month cost in all, as far as they could be counted and valued, "
    "unclear effects included; the same loss under two outcomes counts once. A measure that meets "
    "its target can cost something too: hardly any target is no loss at all."
)
_GAIN = (
    "What IT saved this month, where a link counts savings, such as hours of work done by "
    "software. A smaller loss than last month is not a gain: it is a smaller cost."
)
NOT_COMPLETE = "not complete yet"
_DATES_NAMED = 3
"""With more dated events than this a sentence stops naming the days."""
_CAUSES_APART, _CAUSES_NAMED = 2, 3
_MOST, _MORE_THAN_HALF = 0.8, 0.5
"""Costs are named, the largest first, until they make up this much of all; what "most" means."""
_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One figure above the ledger.

    Attributes:
        note: Stands small below the figure; may be empty.
        meaning: What the figure says and leaves out, for a help text; may be empty.
    """

    label: str
    value: str
    note: str
    meaning: str = ""


def headline(scorecard: Scorecard) -> str:
    """The month in one or two sentences: how many are on target, and the biggest signal."""
    if scorecard.is_open:
        return open_month.headline(scorecard)
    return f"{_standing(scorecard)} {_news(scorecard)}".strip()


def explanation(scorecard: Scorecard, *, emphasis: bool = False) -> tuple[str, ...]:
    """Below the headline: what is not known yet, what the signal cost, what all did, the rest.

    Args:
        scorecard: The month to speak of; of an open one nothing is explained.
        emphasis: Put ``**`` round the amounts, for surfaces that can show them bold.
    """
    if scorecard.is_open:
        return ()
    mark = "**" if emphasis else ""
    lines = (
        _not_complete(scorecard, mark),
        _cost_of_signal(scorecard, mark),
        _cost_of_all(scorecard, mark),
        _everything_else(scorecard),
    )
    return tuple(line for line in lines if line)


def tiles(scorecard: Scorecard, *, is_edition: bool = False) -> tuple[Tile, ...]:
    """The five figures above the ledger, and a sixth where a link counts what IT saved.

    Args:
        scorecard: A month's.
        is_edition: It is shown as it was published, whatever has changed since.
    """
    currency = scorecard.organisation.currency
    is_complete = not any(row.missing_estimates for row in scorecard.rows)
    gain = _money_tile(
        scorecard.gain, "Gain from IT progress", _GAIN, currency, is_complete=is_complete
    )
    return (
        Tile(
            label="Outcomes on target",
            value=DASH
            if scorecard.is_open
            else f"{scorecard.on_target} of {len(scorecard.settled)}",
            note="" if scorecard.is_open else _change_of_count(scorecard),
            meaning=f"All outcomes: {standing_text(scorecard.standing)}.",
        ),
        _money_tile(
            scorecard.cost,
            "Cost of IT shortfalls",
            f"{_COST} {valuation_text(valuations_of(scorecard.rows), currency=currency)}".strip(),
            currency,
            is_complete=is_complete,
        ),
        *([gain] if scorecard.gain else []),
        Tile(
            label="Data received",
            value=f"{scorecard.received} of {scorecard.expected}",
            note=_late(scorecard),
            meaning="Measures whose month is complete, of those that are due.",
        ),
        _restated_tile(scorecard, is_edition=is_edition),
        _watermelon_tile(scorecard),
    )


def footnote(scorecard: Scorecard) -> str:
    """How the ledger is made, how much of IT it covers, and how recent its data are."""
    method = (
        "Usual range: natural process limits (mean ± 2.66 × average month-to-month change) "
        f"{_rests_on(scorecard)}. A change inside the range is called usual variation: its shares "
        "are shown, but no headline is made of it. Filled dots on the line: months that are not "
        f"as usual, being outside the range, among {IN_A_ROW} in a row on one side of its mean or "
        f"{IN_A_ROW} in a row that rise or fall, or among 2 of 3 near one end of it; what is "
        "measured by the quarter has a dot at each value. Shares of the change compare with the "
        "month before; amounts and money are the whole of this month: all that outages and "
        "problems cost, and of other measures what their distance from the target did. Money is "
        "rounded; ranges are 90\u202f% ranges."
    )
    currency = scorecard.organisation.currency
    valued = valuation_text(valuations_of(scorecard.rows), currency=currency)
    method = " ".join(part for part in (method, valued, coverage_line(scorecard.coverage)) if part)
    if scorecard.data_through is None or scorecard.loaded_at is None:
        return f"{method} No data have been loaded."
    loaded = scorecard.loaded_at.astimezone(scorecard.organisation.zone)
    return (
        f"{method} Data to {day_text(scorecard.data_through)}, loaded "
        f"{day_text(loaded.date())} {loaded:%H:%M}."
    )


def _rests_on(scorecard: Scorecard) -> str:
    """Which months the usual ranges rest on: named when they are the same for every outcome."""
    spans = {row.outcome.usual_months for row in scorecard.rows} - {None}
    if len(spans) == 1 and (span := spans.pop()) is not None:
        first, last = (month_label(month, short=True) for month in span)
        return f"from {first} to {last}"
    return f"from the first {BASELINE_POINTS} values of each measure"


def _standing(scorecard: Scorecard) -> str:
    agreed = [row for row in scorecard.rows if not row.outcome.judgement.is_placeholder]
    if not scorecard.rows:
        return "No outcomes yet."
    if not agreed:
        return "No target has been agreed yet."
    if all(row.outcome.value is None for row in scorecard.rows):
        return f"No outcome has data for {month_label(scorecard.month)} yet."
    count, total = scorecard.on_target, len(scorecard.settled)
    if total == 0:
        return "No outcome is complete yet."
    if len(scorecard.rows) == 1:
        return f"The one outcome is {'' if count else 'not '}on target."
    if count == total:
        complete = "" if total == len(scorecard.rows) else "complete "
        return f"All {total} {complete}outcomes are on target."
    verb = "is" if count == 1 else "are"
    complete = "" if total == len(scorecard.rows) else "complete "
    return f"{count or 'None'} of {total} {complete}outcomes {verb} on target."


def _news(scorecard: Scorecard) -> str:
    leader = headline_row(scorecard)
    currency = scorecard.organisation.currency
    if leader is None:
        judged = any(
            row.outcome.verdict.variation is Variation.USUAL for row in fit_to_lead(scorecard)
        )
        return "No change was larger than usual." if judged else ""
    outcome = leader.outcome
    if moved_as_signalled(leader):
        moved = movement_clause(outcome, currency=currency)
        return f"{moved}, {cause_clause(leader)}."
    said = lasting_text(outcome.verdict, cadence=outcome.metric.cadence)
    return f"{outcome.label}: {said}, now {value_text(outcome, currency=currency)}."


def _not_complete(scorecard: Scorecard, mark: str) -> str:
    """That costs and shares will change, while own data are still being asked."""
    open_ = [row.outcome for row in scorecard.rows if row.missing_estimates]
    if not open_:
        return ""
    what = "1 outcome" if len(open_) == 1 else f"{len(open_)} outcomes"
    return (
        f"{mark}Costs and shares of the change are not complete:{mark} what IT did to {what} is "
        "still being worked out."
    )


def _cost_of_signal(scorecard: Scorecard, mark: str) -> str:
    leader = headline_row(scorecard)
    driver = main_driver(leader) if leader and moved_as_signalled(leader) else None
    if driver is None or driver.contribution.amount is None:
        return ""
    found, currency = driver.contribution, scorecard.organisation.currency
    said = f"{mark}{amount_text(found)}{mark}"
    if found.money:
        said += f", {mark}{money_words(found.money, currency=currency)}{mark}"
        if found.money.low != found.money.high:
            said += f" (likely {format_range(found.money, currency=currency)})"
    days = sorted({event.day for event in found.events})
    when = ""
    if 0 < len(days) <= _DATES_NAMED:
        when = f" It happened on {joined(day_text(day) for day in days)}."
    return f"Over the month that is {said}.{when}"


def _cost_of_all(scorecard: Scorecard, mark: str) -> str:
    """What the shortfalls cost together and where most of it lies; nothing where one is all."""
    causes = sorted(_causes(scorecard), key=lambda cause: cause[1].mid)
    if scorecard.cost is None or scorecard.cost.high > 0 or len(causes) < _CAUSES_APART:
        return ""
    currency, named, reached = scorecard.organisation.currency, [], 0.0
    for label, money in causes[:_CAUSES_NAMED]:
        named.append(f"{label} ({format_amount(money.mid, currency=currency)})")
        reached += money.mid / scorecard.cost.mid
        if reached >= _MOST:
            break
    most = "most of it" if reached >= _MORE_THAN_HALF else "the largest parts"
    said = money_words(scorecard.cost, currency=currency).removesuffix(" lost")
    return (
        f"All IT shortfalls of the month cost {mark}{said}{mark} (likely "
        f"{format_range(scorecard.cost, currency=currency)}), {most} through {joined(named)}."
    )


def _causes(scorecard: Scorecard) -> Iterator[tuple[str, Estimate]]:
    """IT measures that clearly cost money, each loss under the first outcome that shows it."""
    for row in scorecard.rows:
        for driver in row.drivers:
            money = driver.contribution.money
            if money is not None and not driver.contribution.same_as and money.high <= 0:
                yield in_sentence(driver.reading), money


def _everything_else(scorecard: Scorecard) -> str:
    leader = headline_row(scorecard)
    others = [
        row
        for row in scorecard.rows
        if row is not leader and is_signal(row.outcome.verdict) and row.outcome.value is not None
    ]
    said = []
    if others:
        said.append(_other_signals(others, has_leader=leader is not None))
    rest = [
        row.outcome.verdict.variation is Variation.USUAL
        for row in scorecard.rows
        if not (row is leader or row in others or row.outcome.is_open)
        and row.outcome.value is not None
    ]
    if any(rest) and (leader is not None or others):
        told = "" if all(rest) else ", as far as there is history to tell"
        said.append(f"The other changes are no larger than usual{told}.")
    said += _caveats(scorecard)
    return " ".join(said)


def _other_signals(rows: list[Explanation], *, has_leader: bool) -> str:
    count = len(rows)
    number = _NUMBERS[count] if count < len(_NUMBERS) else format_count(count)
    more = " more" if has_leader else ""
    noun, verb = ("outcome", "is") if count == 1 else ("outcomes", "are")
    named = joined(_signal_clause(row) for row in rows)
    return f"{number}{more} {noun} {verb} not as usual: {named}."


def _signal_clause(row: Explanation) -> str:
    melon = ""
    if row.is_watermelon:
        known = " that has data" if row.disagreement and row.disagreement.missing else ""
        melon = f" although every IT measure behind it{known} is on target"
    said = lasting_text(row.outcome.verdict, cadence=row.outcome.metric.cadence)
    return f"{in_sentence(row.outcome)} ({said}{melon})"


def _caveats(scorecard: Scorecard) -> list[str]:
    outcomes = [row.outcome for row in scorecard.rows]
    missing = [o for o in outcomes if o.value is None]
    open_ = [o for o in outcomes if o.is_open]
    unagreed = [o for o in outcomes if o.judgement.is_placeholder]
    unsure = [row.outcome for row in scorecard.settled if row.outcome.judgement.is_uncertain]
    said = []
    if unsure:
        number = _NUMBERS[len(unsure)] if len(unsure) < len(_NUMBERS) else len(unsure)
        what = "outcome is" if len(unsure) == 1 else "outcomes are"
        named = joined(in_sentence(o) for o in unsure)
        said.append(f"{number} {what} too close to the target to call: {named}.")
    if missing and len(missing) < len(outcomes):
        said.append(f"No data on {joined(in_sentence(o) for o in missing)}.")
    if open_:
        said.append(f"Provisional: {joined(in_sentence(o) for o in open_)}.")
    if lengths := month_lengths(scorecard):
        said.append(lengths)
    if unagreed and len(unagreed) < len(outcomes):
        verb = "has" if len(unagreed) == 1 else "have"
        number = _NUMBERS[len(unagreed)] if len(unagreed) < len(_NUMBERS) else len(unagreed)
        said.append(f"{number} of the targets {verb} not been agreed yet.")
    return said


def _money_tile(
    money: Estimate | None, label: str, meaning: str, currency: str, *, is_complete: bool
) -> Tile:
    if money is None:
        return Tile(label=label, value="not valued", note="", meaning=meaning)
    words = money_words(money, currency=currency)
    exact = money.low == money.high
    note = "" if exact else f"likely {format_range(money, currency=currency)}"
    note = note if is_complete else NOT_COMPLETE
    return Tile(
        label=label,
        value=words.removesuffix(" lost").removesuffix(" saved"),
        note=note,
        meaning=meaning,
    )


def _watermelon_tile(scorecard: Scorecard) -> Tile:
    rows = [row for row in scorecard.rows if row.is_watermelon]
    return Tile(
        label="IT on target, business off",
        value=str(len(rows)) if rows else "none",
        note=joined(row.outcome.label for row in rows) if len(rows) in (1, 2) else "",
        meaning="Outcomes off target, or worse than usual, although every IT measure behind them "
        "that has data is on target: what moves them is not being measured yet.",
    )


def _restated_tile(scorecard: Scorecard, *, is_edition: bool) -> Tile:
    """How many published values are others now; beside it what changed without being published."""
    readings = [
        reading
        for row in scorecard.rows
        for reading in (row.outcome, *(driver.reading for driver in row.drivers))
    ]
    restated, later = (
        dict.fromkeys(text for one in readings for text in restatements(one, published=published))
        for published in (True, False)
    )
    count = len(restated)
    notes = [joined(restated)] if count in (1, 2) else []
    if later:
        which = joined(later) if len(later) == 1 else format_count(len(later))
        notes.append(f"never published: {which} {CHANGED_LATER}")
    if is_edition:
        notes.append("when this was published")
    return Tile(
        label="Restated since publishing",
        value=f"{count} value{'' if count == 1 else 's'}" if restated else "none",
        note="; ".join(notes),
        meaning="Values of this month and the one before, of the outcomes and the IT measures "
        "behind them, that differ from what was published by enough to matter. Months that were "
        "never published are not counted: what changed in them after their closing day is noted "
        f"as {CHANGED_LATER}.",
    )


def _change_of_count(scorecard: Scorecard) -> str:
    before = scorecard.on_target_before
    if before is None:
        return ""
    change = scorecard.on_target - before
    month = month_label(add_months(scorecard.month, -1), short=True)
    if change == 0:
        return f"as in {month}"
    return f"{'+' if change > 0 else MINUS}{abs(change)} on {month}"


def _late(scorecard: Scorecard) -> str:
    open_ = sum(
        row.outcome.judgement.status is not Status.NO_DATA and not row.outcome.freshness.is_complete
        for row in scorecard.rows
    )
    if scorecard.late and not scorecard.is_open:
        return f"{len(scorecard.late)} late"
    return f"{open_} provisional" if open_ else ""
