"""What has changed since somebody was last told, on the review page."""

from datetime import UTC, datetime, timedelta

import streamlit as st

from kpi_engine.actors import Actor
from kpi_engine.services import alerts as service
from kpi_engine.services.alerts import Alert, Alerts
from kpi_engine.services.delivery import to_file, to_people
from kpi_engine.words import alerts as words
from kpi_engine.workspace import Workspace
from pages.ui.lines import line_with_button
from pages.ui.messages import told
from pages.ui.resources import notify_addresses, today_of
from pages.ui.text import DATES, esc

_DAYS = 30


def show_alerts(ws: Workspace, found: Alerts, *, actor: Actor) -> None:
    """Every open alert, the new ones marked, each with the way to put it off; and the digest."""
    st.subheader("What has changed since the last digest", anchor=False)
    currency = ws.catalogue.organisation.currency
    new = {one.key for one in found.new}
    if not found.open:
        st.markdown("Nothing.")
    for place, one in enumerate(words.by_weight(found.open)):
        with line_with_button(f"alert-{place}"):
            mark = ":blue-badge[New] " if one.key in new else ""
            kind = f":small[:gray[{esc(words.KIND[one.kind])}]]"
            st.markdown(f"{mark}{esc(words.sentence(one, currency=currency))} {kind}")
            if st.button("Put off", key=f"put-off-{place}", type="tertiary"):
                _put_off(ws, found, one, actor)
    if found.snoozed:
        put_off = [words.put_off(one, currency=currency) for one in found.snoozed]
        st.caption("  \n".join(esc(line) for line in put_off))
    if st.button("Send the digest", disabled=not found.new):
        _send(ws, found, actor=actor)


@st.dialog("Put off")
def _put_off(ws: Workspace, found: Alerts, one: Alert, actor: Actor) -> None:
    st.markdown(esc(words.sentence(one, currency=ws.catalogue.organisation.currency)))
    today = today_of(ws)
    until = st.date_input(
        "Until", today + timedelta(_DAYS), min_value=today + timedelta(1), format=DATES
    )
    reason = st.text_area("Why")
    if st.button("Put off", type="primary"):
        with told():
            service.snooze(
                ws,
                found,
                one.key,
                until=until,
                reason=reason,
                actor=actor,
                today=today,
                now=datetime.now(UTC),
            )
            st.rerun()


def _send(ws: Workspace, found: Alerts, *, actor: Actor) -> None:
    now = datetime.now(UTC)

    def deliver(text: str) -> None:
        to_file(ws.outbox_folder, text=text, now=now)
        to_people(notify_addresses(), title=words.title(found), text=text)

    with told():
        text = words.digest(found, currency=ws.catalogue.organisation.currency)
        service.tell(ws, found, text=text, actor=actor, now=now, deliver=deliver)
        st.rerun()
