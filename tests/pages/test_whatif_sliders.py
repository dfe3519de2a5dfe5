"""Sliders of a what-if reach as far as a driver can be, and no further."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from kpi_engine.services.whatif import Setting, read_setting
from kpi_engine.workspace import Workspace
from tests.pages.conftest import RunPage, open_page


@pytest.fixture
def checkout(sample_home: Path) -> Setting:
    ws = Workspace.open(sample_home)
    found = read_setting(ws, "biz.tx_success", month=date(2026, 10, 1))
    ws.close()
    return found


def one_slider() -> None:
    import streamlit as st

    from pages.ui.whatif_sliders import Slider

    Slider.of(st.session_state["lever"], st.session_state["setting"]).show()


@pytest.mark.parametrize(
    ("metric", "now", "seen", "ends"),
    [
        pytest.param("it.error_rate", 0.02, (0.0, 0.04), (0.0, 5.0), id="never below nothing"),
        pytest.param("it.sla", 0.99, (0.96, 1.0), (95.0, 100.0), id="never more than all"),
        pytest.param("it.spend_var", -0.01, (-0.02, 0.04), (-3.5, 5.5), id="below a budget"),
        pytest.param("it.spend_var", -0.99, (-0.99, -0.89), (-100.0, -86.5), id="all of it"),
        pytest.param("it.license_use", 1.04, (1.0, 1.04), (99.0, 104.0), id="more seats than paid"),
    ],
)
def test_a_slider_ends_where_its_driver_does(
    checkout: Setting,
    metric: str,
    now: float,
    seen: tuple[float, float],
    ends: tuple[float, float],
) -> None:
    errors = next(one for one in checkout.levers if one.link.id == "error_rate_to_tx_success")
    reading = replace(errors.reading, metric=checkout.catalogue.metric(metric))
    app = AppTest.from_function(one_slider)
    app.session_state["setting"] = checkout
    app.session_state["lever"] = replace(errors, reading=reading, now=now, seen=seen)
    app.run()
    assert not app.exception
    (slider,) = app.slider
    assert (slider.min, slider.max) == pytest.approx(ends)
    assert slider.value == pytest.approx(now * 100)


def test_of_whole_things_there_are_no_fractions(checkout: Setting) -> None:
    minutes = next(one for one in checkout.levers if one.link.id == "availability_to_tx_success")
    app = AppTest.from_function(one_slider)
    app.session_state["setting"] = checkout
    app.session_state["lever"] = minutes
    app.run()
    (slider,) = app.slider
    assert minutes.now == 142
    assert all(float(end).is_integer() for end in (slider.min, slider.max, slider.step))
    assert slider.min <= 142 <= slider.max


def test_a_slider_that_was_put_far_out_keeps_its_ends_when_it_is_drawn_back(
    run_page: RunPage, sample_home: Path
) -> None:
    key = "whatif-availability_to_tx_success-2026-10"
    query = {"outcome": "biz.tx_success", "month": "2026-10"}
    plain = run_page("outcome", home=sample_home, query=query).slider(key=key).max
    far = query | {"set": "availability_to_tx_success:3000"}
    app = run_page("outcome", home=sample_home, query=far)
    assert app.slider(key=key).value == app.slider(key=key).max == 3000 > plain
    app.slider(key=key).set_value(142).run()
    assert app.slider(key=key).max == 3000


def test_what_just_reaches_a_goal_reaches_it_again_by_its_address(
    run_page: RunPage, sample_home: Path
) -> None:
    query = {"outcome": "biz.lost_hours", "month": "2026-10"}
    app = run_page("outcome", home=sample_home, query=query)
    (offer,) = [one for one in app.button if one.key == "set-so-incidents_to_lost_hours"]
    offer.click().run()
    sentence = next(one.value for one in app.markdown if "on its target" in one.value)
    again = run_page("outcome", home=sample_home, query=query | {"set": app.query_params["set"]})
    assert sentence in [one.value for one in again.markdown]


def test_a_goal_is_one_of_its_outcome(run_page: RunPage, sample_home: Path) -> None:
    """97 % of checkouts are no 97 dollars of revenue."""
    query = {"outcome": "biz.tx_success", "month": "2026-10", "goal": "97"}
    app = run_page("outcome", home=sample_home, query=query)
    assert goal_field(app).value == 97
    app.selectbox(key="outcome").set_value("biz.revenue").run()
    assert goal_field(app).value == 1_200_000
    assert "goal" not in app.query_params


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"goal": "abc"}, "abc, which is no number"),
        ({"goal": "nan"}, "nan, which is no number"),
        ({"set": "nope:5"}, "nope:5, which cannot be set here"),
        ({"scenarios": "7"}, "scenario 7, which is not among those saved"),
        (
            {"set": "availability_to_tx_success:1e9,cfr:-50"},
            "availability_to_tx_success:1e9, cfr:-50, which cannot be set here",
        ),
    ],
)
def test_what_a_link_sets_that_cannot_be_is_said(
    run_page: RunPage, sample_home: Path, query: dict[str, str], said: str
) -> None:
    here = {"outcome": "biz.tx_success", "month": "2026-10"}
    app = run_page("outcome", home=sample_home, query=here | query)
    assert any(said in one.value.replace("\\", "") for one in app.info)
    assert goal_field(app).value == pytest.approx(97.2)
    app.run()
    assert not any("The link asks" in one.value for one in app.info)


def test_a_goal_is_there_again_when_one_comes_back(run_page: RunPage, sample_home: Path) -> None:
    query = {"outcome": "biz.tx_success", "month": "2026-10", "goal": "97"}
    app = run_page("outcome", home=sample_home, query=query)
    open_page(app, "scorecard")
    for key, value in query.items():
        app.query_params[key] = value
    open_page(app, "outcome")
    assert goal_field(app).value == 97


def test_what_is_asked_where_nothing_can_be_turned_is_said(
    run_page: RunPage, sample_home: Path
) -> None:
    """And it does not become the goal of the outcome that is looked at next."""
    query = {"outcome": "biz.sales_cycle", "month": "2026-10", "goal": "30"}
    app = run_page("outcome", home=sample_home, query=query)
    assert any("asks for 30, which cannot be set here" in one.value for one in app.info)
    app.selectbox(key="outcome").set_value("biz.tx_success").run()
    assert goal_field(app).value == pytest.approx(97.2)


def goal_field(app):
    return next(one for one in app.number_input if one.label.startswith("To be reached"))
