"""What if: sliders, what the outcome would be, what it would take, and what becomes of it."""

import math

import streamlit as st

from kpi_engine.actors import Actor
from kpi_engine.charts.whatif import settings_chart, tornado_chart
from kpi_engine.errors import ScorecardError
from kpi_engine.services.goal_seek import GoalSeek, check_goal, goal_of, seek_goal
from kpi_engine.services.levers import Lever
from kpi_engine.services.whatif import Setting, Simulation
from kpi_engine.terms import Reach
from kpi_engine.units import axis_parts
from kpi_engine.words import goal_seek as goal_words
from kpi_engine.words import whatif as words
from kpi_engine.workspace import Workspace
from pages.ui.initiative_form import show_plan_button
from pages.ui.messages import sentence, told
from pages.ui.scenarios import show_save, show_scenarios
from pages.ui.text import esc, esc_bold
from pages.ui.whatif_sliders import SET, set_so, show_sliders

GOAL = "goal"


def left_behind() -> tuple[str, ...]:
    """What the address asks of the outcome or month shown before, once another one was picked."""
    for name in ("outcome", "month"):
        before = st.session_state.get(f"_{name}")
        is_picked = st.query_params.get(name) in (None, before)
        if before is not None and is_picked and st.session_state.get(name) != before:
            return SET, GOAL
    return ()


@st.fragment
def show_whatif(ws: Workspace, setting: Setting, *, actor: Actor) -> None:
    """Sliders on the left; sentence, chart and what the range comes from on the right."""
    st.subheader("What if", anchor=False)
    currency = setting.catalogue.organisation.currency
    if not setting.levers:
        asked = [st.query_params.pop(name) for name in (SET, GOAL) if name in st.query_params]
        if asked:
            said = f"**The link asks for {esc(', '.join(asked))}, which cannot be set here.**"
            st.info(said, icon=None)
        st.markdown(esc_bold(words.nothing_to_turn(setting.explanation)))
        return
    left, right = st.columns([9, 11], gap="large")
    with left:
        changes = show_sliders(setting)
        st.caption(esc(words.now_and_seen(setting.levers, currency=currency)))
    found: Simulation | None = None
    with right, told():
        found = setting.simulate(changes)
        _show_result(found, currency=currency)
        with st.container(horizontal=True, key="whatif-actions"):
            show_save(ws, found, actor=actor)
            show_plan_button(ws, found, actor=actor)
    _show_goal(setting, changes, currency=currency)
    show_scenarios(ws, setting.explanation.outcome.metric)


def _show_result(found: Simulation, *, currency: str) -> None:
    st.markdown(esc_bold(words.sentence(found, currency=currency)))
    for warning in words.warnings(found, currency=currency):
        st.warning(esc(warning), icon=None)
    if found.parts:
        chart = settings_chart(found, currency=currency)
        st.altair_chart(chart, theme=None, alt=words.sentence(found, currency=currency))
    most = words.narrows_most(found, currency=currency)
    if most:
        st.markdown(f"**Where the range comes from.** {esc(most)}")
    if len(found.swings) > 1:
        st.altair_chart(
            tornado_chart(found, currency=currency),
            theme=None,
            alt="How far each unknown by itself moves the result",
        )
    rest = words.not_counted(found)
    if rest:
        st.caption(esc(rest))


def _show_goal(setting: Setting, changes: dict[str, float], *, currency: str) -> None:
    """For each driver what it would take, the others as they are set."""
    outcome = setting.explanation.outcome
    st.markdown("#### What would it take?")
    before, factor, behind = axis_parts(outcome.metric.unit, currency=currency)
    unit = (before or behind).strip()
    goal = _goal(setting, factor, label=f"{outcome.label}{f', {unit}' if unit else ''}")
    if goal is None:
        st.caption("Name the value of the outcome that is to be reached.")
        return
    try:
        check_goal(outcome, goal)
    except ScorecardError as error:
        st.error(sentence(error), icon=None)
        return
    try:
        sought = [
            seek_goal(setting, lever.link.id, goal=goal, settings=changes)
            for lever in setting.levers
        ]
    except ScorecardError:
        return  # the settings themselves cannot be, which is said above
    st.markdown(esc_bold(goal_words.reached(sought[0], currency=currency)))
    for lever, found in zip(setting.levers, sought, strict=True):
        said = goal_words.sentence(found, currency=currency)
        if not said:
            continue
        with st.container(
            horizontal=True, vertical_alignment="center", key=f"goal-{lever.link.id}"
        ):
            st.markdown(esc_bold(said))
            _offer(setting, lever, found)


def _offer(setting: Setting, lever: Lever, found: GoalSeek) -> None:
    value = found.likely.value
    if value is None or found.reach is Reach.ALREADY:
        return
    st.button(
        "Set it so",
        key=f"set-so-{lever.link.id}",
        type="tertiary",
        on_click=set_so,
        args=(setting, lever, value),
    )


def _goal(setting: Setting, factor: float, *, label: str) -> float | None:
    """The value to be reached, in the outcome's unit: by the address, else the target."""
    outcome = setting.explanation.outcome
    target = goal_of(outcome)
    key = f"goal-{outcome.metric.id}-{setting.found.month:%Y-%m}"
    default = None if target is None else float(f"{target * factor:.10g}")
    # A page that was left and opened again has forgotten its fields, not what its address asks for.
    is_fresh = key not in st.session_state
    st.session_state.setdefault(key, default)
    asked = st.query_params.get(GOAL, "")
    if asked and (is_fresh or asked != st.session_state.get(f"_{GOAL}", "")):
        wanted = _as_number(asked)
        if wanted is None:
            st.info(f"**The link asks for {esc(asked)}, which is no number.**", icon=None)
        else:
            st.session_state[key] = wanted
    value = st.number_input(
        esc(f"To be reached: {label}"), key=key, value=None, step=None, format="%g", width=320
    )
    text = "" if value is None or value == default else f"{value:.10g}"
    st.session_state[f"_{GOAL}"] = text
    if value is None or not text:
        st.query_params.pop(GOAL, None)
        return None if value is None else target
    if asked != text:
        st.query_params[GOAL] = text
    return float(value) / factor


def _as_number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None
