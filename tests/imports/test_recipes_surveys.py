"""Visits and answers as web analytics and survey tools export them, against counts by hand."""

from datetime import date
from pathlib import Path

import pytest

from kpi_engine.errors import ImportRejectedError, UnknownHeaderError
from kpi_engine.imports.overrides import Overrides
from kpi_engine.services import imports
from kpi_engine.services.import_results import Preview
from kpi_engine.terms import Grain
from tests.desk import ME, NOW, Desk, adds_up, fates

EXPORTS = Path(__file__).parent / "exports"
SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
PEOPLE = (b"maren", b"Olsen", b"example.com", b"555 0100", b"203.0.113", b"Li Wong", b"R_1aaaa")
SATISFIED = "Overall, how satisfied are you with your purchase?"


def said(desk: Desk, path: Path, recipe: str, score: str) -> Preview:
    """The file as somebody reads it who knows which question is the score."""
    overrides = Overrides(columns={"score": score})
    return imports.preview(desk.ws, path, actor=ME, now=NOW, recipe=recipe, overrides=overrides)


def save(desk: Desk, preview: Preview) -> None:
    imports.commit(desk.ws, preview, actor=ME, now=NOW)


def nobody_in_the_store(desk: Desk, file: Path) -> bool:
    store = (desk.ws.home / "plumbline.duckdb").read_bytes()
    named = [person for person in PEOPLE if person in file.read_bytes()]
    assert named
    return not any(person in store for person in named)


def test_sessions_count_days_from_the_start_date_above_the_table(desk: Desk) -> None:
    preview = desk.open(EXPORTS / "ga4_sessions.csv")
    assert preview.recipe == "ga4_sessions"
    assert fates(preview) == {"new": 4, "rejected": 1}
    assert adds_up(preview)
    assert [(f.place, f.value) for f in preview.findings if f.line] == [("Nth day", "Grand total")]
    desk.save_file(EXPORTS / "ga4_sessions.csv")
    assert desk.values("base.sessions") == {SEPTEMBER: 2551, OCTOBER: 2390}
    assert desk.values("base.sessions", grain=Grain.WEEK) == {date(2026, 9, 28): 4941}


def test_of_several_tables_in_one_report_the_days_are_read(desk: Desk) -> None:
    """The first is by channel and of September; each table has a start date of its own."""
    preview = desk.open(EXPORTS / "ga4_overview.csv")
    assert len(preview.tables) == 2
    assert fates(preview) == {"new": 4}
    desk.save_file(EXPORTS / "ga4_overview.csv")
    assert desk.values("base.sessions") == {SEPTEMBER: 2551, OCTOBER: 2390}


def test_sessions_may_name_their_days(desk: Desk) -> None:
    desk.save("# All Users\n\nDate,Sessions\n20261001,1410\n20261002,980\n")
    assert desk.values("base.sessions") == {OCTOBER: 2390}


def test_sessions_that_count_from_nowhere_are_refused(desk: Desk) -> None:
    with pytest.raises(ImportRejectedError, match="“Start date” does not stand above"):
        desk.preview("Nth day,Sessions\n0000,1200\n0001,1351\n")


def test_several_rows_a_day_are_not_taken_for_the_day(desk: Desk) -> None:
    preview = desk.preview(
        "# Start date: 20261001\n\nNth day,Channel,Sessions\n"
        "0,Direct,100\n0,Organic Search,200\n1,Direct,150\n"
    )
    assert fates(preview) == {"new": 1, "rejected": 2}
    assert adds_up(preview)
    assert "Several rows are about the same day" in preview.findings[-1].sentence


def test_a_surveymonkey_question_that_everybody_asks_alike_needs_no_help(desk: Desk) -> None:
    """10 and 9 would recommend, 6 would not, 8 is between; one left the question out."""
    path = EXPORTS / "surveymonkey.csv"
    preview = desk.open(path)
    assert preview.recipe == "surveymonkey_recommend"
    assert fates(preview) == {"new": 5}
    assert adds_up(preview)
    desk.save_file(path)
    assert desk.values("biz.nps") == {OCTOBER: pytest.approx((2 - 1) / 4 * 100)}
    assert nobody_in_the_store(desk, path)


def test_another_question_of_the_file_is_named_by_hand(desk: Desk) -> None:
    """Of five answers two are content, one is not, one is neither, and one says so-so."""
    path = EXPORTS / "surveymonkey.csv"
    preview = said(desk, path, "surveymonkey_customers", SATISFIED)
    assert fates(preview) == {"new": 4, "rejected": 1}
    assert adds_up(preview)
    assert [(f.place, f.value, f.line) for f in preview.findings if f.line] == [
        (SATISFIED, "so-so", 7)
    ]
    save(desk, preview)
    assert desk.values("biz.csat") == {OCTOBER: 2 / 4}
    assert nobody_in_the_store(desk, path)


def test_both_questions_of_one_file_can_be_kept(desk: Desk) -> None:
    path = EXPORTS / "surveymonkey.csv"
    desk.save_file(path)
    save(desk, said(desk, path, "surveymonkey_customers", SATISFIED))
    assert desk.values("biz.nps") == {OCTOBER: pytest.approx(25)}
    assert desk.values("biz.csat") == {OCTOBER: 0.5}


def test_qualtrics_rows_of_names_previews_and_unanswered_questions(desk: Desk) -> None:
    """Of four answers one names no score; of the other three two are 4 or 5."""
    path = EXPORTS / "qualtrics.csv"
    with pytest.raises(UnknownHeaderError, match=r"Qualtrics.* lacks customers_score"):
        desk.open(path)
    preview = said(desk, path, "qualtrics_tools", "Q1")
    assert fates(preview) == {"new": 4, "rejected": 3}
    assert adds_up(preview)
    assert {f.sentence for f in preview.findings if f.line} == {
        "Rows like this are no data in this source, so it is left out."
    }
    save(desk, preview)
    found = desk.values("biz.tool_sat", grain=Grain.QUARTER)
    assert list(found.values()) == [pytest.approx(2 / 3)]
    assert nobody_in_the_store(desk, path)


def test_the_question_is_remembered_for_the_next_file(desk: Desk) -> None:
    path = EXPORTS / "qualtrics.csv"
    save(desk, said(desk, path, "qualtrics_tools", "Q1"))
    later = path.read_text().replace("R_1aaaaaaaaaaaaaa", "R_9aaaaaaaaaaaaaa")
    preview = desk.preview(later)
    assert preview.recipe == "qualtrics_tools"
    assert fates(preview) == {"new": 1, "identical": 3, "rejected": 3}


def test_a_table_of_answers_names_its_survey_and_nobody_else(desk: Desk) -> None:
    """Whoever answered again counts once; nobody knows what a survey of the canteen measures."""
    path = EXPORTS / "survey_answers.csv"
    preview = desk.open(path)
    assert preview.recipe == "survey_answers"
    assert fates(preview) == {"new": 4, "duplicate": 1, "rejected": 1}
    assert adds_up(preview)
    assert [(f.place, f.value) for f in preview.findings if f.line] == [("survey", "canteen")]
    desk.save_file(path)
    assert desk.values("biz.nps") == {OCTOBER: pytest.approx(0)}
    assert desk.values("biz.csat") == {OCTOBER: 1}
    assert nobody_in_the_store(desk, path)
