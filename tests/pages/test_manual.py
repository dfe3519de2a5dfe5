"""What is typed in is looked at like a file, and saved like one."""

from pathlib import Path

import pandas as pd
import pytest
import streamlit as st

from kpi_engine.periods import month_label
from kpi_engine.services import imports
from kpi_engine.workspace import Workspace
from tests.pages.conftest import RunPage


def test_a_typed_figure_is_previewed_saved_and_undone(
    run_page: RunPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = st.data_editor

    def typing(frame: pd.DataFrame, **settings: object) -> pd.DataFrame:
        shown = editor(frame, **settings)
        if "Value" in shown:
            shown.loc[shown.index[shown["Measure"] == "Employees"][0], "Value"] = 412.0
        return shown

    home = tmp_path / "home"
    monkeypatch.setattr(st, "data_editor", typing)
    app = run_page("add_data", home=home)
    press(app, "Show what they would change")
    assert not app.exception
    assert app.header[0].value.replace("\\", "") == "1 row read: 1 can be saved."
    press(app, "Save 1 row")
    assert "1 row saved as batch 1" in app.success[0].value
    press(app, "Undo this save")
    assert any("Its 1 new row will no longer count" in said.value for said in app.markdown)
    press(app, "Undo this entry")
    assert "Batch 1 is undone" in app.success[0].value
    ws = Workspace.open(home)
    assert [batch.kind.value for batch in imports.batches(ws)] == ["undo", "manual"]
    ws.close()


def test_what_was_typed_of_a_month_stays_while_another_is_looked_at(
    run_page: RunPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor, hands, values = st.data_editor, [400.0], []

    def typing(frame: pd.DataFrame, **settings: object) -> pd.DataFrame:
        shown = editor(frame, **settings)
        if "Value" in shown:
            employees = shown.index[shown["Measure"] == "Employees"][0]
            values.append(frame.loc[employees, "Value"])
            shown.loc[employees, "Value"] = hands.pop() if hands else values[-1]
        return shown

    app = run_page("add_data", home=tmp_path / "home")
    newest, *_, oldest = app.selectbox(key="manual-month").options
    monkeypatch.setattr(st, "data_editor", typing)
    app.selectbox(key="manual-month").select(oldest).run()
    app.selectbox(key="manual-month").select(newest).run()
    assert pd.isna(values[-1])
    app.selectbox(key="manual-month").select(oldest).run()
    assert values[-1] == 400
    app.selectbox(key="manual-month").select(newest).run()
    press(app, "Show what they would change")
    assert app.header[0].value.replace("\\", "") == "1 row read: 1 can be saved."
    press(app, "Cancel")
    assert month_label(app.selectbox(key="manual-month").value) == newest


def test_a_gap_without_a_reason_is_not_taken(run_page: RunPage, tmp_path: Path) -> None:
    app = run_page("add_data", home=tmp_path / "home")
    press(app, "Show what they would change")
    assert "Nothing was typed in" in app.error[0].value


def press(app, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()
