"""What is asked on Explore: every choice is in the address, as ids and dates, never as a label."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.periods import last_day, month_label, month_of, months_between, parse_month
from kpi_engine.services import steps
from kpi_engine.terms import Comparison, Grain, Side
from kpi_engine.words.explore import COMPARED, GRAINS
from pages.ui.filters import asked_in_vain, closest, from_url, note_asked, to_url
from pages.ui.text import esc

TOGETHER, SLICES, LIMITS, ROWS = "together", "slices", "limits", "rows"
LOOKS = {
    TOGETHER: "Side by side",
    SLICES: "By segment",
    LIMITS: "Usual range",
    ROWS: "Rows behind a number",
}
NONE = "none"
MOST_MEASURES = 6
_MONTHS_IN = {Grain.DAY: 3, Grain.WEEK: 24, Grain.MONTH: 36, Grain.QUARTER: 36, Grain.YEAR: 120}
"""Months shown at each grain unless somebody says otherwise."""


@dataclass(frozen=True, kw_only=True)
class Time:
    """The periods that are asked for."""

    grain: Grain
    first: date
    last: date

    @property
    def between(self) -> tuple[date, date]:
        """First and last day."""
        return self.first, self.last


def pick_look() -> str:
    """Which way to look."""
    return _segments("look", "Way to look", LOOKS, label_hidden=True)


def pick_time(
    months: Sequence[date],
    *,
    grains: Sequence[Grain] = tuple(Grain),
    usual: Grain = Grain.MONTH,
) -> Time:
    """Grain and period; a new grain shows as much as is usual for it.

    Args:
        months: Those with data, oldest first.
        grains: Those offered.
        usual: The one to begin with.
    """
    names = {grain.value: GRAINS[grain][0].capitalize() for grain in grains}
    grain = Grain(_segments("grain", "Grain", names, default=usual.value))
    options = [f"{month:%Y-%m}" for month in months_between(months[0], months[-1])]
    whole = options[-_MONTHS_IN[grain] :][0], options[-1]
    was = st.session_state.get("_grain_of_period", grain.value)
    kept = st.session_state.get("period", whole) if was == grain.value else whole
    wanted = _asked_period(options) or kept
    is_there = all(one in options for one in wanted)
    st.session_state["period"] = tuple(wanted) if is_there else whole
    st.session_state["_grain_of_period"] = grain.value
    ends: Any = st.select_slider(
        "Period",
        options,
        value=whole,  # two ends: without them the browser's answer is read as one
        key="period",
        format_func=lambda key: month_label(parse_month(key), short=True),
        width=300,
    )
    first, last = ends
    st.session_state.update({"from": first, "to": last})
    shown = [month_label(parse_month(end), short=True) for end in ends]
    note_in_vain("period", " to ".join(shown))
    return Time(grain=grain, first=parse_month(first), last=last_day(parse_month(last)))


def _asked_period(options: Sequence[str]) -> tuple[str, str] | None:
    """Ends that a link asks for anew, as far as they are here; what is not is said."""
    asked = st.query_params.get("from", ""), st.query_params.get("to", "")
    if asked in {("", ""), (st.session_state.get("_from"), st.session_state.get("_to"))}:
        return None
    first, last = asked[0] or options[0], asked[1] or options[-1]
    if first in options and last in options:
        return min(first, last), max(first, last)
    note_asked("period", " to ".join(one for one in asked if one))
    return None


def pick_one(key: str, label: str, metrics: Sequence[Metric], *, default: str = "") -> Metric:
    """One measure."""
    known = {metric.id: metric for metric in metrics}
    first = default if default in known else next(iter(known))
    labels = {one.id: one.label for one in metrics}
    return known[select(key, label, labels, default=first, has_names=True)]


def pick_several(metrics: Sequence[Metric], *, default: Sequence[str]) -> list[Metric]:
    """Several measures, in the order in which they were picked.

    The two that are compared beside them follow, where they are not among those picked.
    """
    known = {metric.id: metric for metric in metrics}
    asked, seen = st.query_params.get("measures"), st.session_state.get("_measures")
    if asked is not None and asked != seen:
        named = [name for name in asked.split(",") if name]
        st.session_state["measures_picked"] = [one for one in named if one in known][:MOST_MEASURES]
        if absent := [name for name in named if name not in known]:
            note_asked("measures", ", ".join(absent))
    kept = st.session_state.get("measures_picked", default)
    st.session_state["measures_picked"] = [name for name in kept if name in known]
    names: list[str] = st.multiselect(
        "Measures",
        list(known),
        key="measures_picked",
        format_func=lambda name: known[name].label,
        max_selections=MOST_MEASURES,
        placeholder=f"Choose up to {MOST_MEASURES} measures",
        on_change=_pair_up,
        args=(known,),
    )
    st.session_state["measures"] = ",".join(names)
    note_in_vain("measures", ", ".join(known[name].label for name in names) or "no measure")
    return [known[name] for name in names]


def _pair_up(known: Mapping[str, Metric]) -> None:
    names: list[str] = st.session_state["measures_picked"]
    for key, is_it in (("driver", True), ("follower", False)):
        of_that_side = [name for name in names if (known[name].side is Side.IT) is is_it]
        if of_that_side and st.session_state.get(key) not in names:
            st.session_state[key] = of_that_side[0]


def pick_by(choices: Mapping[str, Sequence[str]]) -> str | None:
    """The dimension to slice by."""
    options = {NONE: "The whole alone"} | {name: name.capitalize() for name in choices}
    default = next(iter(choices), NONE)
    chosen = select("by", "By", options, default=default)
    return None if chosen == NONE else chosen


def pick_only(choices: Mapping[str, Sequence[str]], *, by: str | None = None) -> dict[str, str]:
    """A member to look at alone; those of the dimension sliced by are left out."""
    pairs = [(name, member) for name, of in choices.items() if name != by for member in of]
    options = {NONE: "All"} | {f"{name}={member}": member for name, member in pairs}
    chosen = select("only", "Only", options)
    if chosen == NONE:
        return {}
    name, _, member = chosen.partition("=")
    return {name: member}


def pick_compare() -> Comparison | None:
    """What a line is laid over."""
    options = {NONE: "Nothing"} | {one.value: COMPARED[one] for one in Comparison}
    chosen = select("compare", "Laid over", options)
    return None if chosen == NONE else Comparison(chosen)


def pick_unit() -> bool:
    """Whether series start at 100 instead of standing in their own unit."""
    names = {"own": "In its own unit", "index": "Start = 100"}
    return _segments("unit", "Show", names) == "index"


def pick_period(label: Callable[[date], str], periods: Sequence[date], *, default: date) -> date:
    """One period, the newest first."""
    options = {one.isoformat(): label(one) for one in reversed(periods)}
    return date.fromisoformat(select("at", "Period", options, default=default.isoformat()))


def select(
    key: str,
    label: str,
    options: Mapping[str, str],
    *,
    default: str = "",
    has_names: bool = False,
) -> str:
    """One of several, by its id; it stays in the address.

    Args:
        key: In the address.
        label: Above the list.
        options: By id.
        default: The id to begin with; the first without one.
        has_names: Ids are names: one that is misspelt is close to the one that is meant.
    """
    from_url(key, list(options), default=default or next(iter(options)))
    chosen = st.selectbox(
        label, list(options), key=key, format_func=options.__getitem__, width="stretch"
    )
    note_in_vain(key, options[chosen], labels=options if has_names else None)
    return chosen


def keep(*keys: str) -> None:
    """After all choices: write those of this way to look into the address."""
    to_url("look", *keys, without=set(_ALL) - {"look", *keys})
    st.session_state[_ADDRESS] = {key: st.session_state[key] for key in ("look", *keys)}


def address() -> str:
    """What is chosen, whole, as the part of a link behind its question mark."""
    return urlencode(st.session_state[_ADDRESS])


_ADDRESS = "_explored"
_ALL = (
    *("look", "metric", "by", "only", "grain", "from", "to", "compare", "measures", "unit"),
    *("driver", "follower", "lag", "window", "at", "limits"),
)


def _segments(
    key: str,
    label: str,
    options: Mapping[str, str],
    *,
    default: str = "",
    label_hidden: bool = False,
) -> str:
    from_url(key, list(options), default=default or next(iter(options)))
    chosen = st.segmented_control(
        label,
        list(options),
        key=key,
        format_func=options.__getitem__,
        required=True,
        label_visibility="collapsed" if label_hidden else "visible",
    )
    note_in_vain(key, options[chosen or next(iter(options))])
    return chosen or next(iter(options))


def note_in_vain(key: str, shown: str, *, labels: Mapping[str, str] | None = None) -> None:
    """Say what a link asks for that is not here, so that nobody takes another number for it.

    Args:
        key: Of the address.
        shown: What is shown instead, as people call it.
        labels: What there is, by id.
    """
    if asked := asked_in_vain(key):
        said = f"{closest(asked, labels or {})} Shown is {shown}.".strip()
        st.info(f"**The link asks for {esc(asked)}, which is not here.** {esc(said)}", icon=None)


def earliest(grain: Grain, last: date) -> date:
    """From when on periods are offered: a list of thousands is no choice."""
    return steps.moved(month_of(last), Grain.MONTH, -_MONTHS_IN[grain])
