"""Exports of service desks: what is read, what is left out, and the numbers worked out by hand."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest

from kpi_engine.services.import_results import Preview
from tests.desk import Desk, adds_up, fates
from tests.workbook import workbook

OWN = Path(__file__).parent / "exports"
AUGUST, SEPTEMBER, OCTOBER = (date(2026, month, 1) for month in (8, 9, 10))
PEOPLE = (b"Lindqvist", b"Okafor", b"okafor", b"Delacroix", b"delacroix", b"Haddad", b"Vermeulen")


def opened(desk: Desk, name: str, recipe: str) -> Preview:
    """A file of our own, recognised without a word, every row with one fate."""
    preview = desk.open(OWN / name)
    assert preview.recipe == recipe
    assert adds_up(preview)
    return preview


def faults(preview: Preview) -> list[tuple[int | None, str, str]]:
    return [(found.line, found.place, found.sentence) for found in preview.findings]


def test_a_list_with_labels_is_each_tickets_present_state(desk: Desk) -> None:
    preview = opened(desk, "servicenow_list.csv", "servicenow_incidents")
    assert fates(preview) == {"new": 13, "rejected": 2}
    assert faults(preview) == [
        (17, "Resolved", "This lies before the event began."),
        (18, "Number", "This cell is needed and empty."),
    ]


def list_numbers(desk: Desk) -> None:
    """What the list says, worked out by hand from its 13 good rows."""
    # Hours: August 2.5 and 24; September 1.5, 4 and 1; October 1,152 (48 days), 0.75 and 24.
    assert desk.values("it.mttr") == {AUGUST: 13.25, SEPTEMBER: 1.5, OCTOBER: 24}
    assert desk.values("it.mttr", service="Shop") == {AUGUST: 2.5, SEPTEMBER: 2.75, OCTOBER: 12.375}
    # Solved: 2, of which 1 came back; 3, of which 1; 3, of which none.
    expected = {AUGUST: 1 / 2, SEPTEMBER: 1 / 3, OCTOBER: 0}
    assert desk.values("it.reopen_rate") == pytest.approx(expected)
    assert desk.values("it.fcr") == pytest.approx({AUGUST: 1 / 2, SEPTEMBER: 1 / 3, OCTOBER: 1})
    # Of the four that August's reports tell handovers of, three were passed on.
    expected = {AUGUST: 3 / 4, SEPTEMBER: 1 / 4, OCTOBER: 0}
    assert desk.values("it.escalation") == pytest.approx(expected)
    # Closed: 3, one of them cancelled and promised nothing; 3; 2.
    assert desk.values("it.tickets_closed") == {AUGUST: 3, SEPTEMBER: 3, OCTOBER: 2}
    assert desk.values("it.sla") == pytest.approx({AUGUST: 1 / 2, SEPTEMBER: 2 / 3, OCTOBER: 1})
    assert desk.values("it.critical_incidents") == {AUGUST: 2, SEPTEMBER: 1, OCTOBER: 1}
    # Open for over 30 days: the scanner, then the label printer too. The old mailbox was solved on
    # the last day; what was cancelled is over, with a time and without one.
    assert desk.values("it.backlog_aged") == {SEPTEMBER: 1, OCTOBER: 2}
    assert desk.values("it.backlog_aged", team="Second line") == {SEPTEMBER: 1, OCTOBER: 2}


def test_the_numbers_of_a_list(desk: Desk) -> None:
    desk.save_file(OWN / "servicenow_list.csv")
    list_numbers(desk)
    assert b"Second line" in desk.stored()
    assert [name for name in PEOPLE if name in desk.stored()] == []


def test_a_workbook_says_the_same_as_its_list(desk: Desk) -> None:
    text = (OWN / "servicenow_list.csv").read_text(encoding="utf-8")
    preview = desk.preview(workbook(list(csv.reader(io.StringIO(text)))), "incident.xlsx")
    assert preview.recipe == "servicenow_incidents"
    assert fates(preview) == {"new": 13, "rejected": 2}
    assert preview.decisions[0] == "Read from the sheet “Page 1”."
    desk.save(preview.path.read_bytes(), "incident.xlsx")
    list_numbers(desk)


def test_what_a_short_list_leaves_out_is_unknown_and_not_none(desk: Desk) -> None:
    desk.save(
        "Number,Opened,Priority,State,Assignment group,Resolved\n"
        "INC1,2026-08-01 08:00:00,1 - Critical,Closed,Service desk,2026-08-02 08:00:00\n"
        "INC2,2026-08-02 08:00:00,3 - Moderate,Closed,Service desk,\n"
        "INC3,2026-08-03 08:00:00,3 - Moderate,On Hold,Service desk,\n"
        "INC4,2026-09-30 08:00:00,3 - Moderate,New,Service desk,\n"
    )
    assert desk.values("it.mttr") == {AUGUST: 24}
    assert desk.values("it.backlog_aged") == {SEPTEMBER: 1}
    for unknown in ("it.reopen_rate", "it.fcr", "it.escalation", "it.sla", "it.first_response"):
        assert desk.values(unknown) == {}, unknown


def test_a_ticket_that_is_over_leaves_the_backlog_with_the_next_export(desk: Desk) -> None:
    header = "number,opened_at,closed_at,state,sys_updated_on\n"
    first = "INC1,2026-08-01 08:00:00,,New,2026-10-01 08:00:00\n"
    desk.save(header + first)
    assert desk.values("it.backlog_aged")[SEPTEMBER] == 1
    desk.save(header + first.replace("New,2026-10-01", "Canceled,2026-10-02"))
    assert set(desk.values("it.backlog_aged").values()) <= {0}
    desk.save(
        header + "INC1,2026-08-01 08:00:00,2026-10-03 08:00:00,Canceled,2026-10-03 08:00:00\n"
    )
    assert desk.values("it.backlog_aged") == {SEPTEMBER: 1, OCTOBER: 0}


def test_issues_from_the_browser(desk: Desk) -> None:
    preview = opened(desk, "jira_browser.csv", "jira_issues")
    assert fates(preview) == {"new": 10, "duplicate": 1, "rejected": 5}
    left_out = "Rows like this are no data in this source, so it is left out."
    assert faults(preview) == [
        (9, "Issue Type", left_out),
        (10, "Issue Type", left_out),
        (13, "Issue Type", left_out),
        (21, "whole line", "The line does not have as many columns as the header."),
        (22, "Priority", "This cannot be read as a whole number."),
    ]
    assert {c.how for c in preview.columns if c.column in ("Watchers", "Summary", "Comment")} == {
        "personal, left out"
    }


def test_the_numbers_of_issues_from_the_browser(desk: Desk) -> None:
    desk.save_file(OWN / "jira_browser.csv")
    # Hours: 6.5, 48 and 4 in September; 48.5 (over the turn of the month), 24, 2 and 10 in October.
    assert desk.values("it.mttr") == {SEPTEMBER: 6.5, OCTOBER: 17}
    assert desk.values("it.mttr", service="Checkout") == {SEPTEMBER: 27.25, OCTOBER: 48.5}
    assert desk.values("it.mttr", team="Service desk") == {OCTOBER: 17}
    assert desk.values("it.tickets_closed") == {SEPTEMBER: 3, OCTOBER: 4}
    # Highest, High and Critical; Blocker and P2.
    assert desk.values("it.critical_incidents") == {AUGUST: 0, SEPTEMBER: 3, OCTOBER: 2}
    # Only the typo of August: the banner is done though it has no resolution.
    assert desk.values("it.backlog_aged") == {SEPTEMBER: 1, OCTOBER: 1}
    for unknown in ("it.reopen_rate", "it.fcr", "it.escalation", "it.sla", "it.first_response"):
        assert desk.values(unknown) == {}, unknown
    assert b"Online shop" in desk.stored()
    assert [name for name in PEOPLE if name in desk.stored()] == []


@pytest.mark.parametrize(
    ("created", "resolved", "hours"),
    [
        pytest.param("11/May/26 03:26 PM", "12/May/26 12:26 AM", 9, id="padded"),
        pytest.param("14/Jul/26 3:42 PM", "15/Jul/26 3:42 AM", 12, id="not padded"),
        pytest.param("6/21/2026 16:14", "6/22/2026 4:14", 12, id="month first"),
    ],
)
def test_dates_of_issues_are_read_as_the_browser_writes_them(
    desk: Desk, created: str, resolved: str, hours: float
) -> None:
    header = "Summary,Issue key,Issue Type,Status,Priority,Created,Resolved\n"
    preview = desk.preview(header + f"x,A-1,Bug,Done,Highest,{created},{resolved}\n")
    assert preview.recipe == "jira_issues"
    assert faults(preview) == []
    desk.save(preview.path.read_bytes())
    assert list(desk.values("it.mttr").values()) == [hours]


def test_rows_wider_than_the_header_are_fine_where_nothing_stands_there(desk: Desk) -> None:
    header = "Summary,Issue key,Status,Created\n"
    good = 'Three,A-1,Done,2026-10-01 08:00,,,\n"Two\nlines",A-2,Done,2026-10-01 08:00,""\n'
    bad = "Text,A-3,Done,2026-10-01 08:00,,late\nSoon,A-4,Done,soon,,\n"
    preview = desk.preview(header + good + bad)
    assert fates(preview) == {"new": 2, "rejected": 2}
    assert [(found.line, found.place) for found in preview.findings] == [
        (5, "whole line"),
        (6, "Created"),
    ]
    assert preview.findings[0].value == "Text,A-3,Done,2026-10-01 08:00,,late"


def test_issues_of_the_pipeline(desk: Desk) -> None:
    preview = opened(desk, "jira_pipeline.csv", "jira_pipeline")
    assert fates(preview) == {"new": 9, "rejected": 2}
    assert {place for _, place, _ in faults(preview)} == {"issue_type"}
    desk.save_file(OWN / "jira_pipeline.csv")
    assert desk.values("it.mttr") == {SEPTEMBER: 6.5, OCTOBER: 24}
    assert desk.values("it.mttr", team="Service desk") == {OCTOBER: 24}
    assert desk.values("it.tickets_closed") == {SEPTEMBER: 3, OCTOBER: 3}
    assert desk.values("it.critical_incidents") == {AUGUST: 0, SEPTEMBER: 3, OCTOBER: 1}
    assert desk.values("it.backlog_aged") == {SEPTEMBER: 1, OCTOBER: 1}
    assert b"Service desk" in desk.stored()
    assert [name for name in PEOPLE if name in desk.stored()] == []


def zendesk(*, number: str, minutes: str) -> str:
    """Our export of tickets as other accounts spell its header."""
    header, rows = (OWN / "zendesk.csv").read_text(encoding="utf-8").split("\n", 1)
    header = header.replace(",Id,", f",{number},").replace("time in minutes", f"time {minutes}")
    return f"{header}\n{rows}"


@pytest.mark.parametrize(
    ("number", "minutes"), [("Id", "in minutes"), ("ID", "(in minutes)"), ("ID", "(min)")]
)
def test_zendesk_tickets(desk: Desk, number: str, minutes: str) -> None:
    text = zendesk(number=number, minutes=minutes)
    preview = desk.preview(text)
    assert preview.recipe == "zendesk_tickets"
    assert adds_up(preview)
    assert fates(preview) == {"new": 10, "rejected": 2}
    assert faults(preview) == [
        (12, "Solved at", "This lies before the event began."),
        (13, number, "This cell is needed and empty."),
    ]
    desk.save(text)
    # First answers in minutes: 10, 30 and 700; 0, 45, 120 and 15, and one has none; 5 and 61.
    assert desk.values("it.first_response") == {AUGUST: 30, SEPTEMBER: 30, OCTOBER: 33}
    assert desk.values("it.first_response", team="Returns")[AUGUST] == 700
    # Hours: 3 and 48; 12, 1, 30 and 240; 0.5.
    assert desk.values("it.mttr") == {AUGUST: 25.5, SEPTEMBER: 21, OCTOBER: 0.5}
    assert desk.values("it.mttr", service="Warehouse") == {SEPTEMBER: 135}
    assert desk.values("it.reopen_rate") == {AUGUST: 0.5, SEPTEMBER: 0.25, OCTOBER: 0}
    # Handed on: one of 2 that were solved; one of 4 by its stations, one came back; none.
    assert desk.values("it.fcr") == {AUGUST: 0.5, SEPTEMBER: 0.5, OCTOBER: 1}
    assert desk.values("it.escalation") == pytest.approx(
        {AUGUST: 2 / 3, SEPTEMBER: 0, OCTOBER: 0.5}
    )
    assert desk.values("it.critical_incidents") == {AUGUST: 2, SEPTEMBER: 1, OCTOBER: 1}
    # On the last day told, 31 October: pending since 1 and open since 25 September.
    assert desk.values("it.backlog_aged") == {OCTOBER: 2}
    assert desk.values("it.sla") == {}


def test_nobody_who_asked_zendesk_is_kept(desk: Desk) -> None:
    desk.save_file(OWN / "zendesk.csv")
    stored = desk.stored()
    assert b"Returns" in stored
    assert [name for name in (*PEOPLE, b"customers.example", b"99017") if name in stored] == []
