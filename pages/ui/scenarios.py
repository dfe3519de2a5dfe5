"""What-ifs under a name: saved, and held beside each other."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from kpi_engine.actors import Actor
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.services import scenarios
from kpi_engine.services.whatif import Simulation
from kpi_engine.terms import Role
from kpi_engine.words import scenarios as words
from kpi_engine.workspace import Workspace
from pages.ui.messages import is_second, told
from pages.ui.text import esc

_MAY = {Role.CONTRIBUTOR, Role.ANALYST, Role.STEWARD, Role.ADMIN}
_KEY, _SAVED, _DOUBTED = "scenarios", "_scenario_saved", "_scenario_doubted"


def show_save(ws: Workspace, found: Simulation, *, actor: Actor) -> None:
    """The way to keep what is set under a name; nothing while nothing is, or for viewers."""
    if said := st.session_state.pop(_SAVED, None):
        st.toast(esc(said))
    if not found.parts or not actor.roles & _MAY:
        return
    with st.popover("Save as a scenario"):
        name = st.text_input("Name", key="scenario-name", placeholder="Faster pages by spring")
        if not st.button("Save", key="scenario-save", type="primary"):
            return
        called = " ".join(name.split())
        before = {one.name for one in scenarios.saved_scenarios(ws)}
        if called in before and not is_second(_DOUBTED, called):
            st.warning("**There is a scenario of this name.** Save again to replace it.", icon=None)
            return
        with told():
            one = scenarios.save_scenario(ws, found, name=name, actor=actor, now=datetime.now(UTC))
            st.session_state.pop(_DOUBTED, None)
            st.session_state["_scenarios_next"] = [*_chosen(), one.number][-scenarios.MOST :]
            how = "Saved anew, in place of the earlier" if one.name in before else "Saved as"
            st.session_state[_SAVED] = f"{how} “{one.name}”. It stands below, among the scenarios."
            st.rerun()


def show_scenarios(ws: Workspace, metric: Metric) -> None:
    """Up to four saved ones of an outcome beside each other; which ones stands in the address."""
    saved = {one.number: one for one in scenarios.saved_scenarios(ws, outcome=metric.id)}
    key = f"{_KEY}-{metric.id}"
    if key not in st.session_state:
        _note_absent([number for number in _chosen() if number not in saved])
    if not saved:
        st.query_params.pop(_KEY, None)
        return
    st.markdown("#### Scenarios")
    fresh = st.session_state.pop("_scenarios_next", None)
    if fresh is not None or key not in st.session_state:
        wanted = _chosen() if fresh is None else fresh
        st.session_state[key] = [number for number in wanted if number in saved]
    st.session_state[key] = [number for number in st.session_state[key] if number in saved]
    chosen = st.multiselect(
        "Beside each other, at most four",
        list(saved),
        format_func=lambda number: saved[number].name,
        max_selections=scenarios.MOST,
        placeholder="Choose saved scenarios",
        key=key,
    )
    _to_address(chosen)
    if not chosen:
        return
    with told():
        found = scenarios.compare(ws, [saved[number].name for number in chosen])
        header, rows = words.table(found)
        table = pd.DataFrame(rows, columns=list(header)).set_index(header[0]).map(esc)
        table.columns = [esc(name) for name in table.columns]
        table.index = pd.Index([esc(name) for name in table.index], name="")
        with st.container(key="scroll-scenarios"):
            st.table(table)


def _note_absent(numbers: list[int]) -> None:
    if numbers:
        many = "scenarios" if numbers[1:] else "scenario"
        named = ", ".join(map(str, numbers))
        st.info(
            f"**The link asks for {many} {named}, which is not among those saved.** It was "
            "replaced, dropped, or is of another outcome.",
            icon=None,
        )


def _chosen() -> list[int]:
    asked = st.query_params.get(_KEY, "").split(",")
    return [int(one) for one in asked if one.isdigit()]


def _to_address(chosen: list[int]) -> None:
    text = ",".join(map(str, chosen))
    if not text:
        st.query_params.pop(_KEY, None)
    elif st.query_params.get(_KEY) != text:
        st.query_params[_KEY] = text
