"""Closing a month on its page: the checklist, words for what needs them, signatures, editions."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pandas as pd
import streamlit as st

from kpi_engine.actors import Actor
from kpi_engine.periods import month_label
from kpi_engine.services import actions, checklist, closing
from kpi_engine.services.actions import Action
from kpi_engine.services.checklist import Close, Demand
from kpi_engine.services.editions import Edition, Restated
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.terms import Cause, Side
from kpi_engine.units import lower_first
from kpi_engine.words import closing as words
from kpi_engine.words.outcome import headline
from kpi_engine.workspace import Workspace
from pages.ui.badges import status_badge
from pages.ui.estimating import note_estimates
from pages.ui.filters import asked_in_vain
from pages.ui.lines import line_with_button
from pages.ui.messages import told
from pages.ui.reads import read_decisions
from pages.ui.resources import today_of
from pages.ui.states import REVIEW, SCORECARD
from pages.ui.text import DATES, esc, esc_bold

_DAYS_TO_ACT = 14


def show_checklist(close: Close) -> None:
    """What is open, and what is done."""
    st.subheader("Before it is published", anchor=False)
    st.markdown("  \n".join(esc(words.point_text(one)) for one in close.points))


def show_demands(ws: Workspace, close: Close, *, actor: Actor) -> None:
    """Outcomes that need words, each with what was said and the way to say it."""
    if not close.demands:
        return
    st.subheader("Why, and what will be done", anchor=False)
    currency = ws.catalogue.organisation.currency
    for one in close.demands:
        with line_with_button(f"say-{_id(one)}"):
            st.markdown("  \n".join(_lines(one, currency)))
            label = "Change" if one.comment else "Say why"
            if not close.is_closed and st.button(label, key=f"say-why-{_id(one)}"):
                _say_why(ws, close, one, actor)


def _lines(one: Demand, currency: str) -> Iterator[str]:
    badge = status_badge(one.row.outcome.judgement.status)
    yield f"**{esc(one.row.outcome.label)}** {badge}"
    yield f":small[:gray[{esc(headline(one.row, currency=currency))}]]"
    if one.comment:
        yield esc(words.comment_text(one.comment))
    elif one.earlier:
        yield f":small[:gray[{esc(f'Said before: {words.comment_text(one.earlier)}')}]]"


@st.dialog("Why, and what will be done")
def _say_why(ws: Workspace, close: Close, one: Demand, actor: Actor) -> None:
    outcome = one.row.outcome
    before = one.comment or one.earlier
    st.markdown(f"**{esc(outcome.label)}**, {month_label(close.month)}")
    causes = list(Cause)
    cause = st.selectbox(
        "Cause",
        causes,
        index=causes.index(before.cause) if before else None,
        format_func=words.CAUSE.__getitem__,
        placeholder="Choose a kind",
    )
    text = st.text_area("What happened", before.text if before else "")
    action = st.text_input("What will be done", before.action if before else "")
    who = before.owner if before else ""
    known = [outcome.metric.owners.business, outcome.metric.owners.it, *([who] if who else [])]
    names = list(dict.fromkeys(known))
    owner = st.selectbox(
        "Who does it",
        names,
        index=names.index(who) if who else None,
        accept_new_options=True,
        placeholder="Choose, or type a name",
    )
    today = today_of(ws)
    due = st.date_input(
        "By when", (before and before.due) or today + timedelta(_DAYS_TO_ACT), format=DATES
    )
    if one.comment and st.button("Take it back"):
        with told():
            closing.withdraw(ws, close.month, outcome.metric.id, actor=actor, now=datetime.now(UTC))
            st.rerun()
    if not st.button("Save", type="primary"):
        return
    if cause is None:
        st.error("**No cause chosen.** Choose the kind that fits best.", icon=None)
        return
    with told():
        closing.comment(
            ws,
            close.month,
            outcome.metric.id,
            cause=cause,
            text=text,
            action=action,
            owner=owner or "",
            due=due if action.strip() else None,
            actor=actor,
            now=datetime.now(UTC),
        )
        st.rerun()


def show_actions(ws: Workspace, found: Sequence[Action], *, actor: Actor) -> None:
    """What was agreed and is not done yet, each with the way to say that it is."""
    if not found:
        return
    st.subheader("Who does what", anchor=False)
    st.caption(esc(words.actions_text(found)))
    for one in found:
        with line_with_button(f"action-{one.key.replace('.', '-').replace(':', '-')}"):
            st.markdown(esc(words.action_text(one)))
            if st.button("Done", key=f"done-{one.key}", type="tertiary"):
                with told():
                    actions.finish(ws, one.key, actor=actor, now=datetime.now(UTC))
                    st.rerun()


def note_decisions(ws: Workspace, card: Scorecard) -> None:
    """What has to be decided and what is being done, in one line with the way there."""
    found = read_decisions(ws, month=card.month, today=today_of(ws))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(esc_bold(words.decisions_text(found, emphasis=True)), width="content")
        month = f"{card.month:%Y-%m}"
        st.page_link(REVIEW, label="Review the month", query_params={"month": month})


def show_signatures(ws: Workspace, close: Close, *, actor: Actor) -> None:
    """Who has signed, and the way to sign; once both have, the way to publish."""
    zone = ws.catalogue.organisation.zone
    st.subheader("Signatures", anchor=False)
    given = [f"{words.DONE} {words.signature_text(one, zone)}" for one in close.signatures]
    void = [f"{words.OPEN} {words.void_text(one, zone)}" for one in close.void]
    if given or void:
        st.markdown("  \n".join(esc(line) for line in [*given, *void]))
    if close.is_closed:
        return
    with st.container(horizontal=True, key="signing"):
        for side in close.unsigned:
            if st.button(f"Sign for {words.SIDE[side]}", disabled=bool(close.blocking)):
                _sign(ws, close, side, actor)
        is_ready = not close.blocking and not close.unsigned
        label = f"Publish edition {close.edition}"
        if st.button(label, type="primary", disabled=not is_ready):
            with told():
                closing.publish(ws, close.month, actor=actor, now=datetime.now(UTC))
                st.rerun()
    st.caption(esc(words.waits_text(close)))


@st.dialog("Sign this month")
def _sign(ws: Workspace, close: Close, side: Side, actor: Actor) -> None:
    st.markdown(
        f"You sign {month_label(close.month)} for {words.SIDE[side]}: its figures, targets, "
        "statuses and comments as they stand. If any of them changes, the signature is void."
    )
    for one in close.points:
        if not one.is_done:
            st.markdown(esc(words.point_text(one)))
    name = st.selectbox(
        "Who signs",
        checklist.owners(ws.catalogue, side),
        index=None,
        placeholder="An owner of this side",
    )
    if not st.button("Sign", type="primary"):
        return
    if name is None:
        st.error("**No name chosen.** Choose who signs.", icon=None)
        return
    with told():
        closing.sign(
            ws,
            close.month,
            side,
            name=name,
            seen=close.seal,
            actor=actor,
            now=datetime.now(UTC),
        )
        st.rerun()


def show_editions(
    ws: Workspace, close: Close, restated: tuple[Restated, ...], *, actor: Actor
) -> None:
    """What was published, what has changed since, and the way to open the month again."""
    if not close.published:
        return
    zone = ws.catalogue.organisation.zone
    st.subheader("Editions", anchor=False)
    for one in close.published[::-1]:
        month = f"{close.month:%Y-%m}"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(esc(words.published_text(one, zone)), width="content")
            st.page_link(
                SCORECARD,
                label=f"Read edition {one.number}",
                query_params={"month": month, "edition": str(one.number)},
            )
    show_restated(restated, currency=ws.catalogue.organisation.currency)
    if close.is_closed and st.button("Open the month again"):
        _reopen(ws, close, actor)


def show_restated(found: tuple[Restated, ...], *, currency: str) -> None:
    """What is another now than in the newest edition."""
    st.markdown(esc(f"Since the newest edition: {lower_first(words.restated_text(found))}"))
    if found:
        _table(found, currency=currency)


@st.dialog("Open the month again")
def _reopen(ws: Workspace, close: Close, actor: Actor) -> None:
    number = close.published[-1].number
    st.markdown(
        f"Edition {number} stays as it is and can always be read. Another edition can then be "
        "signed and published; your reason stands on it."
    )
    reason = st.text_area("Why")
    if st.button("Open again", type="primary"):
        with told():
            closing.reopen(ws, close.month, reason=reason, actor=actor, now=datetime.now(UTC))
            st.rerun()


def note_edition(
    ws: Workspace,
    edition: Edition | None,
    restated: tuple[Restated, ...],
    *,
    newest: int | None,
) -> None:
    """Above the figures: whether they are complete, which edition they are, what changed since."""
    if edition is None:
        note_estimates(ws)
    if newest is None:
        return
    if missing := asked_in_vain("edition"):
        shown = f"edition {edition.number}" if edition else "the latest"
        st.info(
            f"**The link asks for edition {esc(missing)}, which is not here.** Shown is {shown}.",
            icon=None,
        )
    if edition is None:
        st.markdown(f":gray-badge[Latest] Published as edition {newest}.")
    else:
        said = words.edition_text(edition, edition.card.organisation.zone)
        if edition.number < newest:
            said = f"{said} Edition {newest} has replaced it."
        st.markdown(f":blue-badge[As published] {esc(said)}")
    if not restated:
        return
    since = edition.number if edition else newest
    with st.expander(f"Since edition {since}: {esc(lower_first(words.restated_text(restated)))}"):
        _table(restated, currency=ws.catalogue.organisation.currency)


def _table(found: tuple[Restated, ...], *, currency: str) -> None:
    rows = [words.restated_row(one, currency=currency) for one in found]
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt="Figures that are another now")


def _id(one: Demand) -> str:
    return one.row.outcome.metric.id.replace(".", "-")
