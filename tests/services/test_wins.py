"""What went well is drafted from figures, and told once, in somebody's own words (F5)."""

from datetime import UTC, date, datetime

import pytest

from kpi_engine.actors import Actor
from kpi_engine.errors import NotAllowedError, StoreError, UnknownNameError
from kpi_engine.services import scorecard, wins
from kpi_engine.services.initiatives import read_initiatives
from kpi_engine.terms import Role
from kpi_engine.words.wins import draft_text, win_text
from tests.services.tiny import SOMEBODY, open_workspace, shares

DEMOS = "biz.demo_ok"
NOW = datetime(2026, 4, 7, 9, 0, tzinfo=UTC)
T = "\u202f"


@pytest.fixture
def ws(tmp_path):
    """Fourteen months short of a target, and a March that meets it."""
    found = open_workspace(
        tmp_path / "home",
        scorecard=[DEMOS],
        targets=[
            {"metric": DEMOS, "valid_from": date(2025, 1, 1), "target": 0.95, "red_line": 0.9}
        ],
    )
    quiet = {f"2025-{month:02}": (92 + month % 2, 100) for month in range(1, 13)}
    shares(found, DEMOS, quiet | {"2026-01": (93, 100), "2026-02": (92, 100), "2026-03": (98, 100)})
    yield found
    found.close()


def read(ws, month: date = date(2026, 3, 1)) -> wins.Wins:
    card = scorecard.read(ws, month=month)
    return wins.wins_of(ws, card, read_initiatives(ws, month=month))


def test_an_outcome_that_reaches_its_target_is_a_draft_that_says_by_how_much(ws):
    (draft,) = read(ws).drafts
    assert draft.key == "reached:biz.demo_ok:2026-03"
    said = draft_text(draft)
    assert said.startswith(f"Sales demos without interruption rose 6.0{T}pp to 98.0{T}%")
    assert said.endswith(f"its target of ≥{T}95.0{T}% is met.")
    assert read(ws, date(2026, 2, 1)).drafts == ()


def test_an_outcome_that_stays_better_is_drafted_once_for_all_its_months(ws):
    shares(ws, DEMOS, {"2026-04": (98, 100)})
    shares(ws, DEMOS, {"2026-05": (98, 100)})
    april, may = (read(ws, date(2026, month, 1)).drafts[0] for month in (4, 5))
    assert april.key == may.key == "better:biz.demo_ok:2026-03"
    assert "it has been better than usual for 3 months" in draft_text(may)


def test_what_was_told_is_no_draft_any_more(ws):
    found = read(ws)
    text = "Since the second provider, demonstrations run through."
    wins.publish_win(ws, found, found.drafts[0].key, text=text, actor=SOMEBODY, now=NOW)
    with pytest.raises(StoreError, match="meanwhile"):
        wins.publish_win(ws, found, found.drafts[0].key, text=text, actor=SOMEBODY, now=NOW)
    after = read(ws)
    assert after.drafts == ()
    assert [win_text(one) for one in after.published] == [f"March 2026: {text}"]


def test_a_win_needs_words_a_draft_and_somebody_who_may(ws):
    found = read(ws)
    key = found.drafts[0].key
    viewer = Actor(name="carl", roles=frozenset({Role.VIEWER}))
    text = "Demonstrations run through."
    with pytest.raises(StoreError, match="Too little"):
        wins.publish_win(ws, found, key, text=" ok ", actor=SOMEBODY, now=NOW)
    with pytest.raises(UnknownNameError):
        wins.publish_win(ws, found, "reached:nothing", text=text, actor=SOMEBODY, now=NOW)
    with pytest.raises(NotAllowedError):
        wins.publish_win(ws, found, key, text=text, actor=viewer, now=NOW)
    assert read(ws).published == ()
