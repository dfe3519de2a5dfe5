"""Did it work? What became of initiatives, for whoever paid for them."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.initiatives import Initiative
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.mapping.influence.intervention import Outcome
from kpi_engine.maths.intervals import Estimate
from kpi_engine.services.initiatives import Initiatives, Judged, Verdict
from kpi_engine.services.whatif import Part
from kpi_engine.units import (
    THIN,
    format_amount,
    format_distance,
    format_step,
    lower_first,
    telling_decimals,
)
from kpi_engine.words.influence import effect_text, range_only
from kpi_engine.words.reading import day_text, joined
from kpi_engine.words.whatif import lever_text

NONE_DECLARED = (
    "No initiative is declared. One says, before it begins, what it should move and by how much; "
    "afterwards it is held against that."
)
NONE_BEGUN = "No initiative had begun by then."
VERDICTS = {
    Outcome.WORKED: "worked",
    Outcome.WORKED_LESS: "worked, less than expected",
    Outcome.NOTHING_SEEN: "no effect to speak of",
    Outcome.WORSE: "the wrong way",
    Outcome.TOO_EARLY: "too early to tell",
    Outcome.TOO_SHORT: "too early to tell",
}
NOT_CLEAR = "cannot be told"
"""In place of "too early", once the due date has passed."""
COLUMNS = ("Initiative", "Since", "Should move", "Expected", "Measured", "Verdict")


def headline(found: Initiatives, *, is_declared: bool) -> str:
    """How many initiatives did what they should, in one sentence."""
    if not found.judged:
        return NONE_BEGUN if is_declared else NONE_DECLARED
    counts = Counter(overall(one) for one in found.judged)
    parts = [f"{count} {said}" for said, count in counts.items()]
    total = len(found.judged)
    return f"{total} {'initiative' if total == 1 else 'initiatives'}: {joined(parts)}."


def expected_text(move: Mapping[str, Any], catalogue: Catalogue, *, currency: str) -> str:
    """What is expected of one metric, as ``moves`` has it: "Page load time falls by 0.3 s."."""
    metric = catalogue.metric(move["metric"])
    of = "".join(f", {member}" for member in move.get("segment", {}).values())
    way = "rises" if move["sign"] > 0 else "falls"
    change = move.get("change")
    if change is None:
        return f"{metric.label}{of} {way}; by how much is not known."
    ends = sorted(abs(change[end]) for end in ("low", "high"))
    spread = Estimate(low=ends[0], mid=ends[0], high=ends[1])
    digits = telling_decimals(spread, unit=metric.unit, decimals=metric.decimals)
    low, high = (
        format_distance(end, unit=metric.unit, decimals=digits, currency=currency) for end in ends
    )
    return f"{metric.label}{of} {way} by {low}{f' to {high}' if high != low else ''}."


def own_unit_text(part: Part, *, currency: str) -> str:
    """That a lever turned in a unit of its own is the measure said in another; else empty.

    "Minutes of downtime from 142 min to 60 min: this is the same in the unit of service
    availability."
    """
    lever = part.lever
    if lever.unit is lever.reading.metric.unit:
        return ""
    now, then = (lever_text(lever, one, currency=currency) for one in (lever.now, part.value))
    measure = lower_first(lever.reading.metric.label)
    return f"{lever.label} from {now} to {then}: this is the same in the unit of {measure}."


def planned_text(one: Initiative) -> str:
    """One that has not begun: "from 1 Jan 2027, judged by 30 Jun 2027"."""
    return f"planned from {day_text(one.starts)}, judged by {day_text(one.due)}"


def overall(found: Judged) -> str:
    """One initiative in a few words; the gravest of what it should have moved decides."""
    outcomes = {one.outcome for one in found.verdicts}
    yet = "" if found.is_final else " so far"
    if Outcome.WORSE in outcomes:
        return f"made something worse{yet}"
    if outcomes <= {Outcome.WORKED}:
        return f"worked{yet}"
    if outcomes <= {Outcome.WORKED, Outcome.WORKED_LESS}:
        return f"worked less than expected{yet}"
    if outcomes & {Outcome.TOO_EARLY, Outcome.TOO_SHORT}:
        return "cannot be told" if found.is_final else "too early to tell"
    return f"did nothing to speak of{yet}"


def verdict_text(one: Verdict, *, is_final: bool) -> str:
    """What became of one metric, in a few words."""
    is_open = one.outcome in (Outcome.TOO_EARLY, Outcome.TOO_SHORT)
    return NOT_CLEAR if is_open and is_final else VERDICTS[one.outcome]


def sentence(one: Verdict, *, is_final: bool, currency: str = "$") -> str:
    """What became of one metric that an initiative should move."""
    if one.change is None:
        return _too_few(one)
    measured = effect_text(one.change, one.metric, currency=currency)
    wanted = _wanted(one, currency)
    moved = f"{one.label} {_moved(one, currency)}"
    if one.outcome in (Outcome.WORKED, Outcome.WORKED_LESS, Outcome.WORSE):
        return f"{moved}; {wanted} was expected."
    if one.outcome is Outcome.NOTHING_SEEN:
        return f"{one.label}: {measured}; {wanted} was expected, and that much would show."
    start = "cannot be told by its due date" if is_final else "too early to tell"
    holds = f"nothing as well as {wanted}" if one.expected else "a change either way"
    ends = range_only(one.change, one.metric, currency=currency).replace(" and ", " to ")
    return f"{one.label}: {start}; after {one.after} months the range, {ends}, holds {holds}."


def how_known(one: Verdict) -> str:
    """What the comparison rests on, and whether other dates look like a change as well."""
    if one.change is None:
        return ""
    text = f"{one.before} months before are held against {one.after} since"
    if one.controls:
        text += f", {joined(map(lower_first, one.controls))} taken out"
    if one.placebos:
        others = "none looks" if not one.false_placebos else f"{one.false_placebos} look"
        others = "1 looks" if one.false_placebos == 1 else others
        text += f". Of {one.placebos} other dates tried before it, {others} like a change"
    if one.left_out:
        text += f". Not taken out, for months are missing: {joined(map(lower_first, one.left_out))}"
    return f"{text}."


def about(found: Judged, *, currency: str = "$") -> str:
    """What was done, since when, who answers for it and what it cost."""
    one = found.initiative
    cost = f" It cost {format_amount(one.cost, currency=currency)}." if one.cost else ""
    when = "The verdict is final" if found.is_final else f"The verdict is due {day_text(one.due)}"
    agreed = f" What to expect was agreed on {day_text(one.agreed_on)}." if one.agreed_on else ""
    return f"{one.sentence} Answered for by {one.owner}.{cost}{agreed} {when}."


def row_texts(found: Judged, one: Verdict, *, currency: str = "$") -> tuple[str, ...]:
    """One metric of an initiative under its columns."""
    measured = effect_text(one.change, one.metric, currency=currency) if one.change else ""
    return (
        found.initiative.label,
        day_text(found.initiative.starts),
        one.label,
        _wanted(one, currency),
        measured,
        verdict_text(one, is_final=found.is_final),
    )


def _moved(one: Verdict, currency: str) -> str:
    """How far it went: "fell by 0.21 s (0.09 to 0.30 s)"."""
    change = one.change or Estimate.exact(0.0)
    verb = "rose" if change.mid > 0 else "fell"
    sizes = sorted((abs(change.low), abs(change.high)))
    mid, low, high = (
        _size(size, one.metric, change, currency) for size in (abs(change.mid), *sizes)
    )
    return f"{verb} by {mid} ({low.partition(THIN)[0]} to {high})"


def _wanted(one: Verdict, currency: str) -> str:
    """What was expected: "a fall of 0.10 to 0.30 s"; "a fall" where nobody said how much."""
    if one.expected is None:
        return _way(one)
    low, high = sorted((abs(one.expected.low), abs(one.expected.high)))
    least, most = (format_step(end, unit=one.metric.unit, currency=currency) for end in (low, high))
    size = most if low == high else f"{least.partition(THIN)[0]} to {most}"
    return f"{_way(one)} of {size}"


def _way(one: Verdict) -> str:
    return "a rise" if one.expectation.sign > 0 else "a fall"


def _size(size: float, metric: Metric, of: Estimate, currency: str) -> str:
    digits = telling_decimals(of, unit=metric.unit, decimals=metric.decimals)
    return format_distance(size, unit=metric.unit, decimals=digits, currency=currency)


def _too_few(one: Verdict) -> str:
    if one.before < one.needed:
        return (
            f"{one.label}: cannot be told; of {one.needed} whole months needed from before, "
            f"{one.before} {'is' if one.before == 1 else 'are'} known."
        )
    return (
        f"{one.label}: too early to tell; {one.after} of the {one.needed} whole months that it "
        "takes are in."
    )
