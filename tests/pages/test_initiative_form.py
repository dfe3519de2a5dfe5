"""A what-if written down as an initiative: what the form asks, and what is kept."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.ui.resources import workspace


def planning() -> None:
    from kpi_engine.actors import local_actor
    from kpi_engine.services.whatif import simulate
    from pages.ui.initiative_form import plan_form
    from pages.ui.resources import workspace

    ws = workspace()
    found = simulate(ws, "biz.conversion", {"page_load_to_conversion": 2400.0})
    plan_form(ws, found, local_actor("tests"))


@pytest.fixture
def form(own_sample: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    """What the dialog holds; nothing is estimated beside it."""
    monkeypatch.setattr("kpi_engine.services.estimate_keeper._LOOK_SECONDS", 3600.0)
    monkeypatch.setenv("PLUMBLINE_HOME", str(own_sample))
    yield AppTest.from_function(planning, default_timeout=60).run()
    st.cache_resource.clear()


def test_it_is_kept_only_once_somebody_answers_for_it_and_both_sides_agreed(form: AppTest) -> None:
    (save,) = (one for one in form.button if one.label == "Save initiative")
    assert save.disabled
    assert "what it is called, what is done, who answers for it" in form.caption[-1].value
    form.text_input(key="plan-label").set_value("Smaller pictures")
    form.text_area(key="plan-sentence").set_value("Pictures are sent in the size that is shown.")
    for key in ("plan-owner", "plan-business", "plan-it"):
        form.selectbox(key=key).select_index(0)
    form.date_input(key="plan-due").set_value(datetime.now(UTC).date() + timedelta(20)).run()
    (save,) = (one for one in form.button if one.label == "Save initiative")
    save.click().run()
    assert "at least 3 months after" in form.error[0].value.replace("\\", "")
    assert not any("Still missing" in one.value for one in form.caption)
    form.date_input(key="plan-due").set_value(datetime.now(UTC).date() + timedelta(300))
    form.number_input(key="plan-cost").set_value(-500).run()
    form.button[0].click().run()
    assert "The cost has to be more than nothing" in form.error[0].value
    assert "smaller_pictures" not in workspace().catalogue.initiatives
    form.number_input(key="plan-cost").set_value(500)
    form.button[0].click().run()
    assert not form.exception
    initiative = workspace().catalogue.initiatives["smaller_pictures"]
    assert [move.metric for move in initiative.moves] == ["it.page_load", "biz.conversion"]
    assert initiative.agreed_on == datetime.now(UTC).date()
