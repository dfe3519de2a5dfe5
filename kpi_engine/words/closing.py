"""The close of a month in words: what is open, who signed, and what has changed since."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from kpi_engine.actors import is_called
from kpi_engine.periods import month_label
from kpi_engine.services.actions import Action, Decisions
from kpi_engine.services.checklist import Close, OpenPoint, Point
from kpi_engine.services.editions import Edition, Restated
from kpi_engine.services.readings import Reading
from kpi_engine.store.closing import Comment, Published, Signature
from kpi_engine.terms import BatchKind, Cause, Direction, Side
from kpi_engine.units import DASH, format_count, format_target
from kpi_engine.words.judgement import STATUS
from kpi_engine.words.reading import day_text, in_sentence, joined, target_text, value_text

CAUSE: Mapping[Cause, str] = {
    Cause.OUTAGE: "Outage or fault",
    Cause.RELEASE: "Release or change",
    Cause.CAPACITY: "Capacity or staffing",
    Cause.SUPPLIER: "Supplier",
    Cause.MARKET: "Market or demand",
    Cause.PROCESS: "How the work is done",
    Cause.COUNTING: "Data or counting",
    Cause.NOT_KNOWN: "Not known yet",
}
SIDE: Mapping[Side, str] = {Side.BUSINESS: "business", Side.IT: "IT"}
DONE, OPEN = "●", "○"
"""Shapes of a line of the checklist."""

RESTATED_COLUMNS = ("Measure", "Published", "Now", "Target", "Status", "Matters", "Why")
"""Of what is another now than it was published."""
_FILES_NAMED = 2
_LATER: Mapping[BatchKind, str] = {
    BatchKind.IMPORT: "data",
    BatchKind.MANUAL: "figures typed in",
    BatchKind.PULL: "data pulled",
    BatchKind.UNDO: "data taken back",
    BatchKind.EDIT: "another definition",
}
"""What made a figure of a closed month another."""

_POINTS: Mapping[Point, tuple[str, str]] = {
    Point.DATA: ("All data are in.", "Not in yet: {names}. It can be published without them."),
    Point.ESTIMATES: (
        "Everything is worked out.",
        "Links are still being worked out for {names}.",
    ),
    Point.CHECKS: ("No check raises a question.", "Checks raise a question: {names}"),
    Point.COMMENTS: (
        "Every outcome that is off target or not as usual has a cause and an action.",
        "Without a cause and an action: {names}.",
    ),
    Point.SIGNATURES: ("Both sides have signed.", "Not signed yet: {names}."),
}


def headline(close: Close) -> str:
    """How far the close is, and what comes next."""
    month = month_label(close.month)
    if close.is_closed:
        newest = close.published[-1]
        return f"{month} is closed: edition {newest.number}, signed by both sides."
    again = f", opened again for edition {close.edition}" if close.reopenings else ""
    waiting = next((one for one in close.points if one.blocks and not one.is_done), None)
    if waiting is None:
        if close.unsigned:
            sides = joined(SIDE[side] for side in close.unsigned)
            return f"{month} is open{again}: it can be signed for {sides}."
        return f"{month} is open{again}: both sides have signed, it can be published."
    if waiting.point is Point.COMMENTS:
        count = len(waiting.names)
        noun = "outcome needs" if count == 1 else "outcomes need"
        return f"{month} is open{again}: {format_count(count)} {noun} a cause and an action."
    return f"{month} is open{again}: it is still being worked out."


def waits_text(close: Close) -> str:
    """Why a button below the signatures cannot be pressed yet; empty where all of them can."""
    if close.is_closed:
        return ""
    if close.blocking:
        return (
            f"It can be signed when this is done. {' '.join(_open(one) for one in close.blocking)}"
        )
    return "It can be published when both sides have signed." if close.unsigned else ""


def point_text(one: OpenPoint) -> str:
    """One line of the checklist, its shape first."""
    return f"{DONE} {_POINTS[one.point][0]}" if one.is_done else f"{OPEN} {_open(one)}"


def _open(one: OpenPoint) -> str:
    said = _POINTS[one.point][1]
    named = [
        SIDE.get(Side(name), name) if one.point is Point.SIGNATURES else name for name in one.names
    ]
    return said.format(names=" ".join(named) if one.point is Point.CHECKS else joined(named))


def comment_text(one: Comment) -> str:
    """What was said: "Outage or fault: … Action: … (Ann, by 1 Dec 2026)."."""
    said = f"{CAUSE[one.cause]}: {_sentence(one.text)}"
    if not one.action or one.due is None:
        return said
    return f"{said} Action: {one.action.rstrip('.')} ({one.owner}, by {day_text(one.due)})."


def action_text(one: Action) -> str:
    """What is to be done by whom and when, for which outcome's month; what is overdue says so."""
    said, month = one.comment, month_label(one.comment.month, short=True)
    by = f", by {day_text(said.due)}" if said.due else ""
    late = "▲ Overdue: " if one.is_overdue else ""
    what = said.action.rstrip(".")
    return f"{late}{what} ({said.owner}{by}), for {one.label} in {month}."


def actions_text(found: Sequence[Action]) -> str:
    """How many are open: "3 actions are open, 1 of them overdue."."""
    if not found:
        return "No action is open."
    late = sum(one.is_overdue for one in found)
    count = (
        "1 action is open" if len(found) == 1 else f"{format_count(len(found))} actions are open"
    )
    if not late:
        return f"{count}."
    return f"{count}, and overdue." if len(found) == 1 else f"{count}, {late} of them overdue."


def decisions_text(found: Decisions, *, emphasis: bool = False) -> str:
    """What waits for a decision, and how much was agreed and is still open.

    Args:
        found: Both.
        emphasis: Put ``**`` round what is to be decided.
    """
    if not found.undecided:
        return actions_text(found.agreed)
    mark = "**" if emphasis else ""
    named = joined(in_sentence(row.outcome) for row in found.undecided)
    verb = "is" if len(found.undecided) == 1 else "are"
    said = f"{mark}To decide: what to do about {named}{mark}, which {verb} off target."
    return f"{said} {actions_text(found.agreed)}" if found.agreed else f"{said} Nothing is agreed."


def comments_text(comments: Iterable[Comment]) -> dict[str, str]:
    """What was said, by the id of the outcome."""
    return {one.metric: comment_text(one) for one in comments}


def signature_text(one: Signature, zone: ZoneInfo) -> str:
    """Who signed for which side, when, and who entered it for them."""
    return f"{one.name} for {SIDE[one.side]}, {_moment(one.signed_at, zone)}{entered_text(one)}"


def entered_text(one: Signature) -> str:
    """That somebody else entered a signature; empty where its owner did."""
    return "" if is_called(one.actor, [one.name]) else f", entered by {one.actor}"


def void_text(one: Signature, zone: ZoneInfo) -> str:
    """A signature that no longer holds, and why."""
    return f"{signature_text(one, zone)}: void, since figures or comments have changed"


def edition_text(edition: Edition, zone: ZoneInfo) -> str:
    """An edition with its date and signatures, to stand above its figures."""
    signed = joined(
        f"{one.name} ({SIDE[one.side]}{entered_text(one)})" for one in edition.signatures
    )
    said = f"Edition {edition.number}, published {_moment(edition.published_at, zone)}"
    why = f" Published again because: {_sentence(edition.reason)}" if edition.reason else ""
    late = f" Not in then: {joined(edition.card.late)}." if edition.card.late else ""
    open_ = f" Open then: {' '.join(edition.checks)}" if edition.checks else ""
    return f"{said}, signed by {signed}.{why}{late}{open_}"


def published_text(one: Published, zone: ZoneInfo) -> str:
    """An edition in a list: its number, when and why."""
    why = f": {_sentence(one.reason)}" if one.reason else "."
    return f"Edition {one.number}, {_moment(one.published_at, zone)}{why}"


def restated_text(found: Sequence[Restated]) -> str:
    """How much of an edition is another now."""
    if not found:
        return "Nothing has changed."
    count, matter = len(found), sum(one.is_material for one in found)
    noun = "figure is" if count == 1 else "figures are"
    said = f"{format_count(count)} {noun} another now"
    if matter == count:
        return f"{said}, by enough to matter."
    if count == 1:
        return f"{said}, but not by enough to matter."
    return f"{said}, {format_count(matter) if matter else 'none'} of them by enough to matter."


def restated_row(one: Restated, *, currency: str = "$") -> dict[str, str]:
    """A figure that is another now, one cell a column."""
    before, now = one.published, one.now
    statuses = [STATUS[reading.judgement.status].text for reading in (before, now)]
    return {
        "Measure": before.label,
        "Published": value_text(before, currency=currency),
        "Now": value_text(now, currency=currency),
        "Target": aimed_text(one, currency=currency) or target_text(before, currency=currency),
        "Status": statuses[0] if not one.flips else f"{statuses[0]}, now {statuses[1]}",
        "Matters": "yes" if one.is_material else "no",
        "Why": why_text(one),
    }


def published_beside(published: Reading, now: Reading, number: int, *, currency: str) -> str:
    """Beside a latest figure: what an edition said of the same month."""
    said = value_text(published, currency=currency)
    before, today = (one.judgement.status for one in (published, now))
    if (said, before) == (value_text(now, currency=currency), today):
        return f"The figure is as published in edition {number}; what explains it is the latest."
    status = "" if before is today else f", {STATUS[before].word.lower()}"
    return f"Published in edition {number} as {said}{status}. These are the latest figures."


def aimed_text(one: Restated, *, currency: str = "$") -> str:
    """What was aimed for and what is now: "≥ 97.5 %, now ≥ 97.0 %"; empty where it is the same."""
    if not one.is_aimed_otherwise:
        return ""
    was, is_ = (target_text(reading, currency=currency) for reading in (one.published, one.now))
    if was != is_:
        return f"{was}, now {is_}"
    lines = [bound_text(reading, currency=currency) for reading in (one.published, one.now)]
    return f"{was}, red line {lines[0]}, now {lines[1]}"


def bound_text(reading: Reading, *, currency: str = "$") -> str:
    """The red line without a sign; a dash where there is none."""
    if reading.judgement.red_line is None:
        return DASH
    metric = reading.metric
    return format_target(
        reading.judgement.red_line,
        unit=metric.unit,
        decimals=metric.decimals,
        direction=Direction.IN_RANGE,
        currency=currency,
    )


def why_text(one: Restated) -> str:
    """What made it another: a definition, files, a target."""
    said = [_LATER[kind] for kind in dict.fromkeys(change.kind for change in one.because)]
    files = [change.what for change in one.because if change.kind is BatchKind.IMPORT]
    named = dict.fromkeys(name for name in files if name)
    if named:
        shown = ", ".join(list(named)[:_FILES_NAMED])
        more = f" and {len(named) - _FILES_NAMED} more" if len(named) > _FILES_NAMED else ""
        said = [f"{text} ({shown}{more})" if text == "data" else text for text in said]
    if one.is_moved and not said:
        said = ["what it is worked out from"]
    if one.is_aimed_otherwise:
        said.append("target")
    if one.flips and not said:
        said = ["what counts as good"]
    return joined(said) if said else ""


def _moment(at: datetime, zone: ZoneInfo) -> str:
    local = at.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone)
    return f"{day_text(local.date())} {local:%H:%M}"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
