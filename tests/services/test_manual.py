"""Figures typed in go the way of any file: checked, previewed, saved, undone."""

from datetime import date

import pytest

from kpi_engine.actors import Actor
from kpi_engine.errors import ImportRejectedError, NotAllowedError, UnknownNameError
from kpi_engine.services import imports, manual
from kpi_engine.services.doctor import examine
from kpi_engine.services.health import read_health
from kpi_engine.services.import_results import Batch, Preview
from kpi_engine.services.manual import Entry
from kpi_engine.terms import BatchKind, Grain, Role
from kpi_engine.words import imports as words
from tests.desk import ME, NOW, Desk

TODAY = NOW.date()
OCTOBER = date(2026, 10, 1)


def look(desk: Desk, *entries: Entry) -> Preview:
    return manual.preview(desk.ws, entries, actor=ME, now=NOW, today=TODAY)


def save(desk: Desk, *entries: Entry) -> Batch | None:
    return imports.commit(desk.ws, look(desk, *entries), actor=ME, now=NOW)


def typed(metric: str, value: float | None = None, **said: object) -> Entry:
    return Entry(metric=metric, period_text="2026-10", value=value, **said)


def test_only_what_is_stated_can_be_typed_in_for_the_two_months_that_ended_last(
    desk: Desk,
) -> None:
    lines = manual.lines(desk.ws, today=TODAY)
    assert {"base.headcount", "biz.churn"} <= {line.metric for line in lines}
    assert not {"it.mttr", "biz.orders", "biz.conversion", "it.dwa"} & {x.metric for x in lines}
    assert {x.period_text for x in lines} == {"2026-10", "2026-09", "2026-Q3"}
    assert {x.metric for x in lines if x.period_text == "2026-Q3"} == {"biz.expected_loss"}


def test_figures_of_a_month_long_past_can_be_typed_in_too(desk: Desk) -> None:
    months = manual.months(desk.ws, today=TODAY)
    assert (months[0], len(months)) == (OCTOBER, 24)
    march = date(2026, 3, 1)
    assert march in months
    lines = manual.lines(desk.ws, today=TODAY, month=march)
    assert {x.period_text for x in lines} == {"2026-03", "2026-02", "2026-Q1"}
    entry = Entry(metric="base.headcount", period_text="2026-03", value=400.0)
    shown = manual.preview(desk.ws, [entry], actor=ME, now=NOW, today=TODAY)
    imports.commit(desk.ws, shown, actor=ME, now=NOW)
    assert desk.values("base.headcount") == {march: 400}


def test_a_typed_figure_counts_and_can_be_taken_back(desk: Desk) -> None:
    batch = save(desk, typed("base.headcount", 412.0), typed("biz.churn"))
    assert batch is not None
    assert (batch.kind, batch.actor, batch.rows_read) == (BatchKind.MANUAL, ME.name, 1)
    assert words.batch_kind(batch, "Tidy table") == "Typed in"
    assert desk.values("base.headcount") == {OCTOBER: 412}
    (line,) = [
        x
        for x in manual.lines(desk.ws, today=TODAY)
        if (x.metric, x.period_text) == ("base.headcount", "2026-10")
    ]
    assert line.stored == 412
    desk.undo(batch.id)
    assert desk.values("base.headcount") == {}
    assert examine(desk.ws) == ()


def test_a_share_is_typed_in_percent_and_kept_as_a_fraction(desk: Desk) -> None:
    save(desk, typed("biz.churn", 1.7))
    assert desk.values("biz.churn") == {OCTOBER: 0.017}
    (line,) = [
        x
        for x in manual.lines(desk.ws, today=TODAY)
        if (x.metric, x.period_text) == ("biz.churn", "2026-10")
    ]
    assert (line.unit, line.stored) == ("%", pytest.approx(1.7))


@pytest.mark.parametrize(
    ("entry", "sentence", "hint"),
    [
        (typed("biz.churn", 170.0), "it cannot be 170 %.", "It lies between 0 and 100 %."),
        (typed("biz.churn", -3.0), "it cannot be −3 %.", "It lies between 0 and 100 %."),
        (typed("base.headcount", -5.0), "it cannot be −5.", "It cannot be less than 0."),
    ],
)
def test_a_figure_that_cannot_be_is_refused_as_it_was_typed(
    desk: Desk, entry: Entry, sentence: str, hint: str
) -> None:
    """A share of 0.03 is what a file would say: nobody typed that."""
    with pytest.raises(ImportRejectedError) as refused:
        look(desk, entry)
    assert refused.value.message.endswith(f", Oct 2026: {sentence}")
    assert refused.value.hint == hint


def test_the_same_figure_twice_changes_nothing(desk: Desk) -> None:
    save(desk, typed("base.headcount", 412.0))
    assert save(desk, typed("base.headcount", 412.0)) is None


def test_why_a_figure_is_missing_is_kept_without_a_fact(desk: Desk) -> None:
    shown = look(desk, typed("biz.churn", is_missing=True, reason="contract system was moved"))
    assert words.headline(shown) == "1 figure is said not to be available; the reason is kept."
    assert words.save_label(shown) == "Save 1 reason"
    batch = imports.commit(desk.ws, shown, actor=ME, now=NOW)
    assert batch is not None
    assert batch.note.endswith(", Oct 2026: not available: contract system was moved.")
    assert words.saved_message(batch).startswith("Reasons kept as batch 1.")
    assert desk.values("biz.churn") == {}


def test_the_evidence_is_kept_with_the_batch(desk: Desk) -> None:
    batch = save(desk, typed("base.headcount", 412.0, evidence="https://hr.example.com/oct"))
    assert batch is not None
    assert "see https://hr.example.com/oct." in batch.note


@pytest.mark.parametrize(
    ("entry", "error"),
    [
        pytest.param(typed("biz.churn", is_missing=True, reason=" "), "why there is no", id="why"),
        pytest.param(
            typed("biz.churn", 1.0, is_missing=True, reason="x"), "there is a value, and", id="both"
        ),
        pytest.param(typed("biz.churn"), "Nothing was typed in", id="nothing"),
    ],
)
def test_what_cannot_be_meant_is_refused(desk: Desk, entry: Entry, error: str) -> None:
    with pytest.raises(ImportRejectedError, match=error):
        look(desk, entry)


def test_what_is_counted_cannot_be_typed_over(desk: Desk) -> None:
    with pytest.raises(UnknownNameError, match=r"no line called 'it\.mttr 2026-10'"):
        look(desk, typed("it.mttr", 3.0))


def test_typing_needs_the_role(desk: Desk) -> None:
    reader = Actor(name="reader@example.com", roles=frozenset([Role.VIEWER]))
    with pytest.raises(NotAllowedError, match="may not type figures in"):
        manual.preview(desk.ws, [typed("base.headcount", 1.0)], actor=reader, now=NOW, today=TODAY)


def test_a_quarter_is_typed_as_a_quarter(desk: Desk) -> None:
    save(desk, Entry(metric="biz.expected_loss", period_text="2026-Q3", value=90_000.0))
    july = date(2026, 7, 1)
    assert desk.values("biz.expected_loss", grain=Grain.QUARTER) == {july: 90_000}


def test_typed_figures_are_a_source_like_any_other(desk: Desk) -> None:
    save(desk, typed("base.headcount", 412.0))
    names = {source.source for source in read_health(desk.ws, today=TODAY).sources}
    assert "manual entry" in names
