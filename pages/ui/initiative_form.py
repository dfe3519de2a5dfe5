"""A what-if turned into an initiative, in a dialog, by those who may."""

from datetime import UTC, date, datetime, timedelta

import streamlit as st

from kpi_engine.actors import Actor
from kpi_engine.catalogue.initiatives import FEWEST_MONTHS
from kpi_engine.periods import add_months, month_of
from kpi_engine.services.initiative_plans import Plan, expected_moves, preview_plan, save_plan
from kpi_engine.services.whatif import Simulation
from kpi_engine.terms import Role, Side
from kpi_engine.words import initiatives as words
from kpi_engine.words.reading import joined
from kpi_engine.workspace import Workspace
from pages.ui.messages import told
from pages.ui.text import DATES, esc

_DONE = "_initiative_done"


def show_plan_button(ws: Workspace, found: Simulation, *, actor: Actor) -> None:
    """The way to write down what is expected; nothing while nothing is set, or for others."""
    if said := st.session_state.pop(_DONE, None):
        st.success(f"**Saved.** {esc(said)}", icon=None)
    if not found.parts or not actor.roles & {Role.STEWARD, Role.ADMIN}:
        return
    if st.button("Turn into an initiative"):
        st.dialog("Turn into an initiative", width="large")(plan_form)(ws, found, actor)


def plan_form(ws: Workspace, found: Simulation, actor: Actor) -> None:
    """What is done, when, by whom; what is expected of it is what the what-if says."""
    catalogue = ws.catalogue
    currency = catalogue.organisation.currency
    today = catalogue.organisation.day_of(datetime.now(UTC))
    st.markdown("**Expected, written down before it begins**")
    same = [words.own_unit_text(part, currency=currency) for part in found.parts]
    for move, own in zip(expected_moves(found), [*same, ""], strict=True):
        said = words.expected_text(move, catalogue, currency=currency)
        st.markdown(f"- {esc(f'{said} {own}'.strip())}")
    label = st.text_input("What is it called?", key="plan-label")
    sentence = st.text_area("What is done? (one plain sentence)", key="plan-sentence")
    plan, missing = _plan(ws, found, label=label, sentence=sentence, today=today)
    spot = st.container()
    if missing:
        st.caption(esc(f"Still missing: {joined(missing)}."))
    if not st.button("Save initiative", type="primary", disabled=plan is None) or plan is None:
        return
    with spot, told():
        shown = preview_plan(ws, found, plan, today=today)
        for one in shown.mistakes:
            st.error(esc(one.sentence), icon=None)
        if not shown.mistakes:
            save_plan(ws, found, plan, actor=actor, now=datetime.now(UTC), today=today)
            st.session_state[_DONE] = (
                f"{plan.label} begins on {plan.starts} and is judged by {plan.due}, against what "
                "was expected today."
            )
            st.rerun()


def _plan(
    ws: Workspace, found: Simulation, *, label: str, sentence: str, today: date
) -> tuple[Plan | None, list[str]]:
    """What stands in the form, or None and what it still needs."""
    owners = found.outcome.metric.owners
    people = sorted({one.owners.it for one in ws.catalogue.metrics.values()} | {owners.business})
    first = add_months(month_of(today), 1)
    starts_at, ramp_at, due_at = st.columns(3)
    with starts_at:
        starts = st.date_input(
            "In force from", first, min_value=today + timedelta(1), key="plan-starts", format=DATES
        )
    with ramp_at:
        ramp = st.number_input("Comes in over, months", 0, 24, 0, key="plan-ramp")
    with due_at:
        due = st.date_input(
            "To be judged by", add_months(first, FEWEST_MONTHS + 3), key="plan-due", format=DATES
        )
    owner_at, business_at, it_at, cost_at = st.columns(4)
    with owner_at:
        owner = _person("Answers for it", people, key="plan-owner")
    with business_at:
        names = [owners.business]
        business = _person("Agreed for the business by", names, key=f"plan-{Side.BUSINESS.value}")
    with it_at:
        it = _person("Agreed for IT by", people, key=f"plan-{Side.IT.value}")
    with cost_at:
        symbol = ws.catalogue.organisation.currency
        cost = st.number_input(
            esc(f"Cost, {symbol}"), value=None, step=None, format="%g", key="plan-cost"
        )
    needed = {
        "what it is called": label.strip(),
        "what is done": sentence.strip(),
        "who answers for it": owner,
        "who agreed for the business": business,
        "who agreed for IT": it,
    }
    if not (owner and business and it) or not all(needed.values()):
        return None, [what for what, said in needed.items() if not said]
    plan = Plan(
        id=Plan.name_for(label),
        label=label,
        sentence=sentence,
        starts=starts,
        due=due,
        ramp_months=int(ramp),
        owner=owner,
        business=business,
        it=it,
        cost=cost,
    )
    return plan, []


def _person(label: str, names: list[str], *, key: str) -> str | None:
    return st.selectbox(
        label, names, index=None, accept_new_options=True, placeholder="Choose or type", key=key
    )
