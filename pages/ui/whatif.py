"""What if: sliders for the drivers whose effect is known, and what the outcome would be."""

import streamlit as st

from kpi_engine.charts.whatif import settings_chart, tornado_chart
from kpi_engine.services.levers import Lever
from kpi_engine.services.whatif import Setting
from kpi_engine.terms import Unit
from kpi_engine.units import axis_parts
from kpi_engine.words import whatif as words
from pages.ui.messages import told
from pages.ui.text import esc, esc_bold

_BEYOND = 0.25
"""So much of the range that was seen a slider goes beyond either end."""
_STEPS = 120


@st.fragment
def show_whatif(setting: Setting) -> None:
    """Sliders on the left; sentence, chart and what the range comes from on the right."""
    st.subheader("What if", anchor=False)
    currency = setting.catalogue.organisation.currency
    levers = setting.levers
    if not levers:
        st.markdown(
            "**Nothing can be turned here yet.** No linked measure has an effect that is known: "
            "counted from events, or seen in own data."
        )
        return
    left, right = st.columns([9, 11], gap="large")
    with left:
        changes = {lever.link.id: _slider(lever, setting) for lever in levers}
        st.caption(esc(words.now_and_seen(levers, currency=currency)))
    with right, told():
        found = setting.simulate(changes)
        st.markdown(esc_bold(words.sentence(found, currency=currency)))
        for warning in words.warnings(found, currency=currency):
            st.warning(esc(warning), icon=None)
        if found.parts:
            chart = settings_chart(found, currency=currency)
            st.altair_chart(chart, theme=None, alt=words.sentence(found, currency=currency))
        if len(found.swings) > 1:
            told_most = words.narrows_most(found, currency=currency)
            st.markdown(f"**Where the range comes from.** {esc(told_most)}")
            st.altair_chart(
                tornado_chart(found, currency=currency),
                theme=None,
                alt="How far each unknown by itself moves the result",
            )
        rest = words.not_counted(found)
        if rest:
            st.caption(esc(rest))


def _slider(lever: Lever, setting: Setting) -> float:
    """A lever in the unit people read; untouched it stays exactly where it is."""
    before, factor, behind = axis_parts(
        lever.unit, currency=setting.catalogue.organisation.currency
    )
    low, high = (end * factor for end in lever.seen)
    now = lever.now * factor
    # A first month has seen one value only: a step to either side is something to turn.
    reach = (high - low) * _BEYOND or lever.step * factor
    bottom, top = max(0.0, min(low - reach, now)), max(high + reach, now)
    if lever.unit is Unit.PERCENT:
        top = min(top, factor)
    size = (top - bottom) / _STEPS or 1.0
    month = f"{setting.found.month:%Y-%m}"
    unit = before or behind.strip()
    said = f", {unit}" if unit and not lever.label.startswith("Minutes") else ""
    value = st.slider(
        esc(f"{lever.label}{said}"),
        min_value=float(bottom),
        max_value=float(top),
        value=float(now),
        step=float(size),
        format=f"%.{max(lever.decimals, _digits(size))}f",
        key=f"whatif-{lever.link.id}-{month}",
    )
    return lever.now if abs(value - now) < size / 2 else value / factor


def _digits(size: float) -> int:
    digits = 0
    while digits < 4 and size < 0.5 * 10.0**-digits:
        digits += 1
    return digits
