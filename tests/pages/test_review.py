"""A month on its way to an edition, and how an edition is read afterwards."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from kpi_engine.services import checklist, closing
from kpi_engine.services.estimates import estimate_all
from kpi_engine.terms import Cause
from kpi_engine.workspace import Workspace
from tests.pages.conftest import RunPage, html_blocks
from tests.services.tiny import SOMEBODY, open_workspace, shares

MARCH, NOW = date(2026, 3, 1), datetime(2026, 4, 7, 9, 0, tzinfo=UTC)
DEMOS = "biz.demo_ok"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """March, which is off its target and has been commented on."""
    ws = open_workspace(
        tmp_path / "home",
        scorecard=[DEMOS],
        targets=[
            {"metric": DEMOS, "valid_from": date(2026, 1, 1), "target": 0.95, "red_line": 0.9}
        ],
    )
    shares(ws, DEMOS, {"2026-02": (97, 100), "2026-03": (80, 100)}, at="2026-04-02 08:00")
    estimate_all(ws)
    closing.comment(
        ws,
        MARCH,
        DEMOS,
        cause=Cause.SUPPLIER,
        text="The service was down <b>twice</b>.",
        action="Agree a second provider",
        owner="Ann",
        due=date(2026, 5, 1),
        actor=SOMEBODY,
        now=NOW,
    )
    ws.close()
    return tmp_path / "home"


def publish(home: Path) -> None:
    ws = Workspace.open(home)
    for side in checklist.SIDES:
        name = checklist.owners(ws.catalogue, side)[0]
        closing.sign(ws, MARCH, side, name=name, actor=SOMEBODY, now=NOW)
    closing.publish(ws, MARCH, actor=SOMEBODY, now=NOW)
    ws.close()


def restate(home: Path) -> None:
    ws = Workspace.open(home)
    shares(ws, DEMOS, {"2026-03": (91, 100)}, at="2026-04-20 08:00")
    estimate_all(ws)
    ws.close()


def said(app: AppTest) -> str:
    return " ".join(one.value for one in app.markdown).replace("\\", "")


def ledger(app: AppTest) -> str:
    (block,) = html_blocks(app)
    html: str = json.loads(block.proto.json)["html"]
    return html


def test_an_open_month_says_what_comes_next_and_shows_what_was_said(
    run_page: RunPage, home: Path
) -> None:
    app = run_page("review", home=home)
    assert (
        app.header[0].value.replace("\\", "")
        == "March 2026 is open: it can be signed for business and IT."
    )
    labels = {button.label: button.disabled for button in app.button}
    assert labels == {
        "Change": False,
        "Sign for business": False,
        "Sign for IT": False,
        "Publish edition 1": True,
        "Put off": False,
        "Done": False,
        "Send the digest": False,
    }
    said = " ".join(one.value for one in app.markdown).replace("\\", "")
    assert "Supplier: The service was down" in said
    assert "twice" in ledger(run_page("scorecard", home=home))


def test_a_published_month_is_read_as_published_unless_somebody_asks_for_the_latest(
    run_page: RunPage, home: Path
) -> None:
    publish(home)
    before = run_page("scorecard", home=home)
    assert "As published" in before.markdown[0].value
    assert "&lt;b&gt;twice&lt;/b&gt;" in ledger(before)
    restate(home)

    after = run_page("scorecard", home=home)
    assert ledger(after) == ledger(before)
    assert after.header[0].value == before.header[0].value
    assert "1 figure is another now" in after.expander[0].label
    assert list(after.dataframe[0].value["Now"]) == ["91.0\u202f%"]

    query = {"month": "2026-03", "edition": "latest"}
    latest = run_page("scorecard", home=home, query=query)
    assert "Latest" in latest.markdown[0].value
    assert "91.0" in ledger(latest)
    permalink = run_page("scorecard", home=home, query=query | {"edition": "1"})
    assert ledger(permalink) == ledger(before)


def test_a_newer_edition_is_shown_to_whoever_read_the_one_before(
    run_page: RunPage, home: Path
) -> None:
    publish(home)
    app = run_page("scorecard", home=home)
    assert "Edition 1" in app.markdown[0].value
    ws = Workspace.open(home)
    closing.reopen(ws, MARCH, reason="Figures came in late.", actor=SOMEBODY, now=NOW)
    ws.close()
    restate(home)
    publish(home)
    app.run()
    assert "Edition 2" in app.markdown[0].value
    query = {"month": "2026-03", "edition": "1"}
    before = run_page("scorecard", home=home, query=query).markdown[0].value
    assert "Edition 1" in before
    assert "Edition 2 has replaced it" in before


def test_a_closed_month_lists_its_editions_and_what_has_changed_since(
    run_page: RunPage, home: Path
) -> None:
    publish(home)
    restate(home)
    app = run_page("review", home=home)
    assert (
        app.header[0].value.replace("\\", "")
        == "March 2026 is closed: edition 1, signed by both sides."
    )
    assert "Open the month again" in [button.label for button in app.button]
    said = [one.value.replace("\\", "") for one in app.markdown]
    assert any(one.startswith("Since the newest edition: 1 figure is another") for one in said)
    assert any("published as 80.0\u202f%, now 91.0\u202f% (▲ Near target)" in one for one in said)


def test_a_digest_that_was_sent_is_written_and_nothing_is_new_any_more(
    run_page: RunPage, home: Path
) -> None:
    app = run_page("review", home=home)
    (send,) = [button for button in app.button if button.label == "Send the digest"]
    send.click().run()
    assert "New" not in " ".join(one.value for one in app.markdown)
    (file,) = (home / "outbox").iterdir()
    assert "Off target" in file.read_text()


def test_an_edition_that_is_not_there_is_said_and_the_newest_shown(
    run_page: RunPage, home: Path
) -> None:
    publish(home)
    query = {"month": "2026-03", "edition": "9"}
    app = run_page("scorecard", home=home, query=query)
    assert "As published" in app.markdown[0].value
    assert [one.value for one in app.info] == [
        "**The link asks for edition 9, which is not here.** Shown is edition 1."
    ]


def test_an_outcome_says_what_was_published_of_its_month(home: Path, run_page: RunPage) -> None:
    publish(home)
    asked = {"outcome": DEMOS, "month": "2026-03"}

    assert "The figure is as published in edition 1; what explains it is the latest." in said(
        run_page("outcome", home=home, query=asked)
    )
    restate(home)
    app = run_page("outcome", home=home, query=asked)

    assert (
        "Published in edition 1 as 80.0\u202f%, off target. These are the latest figures."
        in said(app)
    )
    before = run_page("outcome", home=home, query={**asked, "month": "2026-02"})
    assert "As published" not in said(before)


def test_an_undo_that_moves_a_published_month_says_so_before(home: Path, run_page: RunPage) -> None:
    publish(home)
    app = run_page("add_data", home=home)
    app.session_state["wanted_undo"] = 1

    app.run()

    row = app.table[0].value.iloc[0]
    assert (row["Period"], row["Afterwards"]) == ("Mar 2026", "**no data**")
    assert app.warning[0].value.startswith("**Mar 2026 is already published.** Its edition keeps")
