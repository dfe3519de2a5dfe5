from datetime import UTC, date, datetime

import pytest

from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.findings import Finding
from kpi_engine.services.import_results import (
    NOT_USED,
    UNKNOWN_COLUMNS,
    Batch,
    ColumnMatch,
    Impact,
    UndoPreview,
)
from kpi_engine.terms import BatchKind, RowFate, Severity, Status, Unit
from kpi_engine.words import health, imports, undoing
from tests.factories import health as health_result
from tests.factories import metric, preview


def counts(new=0, updated=0, identical=0, duplicate=0, rejected=0):
    return dict(zip(RowFate, (new, updated, identical, duplicate, rejected), strict=True))


def batch(**fields):
    known = {
        "id": 12,
        "kind": BatchKind.IMPORT,
        "at": datetime(2026, 11, 3, 8, 10, tzinfo=UTC),
        "actor": "ann",
        "file_name": "a.csv",
        "sha256": "0" * 64,
        "recipe": "tidy",
        "recipe_version": 1,
        "rows_read": 1199,
        "counts": counts(new=1185, updated=14),
        "first_day": None,
        "last_day": None,
        "note": "",
        "undoes": None,
        "undone_by": None,
    }
    return Batch(**(known | fields))


@pytest.mark.parametrize(
    ("rows", "fates", "sentence"),
    [
        pytest.param(
            1408,
            counts(new=1185, updated=14, identical=203, rejected=6),
            "1,408 rows read: 1,199 can be saved, 203 are already here, 6 need you.",
            id="some of everything",
        ),
        pytest.param(3, counts(new=3), "3 rows read: 3 can be saved.", id="all new"),
        pytest.param(
            3,
            counts(identical=3),
            "3 rows read: all of them are already here, nothing will change.",
            id="nothing new",
        ),
        pytest.param(
            4,
            counts(new=1, identical=1, duplicate=1, rejected=1),
            "4 rows read: 1 can be saved, 1 is already here, 1 repeats another row, 1 needs you.",
            id="one of each",
        ),
        pytest.param(
            1, counts(rejected=1), "1 row read: none can be saved, 1 needs you.", id="all rejected"
        ),
        pytest.param(0, counts(), "The file has no rows below its header.", id="empty"),
    ],
)
def test_every_row_read_is_in_the_headline_once(rows, fates, sentence):
    assert imports.headline(preview(rows_read=rows, counts=fates)) == sentence


def test_the_same_file_twice_changes_nothing_and_says_so():
    nothing = {**dict.fromkeys(RowFate, 0), RowFate.IDENTICAL: 1408}
    again = preview(same_file_batch=7, counts=nothing)
    assert imports.headline(again) == (
        "1,408 rows read: this exact file is already here, nothing will change."
    )


def test_the_same_file_after_a_correction_says_that_it_takes_the_correction_back():
    assert imports.headline(preview(same_file_batch=7)).endswith(
        " This file was saved before as batch 7 and corrected since."
    )


@pytest.mark.parametrize(
    ("rows", "fates", "gone", "sentence", "button"),
    [
        pytest.param(
            3,
            counts(new=1, identical=2),
            2,
            "3 rows read: 1 can be saved, 2 are already here. "
            "Besides, 2 rows brought earlier are missing here and will be taken out.",
            "Save 1 row and take out 2",
            id="new ones and missing ones",
        ),
        pytest.param(
            3,
            counts(identical=3),
            1,
            "3 rows read: all of them are already here, "
            "but 1 row brought earlier is missing here and will be taken out.",
            "Take out 1 row",
            id="only a missing one",
        ),
        pytest.param(
            3, counts(new=3), 0, "3 rows read: 3 can be saved.", "Save 3 rows", id="none missing"
        ),
        pytest.param(
            1,
            counts(rejected=1),
            0,
            "1 row read: none can be saved, 1 needs you.",
            "",
            id="nothing",
        ),
    ],
)
def test_what_is_taken_out_is_said_before_it_is_saved(rows, fates, gone, sentence, button):
    shown = preview(rows_read=rows, counts=fates, gone=gone)
    assert imports.headline(shown) == sentence
    assert imports.save_label(shown) == button


def test_what_is_said_not_to_be_available_is_said_again():
    reasons = preview(rows_read=0, counts=counts(), missing=2)
    assert imports.headline(reasons) == (
        "2 figures are said not to be available; the reason is kept."
    )
    assert imports.save_label(reasons) == "Save 2 reasons"
    both = preview(rows_read=2, counts=counts(new=1, rejected=1), missing=1)
    assert imports.headline(both) == (
        "2 rows read: 1 can be saved, 1 needs you. "
        "1 figure is said not to be available; the reason is kept."
    )
    assert imports.save_label(both) == "Save 1 row and 1 reason"


def test_the_file_is_recognised_with_size_and_days():
    assert imports.recognised(preview()) == (
        "incidents_oct.csv, 422\u202fkB, 1,408 rows, 1 Oct 2026 to 31 Oct 2026. "
        "Recognised as ServiceNow incident export."
    )
    assert ", 5.0\u202fMB," in imports.recognised(preview(size=5_000_000))
    assert ", 12 bytes," in imports.recognised(preview(size=12, first_day=None))


def test_impacts_are_counted_with_their_flips():
    assert (
        imports.impact_sentence(preview().impacts) == "1 figure will change and 1 status with it."
    )
    assert imports.impact_sentence(()) == "No figure on the scorecard will change."


@pytest.mark.parametrize(
    ("one", "result"),
    [
        pytest.param(batch(), "Saved", id="saved"),
        pytest.param(batch(counts=counts(new=5, rejected=2)), "Saved, 2 left out", id="rejects"),
        pytest.param(batch(gone=3), "Saved, 3 taken out", id="replaced"),
        pytest.param(batch(undone_by=13), "Undone by batch 13", id="undone"),
        pytest.param(batch(kind=BatchKind.UNDO, undoes=11), "Took back batch 11", id="undo"),
    ],
)
def test_the_history_says_how_each_batch_ended(one, result):
    assert imports.batch_result(one) == result


def test_saving_and_undoing_say_what_they_did():
    assert imports.saved_message(batch()).startswith("1,199 rows saved as batch 12.")
    assert imports.saved_message(batch(counts=counts(identical=3))).startswith("Nothing was saved")
    both = batch(counts=counts(new=2), gone=1)
    assert imports.saved_message(both).startswith("2 rows saved and 1 row taken out as batch 12.")
    assert imports.undone_message(batch(undoes=11)).startswith("Batch 11 is undone.")


def test_an_undo_of_an_undo_brings_its_batch_back():
    undo = {"kind": BatchKind.UNDO}
    history = [batch(id=1), batch(id=2, undoes=1, **undo), batch(id=3, undoes=2, **undo)]
    known = {one.id: one for one in history}
    assert [imports.restored(one, known) for one in history] == [None, None, 1]
    assert imports.undone_message(history[2], brings_back=1).startswith("Batch 1 is back.")
    assert imports.batch_result(history[2], brings_back=1) == "Brought back batch 1"


def test_a_column_nobody_knows_is_not_called_already_here():
    column = ColumnMatch(column="colour", meaning="", samples=("red",), empty=0.0, how=NOT_USED)
    notice = Finding(severity=Severity.NOTE, place="colour", sentence=UNKNOWN_COLUMNS)
    read = preview(
        rows_read=3,
        counts=counts(identical=3),
        columns=(column,),
        findings=(notice,),
        same_file_batch=None,
    )
    assert imports.headline(read) == "3 rows read: 1 column was not recognised, nothing to save."


def test_every_fate_has_a_word():
    assert set(imports.FATES) == set(RowFate)


def test_the_health_headline_counts_what_is_due():
    assert health.headline(health_result()) == (
        "1 of 2 measures are complete for October 2026. 1 is provisional. One source is late."
    )
    assert health.headline(health_result(metrics=())) == "No data have arrived yet."
    steady = health_result(metrics=health_result().metrics[:1], sources=())
    assert health.headline(steady) == "All 1 measures are complete for October 2026."


def test_lateness_has_shape_and_word():
    (source,) = health_result().sources
    assert health.source_state(source) == "▲ 2 days late"


def test_the_grid_is_told_in_words_too():
    told = health.coverage_alt(health_result())
    assert told.startswith("2 measures, November 2025 to October 2026. Page load time: arrived")
    assert "missing in September 2026" in told
    assert health.coverage_alt(health_result(months=(), metrics=())) == "No months to show."


def test_a_figure_before_and_after_shows_as_many_digits_as_tell_the_two_apart():
    of = metric("it.mttr", unit=Unit.HOURS, decimals=1)
    tiny, apart = Organisation(name="Tiny"), impact(of, stored=5.41, after=5.44)
    assert imports.before_and_after(apart, of, tiny) == (
        "5.4\u202fh",
        "5.44\u202fh",
    )
    gone = impact(of, stored=5.4, after=None)
    assert imports.before_and_after(gone, of, tiny) == (
        "5.4\u202fh",
        "no data",
    )


def impact(of, *, stored, after):
    return Impact(
        metric=of.id,
        label=of.label,
        month=date(2026, 10, 1),
        stored=stored,
        after=after,
        status_before=Status.NEAR_TARGET,
        status_after=Status.NEAR_TARGET,
    )


def undo(root: Batch, *, brings_back: bool = False) -> UndoPreview:
    known = {
        "token": "t1",
        "base": 12,
        "definitions": "",
        "batch": root,
        "root": root,
        "impacts": (),
    }
    return UndoPreview(brings_back=brings_back, **known)


@pytest.mark.parametrize(
    ("shown", "question", "sentence", "button"),
    [
        pytest.param(
            undo(batch()),
            "Undo batch 12?",
            "Its 1,185 new and 14 changed rows will no longer count. "
            "A changed row will be what it was before.",
            "Undo this import",
            id="a file",
        ),
        pytest.param(
            undo(batch(), brings_back=True),
            "Bring batch 12 back?",
            "Its 1,185 new and 14 changed rows will count again.",
            "Bring this import back",
            id="an undo",
        ),
        pytest.param(
            undo(batch(counts=counts(new=1), gone=3)),
            "Undo batch 12?",
            "Its 1 new row will no longer count. 3 rows that it took out will come back.",
            "Undo this import",
            id="a snapshot",
        ),
        pytest.param(
            undo(batch(counts=counts(), kind=BatchKind.MANUAL)),
            "Undo batch 12?",
            "It brought no rows.",
            "Undo this entry",
            id="reasons only",
        ),
    ],
)
def test_an_undo_is_asked_for_in_words(shown, question, sentence, button):
    assert undoing.question(shown) == question
    assert undoing.rows_sentence(shown) == sentence
    assert undoing.button(shown) == button
    assert "saved on 3 Nov 2026 by ann." in undoing.which(shown, UTC)
