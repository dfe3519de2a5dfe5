"""A month is closed with words and two signatures; what was published stays (E3, E4)."""

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kpi_engine.actors import Actor
from kpi_engine.errors import ClosedPeriodError, NotAllowedError, StoreError, UnknownNameError
from kpi_engine.render.documents.formats import document
from kpi_engine.render.ledger import ledger_html
from kpi_engine.services import actions, checklist, closing, editions, scorecard, undoing
from kpi_engine.services.checklist import Point
from kpi_engine.services.doctor import examine
from kpi_engine.services.estimates import estimate_all
from kpi_engine.services.health import read_health
from kpi_engine.terms import Cause, Role, Side, Status
from kpi_engine.words.closing import (
    action_text,
    actions_text,
    comments_text,
    decisions_text,
    edition_text,
)
from kpi_engine.words.imports import published_warning
from kpi_engine.words.imprint import of_edition
from kpi_engine.words.scorecard import footnote, headline
from kpi_engine.workspace import Workspace
from tests.services.tiny import SOMEBODY, open_workspace, shares

TODAY = date(2026, 4, 7)
MARCH, NOW = date(2026, 3, 1), datetime(2026, 4, 7, 9, 0, tzinfo=UTC)
DEMOS, REVENUE = "biz.demo_ok", "biz.revenue"
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def ws(tmp_path):
    """Three months of demonstrations, of which March is off its target."""
    found = open_workspace(
        tmp_path / "home",
        scorecard=[DEMOS],
        targets=[
            {"metric": DEMOS, "valid_from": date(2026, 1, 1), "target": 0.95, "red_line": 0.9}
        ],
    )
    shares(found, DEMOS, {"2026-01": (96, 100), "2026-02": (97, 100), "2026-03": (80, 100)})
    yield found
    found.close()


def say(ws: Workspace, metric: str = DEMOS, **more: object) -> None:
    words = {
        "cause": Cause.SUPPLIER,
        "text": "The conference service was down twice.",
        "action": "Agree a second provider",
        "owner": "Ann",
        "due": date(2026, 5, 1),
        "actor": SOMEBODY,
        "now": NOW,
    }
    closing.comment(ws, MARCH, metric, **(words | more))


def sign(ws: Workspace, *sides: Side) -> None:
    estimate_all(ws)
    for side in sides or checklist.SIDES:
        name = checklist.owners(ws.catalogue, side)[0]
        closing.sign(ws, MARCH, side, name=name, actor=SOMEBODY, now=NOW)


def publish(ws: Workspace) -> editions.Edition:
    say(ws)
    sign(ws)
    return closing.publish(ws, MARCH, actor=SOMEBODY, now=NOW)


def drawn(edition: editions.Edition) -> tuple[str, bytes]:
    """Its page, words and ledger, and its PDF."""
    said = comments_text(edition.comments)
    page = f"{headline(edition.card)} {footnote(edition.card)} {ledger_html(edition.card, said)}"
    return page, document(edition.card, "pdf", of_edition(edition))


def open_points(ws: Workspace) -> dict[Point, tuple[str, ...]]:
    estimate_all(ws)
    found = checklist.read_close(ws, MARCH)
    return {one.point: one.names for one in found.points if not one.is_done}


def test_a_month_off_target_waits_for_a_cause_an_action_and_two_signatures(ws):
    label = ws.catalogue.metric(DEMOS).label
    assert open_points(ws) == {Point.COMMENTS: (label,), Point.SIGNATURES: ("business", "it")}
    with pytest.raises(StoreError, match="cannot be signed yet: Sales demos"):
        sign(ws, Side.IT)
    say(ws, action="", owner="", due=None)
    assert Point.COMMENTS in open_points(ws)
    say(ws)
    assert open_points(ws) == {Point.SIGNATURES: ("business", "it")}
    sign(ws, Side.IT)
    with pytest.raises(StoreError, match="is not signed for business"):
        closing.publish(ws, MARCH, actor=SOMEBODY, now=NOW)
    sign(ws, Side.BUSINESS)
    edition = closing.publish(ws, MARCH, actor=SOMEBODY, now=NOW)
    assert (edition.number, edition.card.rows[0].outcome.value) == (1, 0.8)
    assert [one.text for one in edition.comments] == ["The conference service was down twice."]
    assert checklist.read_close(ws, MARCH).is_closed


def test_a_month_on_target_and_as_usual_needs_no_words(ws):
    estimate_all(ws)
    january = checklist.read_close(ws, date(2026, 1, 1))
    assert january.demands == ()
    assert [one.point for one in january.points if not one.is_done] == [Point.SIGNATURES]


def test_what_was_published_stays_to_the_last_letter_whatever_comes_later(ws):
    edition = publish(ws)
    page, plain = drawn(edition), json.dumps(edition.to_dict())

    batch = shares(ws, DEMOS, {"2026-03": (91, 100)}, at="2026-04-20 08:00")
    again = editions.read_edition(ws, MARCH)
    assert (drawn(again), json.dumps(again.to_dict())) == (page, plain)
    assert again == edition

    (one,) = editions.read_restated(ws, edition)
    assert (one.published.value, one.now.value, one.is_material, one.flips) == (
        0.8,
        0.91,
        True,
        True,
    )
    now = scorecard.read(ws, month=MARCH).rows[0].outcome
    assert (now.restated_from, now.was_published) == (0.8, True)
    (march,) = read_health(ws, today=date(2026, 5, 2)).metrics
    assert march.cells[-1] == "restated"

    shown = undoing.preview(ws, batch.id, actor=SOMEBODY)
    assert published_warning(shown.impacts, ws.catalogue) == (
        "Mar 2026 is already published. Its edition keeps its figures; what changes is listed "
        "beside them as restated."
    )
    undoing.discard(ws, shown, actor=SOMEBODY)
    undoing.undo(ws, batch.id, actor=SOMEBODY, now=NOW)
    assert editions.read_restated(ws, edition) == ()
    assert editions.read_edition(ws, MARCH) == edition


def test_a_change_too_small_to_matter_is_listed_as_such(ws):
    edition = publish(ws)
    shares(ws, DEMOS, {"2026-03": (80_050, 100_000)}, at="2026-04-20 08:00")
    (one,) = editions.read_restated(ws, edition)
    assert (one.is_material, one.flips) == (False, False)


def test_a_closed_month_is_opened_again_with_a_reason_that_stands_on_the_next_edition(ws):
    first = publish(ws)
    with pytest.raises(ClosedPeriodError):
        say(ws)
    with pytest.raises(ClosedPeriodError):
        sign(ws, Side.IT)
    with pytest.raises(StoreError, match="Too little"):
        closing.reopen(ws, MARCH, reason="typo", actor=SOMEBODY, now=NOW)
    shares(ws, DEMOS, {"2026-03": (85, 100)}, at="2026-04-20 08:00")
    reason = "Demonstrations of two teams were missing."
    assert closing.reopen(ws, MARCH, reason=reason, actor=SOMEBODY, now=NOW) == 2

    close = checklist.read_close(ws, MARCH)
    assert (close.is_closed, close.edition, close.signatures) == (False, 2, ())
    assert close.demands[0].comment is None
    assert close.demands[0].earlier.text == "The conference service was down twice."
    second = publish(ws)
    assert (second.number, second.reason, second.card.rows[0].outcome.value) == (2, reason, 0.85)
    assert editions.read_edition(ws, MARCH) == second
    assert editions.read_edition(ws, MARCH, number=1) == first
    assert editions.newest_editions(ws) == {MARCH: 2}
    # Restated is what has changed since the newest edition.
    assert scorecard.read(ws, month=MARCH).rows[0].outcome.restated_from is None


def test_what_happens_between_reading_and_publishing_is_not_lost(ws, monkeypatch):
    say(ws)
    sign(ws)
    seen = checklist.read_close(ws, MARCH)
    monkeypatch.setattr(closing, "read_close", lambda *_, **__: seen)
    say(ws, text="It was the network after all.")
    with pytest.raises(StoreError, match="meanwhile"):
        closing.publish(ws, MARCH, actor=SOMEBODY, now=NOW)
    assert editions.newest_editions(ws) == {}


def test_a_month_is_published_once_by_whoever_comes_first(ws, monkeypatch):
    say(ws)
    sign(ws)
    seen = checklist.read_close(ws, MARCH)
    closing.publish(ws, MARCH, actor=SOMEBODY, now=NOW)
    monkeypatch.setattr(closing, "read_close", lambda *_, **__: seen)
    with pytest.raises(ClosedPeriodError):
        closing.publish(ws, MARCH, actor=SOMEBODY, now=NOW)
    assert editions.newest_editions(ws) == {MARCH: 1}


def test_nobody_signs_what_they_have_not_seen(ws):
    say(ws)
    estimate_all(ws)
    seen = checklist.read_close(ws, MARCH).seal
    shares(ws, DEMOS, {"2026-03": (81, 100)}, at="2026-04-06 08:00")
    estimate_all(ws)
    name = checklist.owners(ws.catalogue, Side.IT)[0]
    with pytest.raises(StoreError, match="have changed meanwhile"):
        closing.sign(ws, MARCH, Side.IT, name=name, seen=seen, actor=SOMEBODY, now=NOW)
    again = checklist.read_close(ws, MARCH).seal
    closing.sign(ws, MARCH, Side.IT, name=name, seen=again, actor=SOMEBODY, now=NOW)


def test_a_comment_stays_in_sight_when_its_outcome_needs_none_any_more_and_can_be_taken_back(ws):
    say(ws)
    shares(ws, DEMOS, {"2026-03": (97, 100)}, at="2026-04-06 08:00")
    (demand,) = checklist.read_close(ws, MARCH).demands
    assert (demand.is_required, demand.comment.owner) == (False, "Ann")
    closing.withdraw(ws, MARCH, DEMOS, actor=SOMEBODY, now=LATER)
    assert checklist.read_close(ws, MARCH).demands == ()
    assert actions.read_actions(ws, today=TODAY) == ()
    with pytest.raises(UnknownNameError):
        closing.withdraw(ws, MARCH, DEMOS, actor=SOMEBODY, now=LATER)


@pytest.mark.parametrize(
    ("month", "metric", "error"),
    [
        pytest.param(MARCH, "it.lead_time", UnknownNameError, id="no outcome of the scorecard"),
        pytest.param(date(2035, 1, 1), DEMOS, StoreError, id="a month without data"),
    ],
)
def test_only_an_outcome_of_a_month_with_data_has_a_comment(ws, month, metric, error):
    with pytest.raises(error):
        closing.comment(
            ws,
            month,
            metric,
            cause=Cause.OUTAGE,
            text="The conference service was down.",
            actor=SOMEBODY,
            now=NOW,
        )


def test_an_edition_that_was_tampered_with_says_so(ws):
    publish(ws)
    with ws.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE edition SET content = replace(content, '0.8', '0.9')")
    with pytest.raises(StoreError, match="was changed after it was published"):
        editions.read_edition(ws, MARCH)


def test_a_signature_that_somebody_else_entered_says_so(ws):
    edition = publish(ws)
    assert f", entered by {SOMEBODY.name}" in edition_text(edition, ZoneInfo("UTC"))


def test_an_open_month_cannot_be_opened_again(ws):
    with pytest.raises(StoreError, match="is open"):
        closing.reopen(ws, MARCH, reason="To see what happens.", actor=SOMEBODY, now=NOW)


@pytest.mark.parametrize("change", ["a figure", "a comment", "nothing that is signed"])
def test_a_signature_holds_as_long_as_what_was_signed_stands(ws, change):
    say(ws)
    sign(ws)
    if change == "a figure":
        shares(ws, DEMOS, {"2026-03": (81, 100)})
    elif change == "a comment":
        say(ws, text="It was the network after all.")
    else:
        shares(ws, "biz.nps", {"2026-03": (81, 100)})
    estimate_all(ws)
    close = checklist.read_close(ws, MARCH)
    is_same = change == "nothing that is signed"
    assert len(close.signatures) == (2 if is_same else 0)
    assert len(close.void) == (0 if is_same else 2)
    if is_same:
        assert closing.publish(ws, MARCH, actor=SOMEBODY, now=NOW).number == 1
    else:
        with pytest.raises(StoreError, match="not signed"):
            closing.publish(ws, MARCH, actor=SOMEBODY, now=NOW)


def test_two_people_sign_and_each_owns_an_outcome_of_that_side(ws):
    say(ws)
    estimate_all(ws)
    with pytest.raises(UnknownNameError):
        closing.sign(ws, MARCH, Side.IT, name="Nobody", actor=SOMEBODY, now=NOW)
    (it,) = checklist.owners(ws.catalogue, Side.IT)
    (business,) = checklist.owners(ws.catalogue, Side.BUSINESS)
    assert it != business
    steward = Actor(name="ann@example.com", roles=frozenset({Role.STEWARD}))
    with pytest.raises(NotAllowedError, match="may not sign for"):
        closing.sign(ws, MARCH, Side.IT, name=it, actor=steward, now=NOW)
    themselves = Actor(name=it.replace(" ", "."), roles=frozenset({Role.STEWARD}))
    closing.sign(ws, MARCH, Side.IT, name=it, actor=themselves, now=NOW)
    assert checklist.read_close(ws, MARCH).unsigned == (Side.BUSINESS,)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CONTRIBUTOR, Role.ANALYST])
def test_who_may_not_agree_may_not_close(ws, role):
    somebody = Actor(name="carl", roles=frozenset({role}))
    for close in (
        lambda: closing.sign(ws, MARCH, Side.IT, name="x", actor=somebody, now=NOW),
        lambda: closing.publish(ws, MARCH, actor=somebody, now=NOW),
        lambda: closing.reopen(ws, MARCH, reason="Because I can.", actor=somebody, now=NOW),
    ):
        with pytest.raises(NotAllowedError):
            close()
    if role is Role.CONTRIBUTOR:
        say(ws, actor=somebody)
    else:
        with pytest.raises(NotAllowedError):
            say(ws, actor=somebody)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        pytest.param({"text": " dunno "}, "Too little", id="says nothing"),
        pytest.param({"owner": " "}, "An action needs", id="an action of nobody"),
        pytest.param({"due": None}, "An action needs", id="an action without a day"),
        pytest.param({"action": ""}, "An action needs", id="a day without an action"),
    ],
)
def test_half_a_comment_is_refused(ws, more, sentence):
    with pytest.raises(StoreError, match=sentence):
        say(ws, **more)
    assert checklist.comments_of(ws, MARCH) == ()


def test_a_month_without_data_and_a_month_never_published_say_so(ws):
    with pytest.raises(StoreError, match="No outcome has data"):
        checklist.read_close(ws, date(2020, 1, 1))
    with pytest.raises(StoreError, match="has not been published"):
        editions.read_edition(ws, MARCH)
    publish(ws)
    with pytest.raises(StoreError, match="no edition 7"):
        editions.read_edition(ws, MARCH, number=7)


def test_everything_done_stands_in_the_audit_log_and_survives_a_restart(ws):
    edition = publish(ws)
    home = ws.home
    assert examine(ws) == ()
    ws.close()
    again = Workspace.open(home)
    assert editions.read_edition(again, MARCH) == edition
    with again.reading() as connection:
        done = [
            row.action for row in connection.exec_driver_sql("SELECT action FROM audit ORDER BY id")
        ]
    assert done[-4:] == ["comment", "sign", "sign", "publish"]
    again.close()


def test_while_links_are_worked_out_nobody_signs(ws):
    say(ws)
    assert Point.ESTIMATES in [one.point for one in checklist.read_close(ws, MARCH).blocking]
    name = checklist.owners(ws.catalogue, Side.IT)[0]
    with pytest.raises(StoreError, match="Wait until"):
        closing.sign(ws, MARCH, Side.IT, name=name, actor=SOMEBODY, now=NOW)


def test_what_is_off_target_is_to_be_decided_until_something_is_agreed(ws):
    def decided() -> str:
        card = scorecard.read(ws, month=MARCH)
        return decisions_text(actions.read_decisions(ws, card, today=date(2026, 5, 2)))

    assert decided() == (
        "To decide: what to do about sales demos without interruption, which is off target. "
        "Nothing is agreed."
    )
    say(ws, action="", owner="", due=None)
    assert decided().startswith("To decide")
    say(ws)
    assert decided() == "1 action is open, and overdue."
    (agreed,) = actions.read_actions(ws, today=TODAY)
    actions.finish(ws, agreed.key, actor=SOMEBODY, now=NOW)
    assert decided() == "No action is open."


def test_an_action_is_open_until_somebody_says_that_it_is_done(ws):
    say(ws)
    (one,) = actions.read_actions(ws, today=date(2026, 5, 1))
    assert (one.comment.owner, one.is_overdue, one.key) == ("Ann", False, "biz.demo_ok:2026-03")
    assert action_text(one) == (
        "Agree a second provider (Ann, by 1 May 2026), for Sales demos without interruption in "
        "Mar 2026."
    )
    (late,) = actions.read_actions(ws, today=date(2026, 5, 2))
    assert late.is_overdue
    assert actions_text((late,)) == "1 action is open, and overdue."
    with pytest.raises(UnknownNameError):
        actions.finish(ws, "biz.demo_ok:2026-02", actor=SOMEBODY, now=NOW)
    actions.finish(ws, one.key, actor=SOMEBODY, now=NOW)
    assert actions.read_actions(ws, today=TODAY) == ()
    assert actions_text(()) == "No action is open."
    # Another action for the same month is another thing to do.
    say(ws, action="Agree a third one")
    assert [one.comment.action for one in actions.read_actions(ws, today=TODAY)] == [
        "Agree a third one"
    ]


def test_a_placeholder_target_asks_for_no_words(tmp_path):
    found = open_workspace(
        tmp_path / "home",
        scorecard=[DEMOS],
        targets=[
            {
                "metric": DEMOS,
                "valid_from": date(2026, 1, 1),
                "target": 0.95,
                "red_line": 0.9,
                "agreed_by": None,
            }
        ],
    )
    shares(found, DEMOS, {"2026-03": (80, 100)})
    close = checklist.read_close(found, MARCH)
    assert close.card.rows[0].outcome.judgement.status is Status.OFF_TARGET
    assert close.demands == ()
    found.close()
