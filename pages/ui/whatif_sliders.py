"""A slider for each driver that can be turned; all settings together stand in the address."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from kpi_engine.services.levers import Lever
from kpi_engine.services.whatif import Setting
from kpi_engine.units import axis_parts
from pages.ui.text import esc

_BEYOND = 0.25
"""So much of the range that was seen a slider goes beyond either end."""
_STEPS = 120
SET = "set"
_DIGITS = 6


@dataclass(frozen=True, kw_only=True)
class Slider:
    """One lever as it is shown.

    Attributes:
        factor: From the lever's unit to the one people read.
        bottom: In the unit people read, as ``top`` and ``step``.
    """

    lever: Lever
    key: str
    label: str
    factor: float
    bottom: float
    top: float
    step: float

    @classmethod
    def of(cls, lever: Lever, setting: Setting) -> "Slider":
        """From nothing to the most, as far as it was seen and a little beyond."""
        currency = setting.catalogue.organisation.currency
        before, factor, behind = axis_parts(lever.unit, currency=currency)
        low, high = (end * factor for end in lever.seen)
        # A first month has seen one value only: a step to either side is something to turn.
        reach = (high - low) * _BEYOND or lever.step * factor
        key = key_of(lever, setting)
        now = lever.now * factor
        here = [now, *(float(st.session_state.get(name, now)) for name in (key, _asked(key)))]
        least, most = (end * factor for end in lever.ends)
        bottom, top = max(least, min(low - reach, *here)), min(most, max(high + reach, *here))
        step = (top - bottom) / _STEPS or 1.0
        if lever.decimals == 0 and float(lever.now * factor).is_integer():
            # Of whole things there are no fractions.
            bottom, top, step = math.floor(bottom), math.ceil(top), max(1, round(step))
        unit = before or behind.strip()
        said = f", {unit}" if unit and not lever.label.startswith("Minutes") else ""
        return cls(
            lever=lever,
            key=key,
            label=f"{lever.label}{said}",
            factor=factor,
            bottom=float(bottom),
            top=float(top),
            step=float(step),
        )

    def show(self) -> float:
        """Draw it, grey where nothing like it was ever seen; the setting, in the lever's unit."""
        lever = self.lever
        now = lever.now * self.factor
        st.session_state.setdefault(self.key, now)
        shown = float(st.session_state[self.key])
        is_seen = lever.is_seen(shown / self.factor) or abs(shown - now) < self.step / 2
        # Its key stays: under another one the slider would be drawn anew while it is being turned.
        with st.container(key=f"lever-{lever.link.id}", gap=None):
            value = st.slider(
                esc(self.label),
                min_value=self.bottom,
                max_value=self.top,
                step=self.step,
                format=f"%.{max(lever.decimals, _digits(self.step))}f",
                key=self.key,
            )
            st.html(self._seen_strip(is_beyond=not is_seen))
        return lever.now if abs(value - now) < self.step / 2 else value / self.factor

    def _seen_strip(self, *, is_beyond: bool) -> str:
        """Where on the slider it ever was; the caption says the same in words."""
        width = (self.top - self.bottom) or 1.0
        low, high = (
            min(100.0, max(0.0, (end * self.factor - self.bottom) / width * 100))
            for end in self.lever.reach
        )
        left, right = f"{low:.1f}%", f"{100 - high:.1f}%"
        name = "pl-seen is-beyond" if is_beyond else "pl-seen"
        return (
            f'<div class="{name}" aria-hidden="true">'
            f'<span style="left:{left};right:{right}"></span></div>'
        )


def show_sliders(setting: Setting) -> dict[str, float]:
    """All of them; the settings by link id, each in its lever's unit."""
    _from_address(setting)
    changes = {lever.link.id: Slider.of(lever, setting).show() for lever in setting.levers}
    _to_address(setting, changes)
    return changes


def set_so(setting: Setting, lever: Lever, value: float) -> None:
    """Before the next run: put one slider where it should be."""
    _, factor, _ = axis_parts(lever.unit, currency=setting.catalogue.organisation.currency)
    key = key_of(lever, setting)
    st.session_state[key] = st.session_state[_asked(key)] = value * factor


def key_of(lever: Lever, setting: Setting) -> str:
    """Of a slider: another month is another slider."""
    return f"whatif-{lever.link.id}-{setting.found.month:%Y-%m}"


def _asked(key: str) -> str:
    """Where it stands what a slider was put to, by a link or a goal: its ends stay as far apart."""
    return f"{key}-asked"


def _from_address(setting: Setting) -> None:
    """Take over settings that a link asks for, once; what cannot be is said."""
    asked = st.query_params.get(SET, "")
    # A page that was left and opened again has forgotten its sliders, not what its address sets.
    is_fresh = not any(key_of(lever, setting) in st.session_state for lever in setting.levers)
    if not is_fresh and asked == st.session_state.get(f"_{SET}", ""):
        return
    levers = {lever.link.id: lever for lever in setting.levers}
    in_vain = []
    for part in filter(None, asked.split(",")):
        name, _, text = part.partition(":")
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if name in levers and levers[name].can_be(value):
            set_so(setting, levers[name], value)
        else:
            in_vain.append(part)
    if in_vain:
        said = f"**The link asks for {esc(', '.join(in_vain))}, which cannot be set here.**"
        st.info(said, icon=None)


def _to_address(setting: Setting, changes: Mapping[str, float]) -> None:
    now = {lever.link.id: lever.now for lever in setting.levers}
    text = ",".join(
        f"{name}:{_exact(value)}" for name, value in changes.items() if value != now[name]
    )
    st.session_state[f"_{SET}"] = text
    if not text:
        st.query_params.pop(SET, None)
    elif st.query_params.get(SET) != text:
        st.query_params[SET] = text


def _exact(value: float) -> str:
    """In as few digits as bring it back: a value that just reaches a goal has to reach it again."""
    short = f"{value:.{_DIGITS}g}"
    return short if float(short) == value else repr(value)


def _digits(size: float) -> int:
    digits = 0
    while digits < 4 and size < 0.5 * 10.0**-digits:
        digits += 1
    return digits
