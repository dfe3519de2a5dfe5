from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from kpi_engine.services.checklist import Close, OpenPoint, Point
from kpi_engine.services.editions import Restated
from kpi_engine.store.closing import Comment, Signature
from kpi_engine.store.restating import LaterChange
from kpi_engine.terms import BatchKind, Cause, Grain, Side
from kpi_engine.words.closing import (
    CAUSE,
    aimed_text,
    comment_text,
    headline,
    point_text,
    restated_row,
    restated_text,
    void_text,
    waits_text,
    why_text,
)
from tests.factories import reading
from tests.marlow_finch import october

T = "\u202f"
BERLIN = ZoneInfo("Europe/Berlin")
EARLY = Signature(
    month=date(2026, 10, 1),
    edition=1,
    side=Side.IT,
    name="D. Lindqvist",
    seal="",
    actor="ann",
    signed_at=datetime.fromisoformat("2026-11-03T23:30"),
)


def point(kind: Point, *names: str) -> OpenPoint:
    return OpenPoint(point=kind, names=names, blocks=kind in (Point.COMMENTS, Point.ESTIMATES))


def close(*points: OpenPoint, signatures: tuple[Signature, ...] = ()) -> Close:
    return Close(
        month=date(2026, 10, 1),
        edition=1,
        is_closed=False,
        card=october(),
        points=points,
        demands=(),
        comments=(),
        signatures=signatures,
        void=(),
        published=(),
        reopenings=(),
    )


def comment(**fields: object) -> Comment:
    return Comment(
        **{
            "metric": "biz.tx_success",
            "month": date(2026, 10, 1),
            "edition": 1,
            "cause": Cause.OUTAGE,
            "text": "The checkout was down",
            "action": "Test the failover.",
            "owner": "Ann",
            "due": date(2026, 12, 1),
            "actor": "ann",
            "written_at": datetime.fromisoformat("2026-11-03"),
        }
        | fields
    )


@pytest.mark.parametrize(
    ("found", "said"),
    [
        pytest.param(
            close(point(Point.COMMENTS, "Checkout success", "Time to market")),
            "October 2026 is open: 2 outcomes need a cause and an action.",
            id="words missing",
        ),
        pytest.param(
            close(point(Point.ESTIMATES, "Checkout success")),
            "October 2026 is open: it is still being worked out.",
            id="estimates missing",
        ),
        pytest.param(
            close(point(Point.DATA, "Network capacity used")),
            "October 2026 is open: it can be signed for business and IT.",
            id="late data do not block",
        ),
        pytest.param(
            close(signatures=(EARLY,)),
            "October 2026 is open: it can be signed for business.",
            id="half signed",
        ),
    ],
)
def test_the_headline_says_what_comes_next(found, said):
    assert headline(found) == said


@pytest.mark.parametrize("kind", Point)
def test_every_point_has_a_shape_and_a_sentence_done_or_not(kind):
    name = "it" if kind is Point.SIGNATURES else "Checkout success"
    assert point_text(point(kind)).startswith("● ")
    open_ = point_text(point(kind, name))
    assert open_.startswith("○ ")
    assert ("IT" if kind is Point.SIGNATURES else name) in open_


def test_a_comment_is_a_cause_and_what_is_done_by_whom_and_when():
    assert comment_text(comment()) == (
        "Outage or fault: The checkout was down. Action: Test the failover (Ann, by 1 Dec 2026)."
    )
    assert comment_text(comment(action="", owner="", due=None)) == (
        "Outage or fault: The checkout was down."
    )
    assert set(CAUSE) == set(Cause)


def test_a_void_signature_says_why_in_the_organisations_time():
    assert void_text(EARLY, BERLIN) == (
        "D. Lindqvist for IT, 4 Nov 2026 00:30, entered by ann: void, since figures or comments "
        "have changed"
    )


def test_what_has_changed_is_counted_and_shown_with_both_statuses():
    before, now = reading(0.962), reading(0.98)
    flipped = Restated(published=before, now=now, is_material=True)
    small = Restated(published=before, now=reading(0.9621), is_material=False)
    assert restated_text(()) == "Nothing has changed."
    assert restated_text((flipped,)) == "1 figure is another now, by enough to matter."
    assert restated_text((flipped, small)) == (
        "2 figures are another now, 1 of them by enough to matter."
    )
    assert restated_text((small,)) == "1 figure is another now, but not by enough to matter."
    assert restated_text((small, small)).endswith("none of them by enough to matter.")
    assert restated_row(flipped) == {
        "Measure": "Checkout success",
        "Published": f"96.2{T}%",
        "Now": f"98.0{T}%",
        "Target": f"≥{T}97.5{T}%",
        "Status": "◆ Off target, now ● On target",
        "Matters": "yes",
        "Why": "what it is worked out from",
    }


def test_a_target_that_was_changed_after_the_close_is_told_beside_the_old_one():
    before, now = reading(0.962), reading(0.962, target=0.96, red_line=0.95)
    changed = restated_row(Restated(published=before, now=now, is_material=True))
    assert changed["Target"] == f"≥{T}97.5{T}%, now ≥{T}96.0{T}%"
    assert changed["Status"] == "◆ Off target, now ● On target"
    assert changed["Why"] == "target"
    line = reading(0.962, red_line=0.95)
    assert aimed_text(Restated(published=before, now=line, is_material=True)) == (
        f"≥{T}97.5{T}%, red line 96.5{T}%, now 95.0{T}%"
    )


def test_what_made_a_figure_another_is_named():
    one = later(BatchKind.IMPORT, "orders.csv")
    other = later(BatchKind.EDIT, "Checkout success")
    moved = Restated(
        published=reading(0.962),
        now=reading(0.98),
        is_material=True,
        because=(other, one, later(BatchKind.IMPORT, "late.csv"), later(BatchKind.UNDO, "")),
    )
    assert why_text(moved) == "another definition, data (orders.csv, late.csv) and data taken back"


def later(kind: BatchKind, what: str) -> LaterChange:
    return LaterChange(
        metric="biz.tx_success",
        grain=Grain.MONTH,
        period=date(2026, 10, 1),
        batch=7,
        kind=kind,
        what=what,
        at=datetime.fromisoformat("2026-11-20T09:00"),
    )


def test_what_keeps_a_month_from_being_signed_or_published_is_said() -> None:
    waiting = close(point(Point.COMMENTS, "Checkout success"), point(Point.DATA, "Churn"))
    assert waits_text(waiting) == (
        "It can be signed when this is done. Without a cause and an action: Checkout success."
    )
    assert waits_text(close()) == "It can be published when both sides have signed."
    assert waits_text(replace(close(), is_closed=True)) == ""
