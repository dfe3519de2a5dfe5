"""Filters that live in the address, so that every view is a link.

`bind="query-params"` stores the label and drops the default, so a shared link would change its
meaning next month. Months and ids use the pair below; view toggles may bind.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from difflib import get_close_matches

import streamlit as st

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.periods import month_label

ALL, LATEST = "all", "latest"
_HERE, _BEFORE = "_page_here", "_page_before"
_MOST_SAID = 80
"""Letters of what an address asks for that are said again."""
IN_VAIN = "_asked_in_vain"
"""What an address asked for that is not there, by key; said once, by the page."""


def from_url(key: str, options: Sequence[str], *, default: str) -> None:
    """Before the widget: take over what the address says, else what this session chose last.

    The value is set in every run: the same key on another page is another widget to Streamlit,
    which would start from its first option.
    """
    asked, seen = st.query_params.get(key) or None, st.session_state.get(f"_{key}")
    if asked is not None and asked not in options and asked != seen:
        note_asked(key, asked)
    wanted = asked if asked != seen else None
    candidates = (wanted, st.session_state.get(key), seen)
    st.session_state[key] = next((one for one in candidates if one in options), default)


def note_asked(key: str, what: str) -> None:
    """Keep what an address asks for that is not there, until the page says so."""
    st.session_state.setdefault(IN_VAIN, {})[key] = shortened(what, _MOST_SAID)


def shortened(text: str, most: int) -> str:
    """With an ellipsis in place of what is more than so many letters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def asked_in_vain(key: str) -> str | None:
    """What the address asked for under ``key`` that is not there; None also when asked again."""
    asked: dict[str, str] = st.session_state.get(IN_VAIN, {})
    return asked.pop(key, None)


def closest(asked: str, labels: Mapping[str, str]) -> str:
    """A sentence on what an id that is not there may have meant; empty where nothing is close."""
    close = get_close_matches(asked, labels, n=1, cutoff=0.8)
    return f"Closest to it is {labels[close[0]]}." if close else ""


def arrive(page: str) -> None:
    """Before a page runs: note which one it is, and which one ran before it."""
    st.session_state[_BEFORE] = st.session_state.get(_HERE)
    st.session_state[_HERE] = page


def to_url(*keys: str, without: Collection[str] = ()) -> None:
    """After all widgets, once: write what is shown into the address, and leave some of it out.

    Each write is an entry in the browser's history. Whoever goes back to the entry before it, to
    the same page with less in its address, wants to go further back: nothing is written.
    """
    shown = {key: st.session_state[key] for key in keys}
    seen = {key: st.session_state.get(f"_{key}") for key in keys}
    address = {key: st.query_params.get(key) for key in keys}
    was_here = st.session_state.get(_BEFORE) == st.session_state.get(_HERE)
    is_less = None in address.values() and all(address[k] in (None, shown[k]) for k in keys)
    goes_back = was_here and shown == seen and is_less
    st.session_state.update({f"_{key}": value for key, value in shown.items()})
    before = st.query_params.to_dict()
    after = {key: value for key, value in before.items() if key not in without} | shown
    if after != before and not goes_back:
        st.query_params.from_dict(after)


def pick_month(months: Sequence[date], open_months: Sequence[date] = ()) -> date:
    """The month to look at, newest first; kept over pages.

    Args:
        months: At least one; the first is what a page opens on.
        open_months: Those after them of which some data are in.
    """
    options = {f"{month:%Y-%m}": month for month in (*open_months, *months)}
    newest = f"{months[0]:%Y-%m}"
    from_url("month", list(options), default=newest)
    marks = {newest: " (latest)"} | {f"{month:%Y-%m}": " (so far)" for month in open_months}
    chosen = st.selectbox(
        "Month",
        list(options),
        key="month",
        label_visibility="collapsed",
        width=220,
        format_func=lambda key: month_label(options[key]) + marks.get(key, ""),
    )
    return options[chosen]


def pick_edition(month: date, newest: int | None) -> int | None:
    """Which edition of a month to read; None for its latest figures.

    A number holds for the month it was picked in, as long as no newer edition comes; what is kept
    beyond that is whether somebody reads what was published or the latest.

    Args:
        month: Its first day.
        newest: The number of its newest edition; None where it was never published.
    """
    if newest is None:
        st.query_params.pop("edition", None)
        return None
    numbers = {str(number): f"Edition {number}" for number in range(newest, 0, -1)}
    options = numbers | {str(newest): "As published", LATEST: "Latest"}
    here = f"{month:%Y-%m}, {newest}"
    asked, seen = st.query_params.get("edition"), st.session_state.get("_edition")
    if st.session_state.get("_edition_here", here) != here and asked == seen:
        kept = LATEST if seen == LATEST else str(newest)
        st.session_state.update(edition=kept, _edition=kept)
        st.query_params["edition"] = kept
    st.session_state["_edition_here"] = here
    from_url("edition", list(options), default=str(newest))
    chosen = st.segmented_control(
        "Figures",
        list(options),
        key="edition",
        label_visibility="collapsed",
        required=True,
        format_func=options.__getitem__,
    )
    to_url("edition")
    return None if chosen == LATEST else int(chosen or newest)


def pick_outcome(outcomes: Sequence[Metric]) -> Metric:
    """The outcome to look at, in the order of the scorecard; kept over pages.

    Args:
        outcomes: At least one.
    """
    return _pick_metric("outcome", "Outcome", outcomes)


def pick_view(views: Sequence[str]) -> str:
    """Which side of a page to show; it stands in the address.

    Args:
        views: At least two; the first is the default.
    """
    chosen = st.segmented_control(
        "View",
        views,
        default=views[0],
        key="view",
        label_visibility="collapsed",
        bind="query-params",
        required=True,
    )
    return chosen or views[0]


def pick_metric(metrics: Sequence[Metric]) -> Metric:
    """Any measure of the catalogue.

    Args:
        metrics: At least one.
    """
    return _pick_metric("metric", "Measure", metrics)


def pick_into(outcomes: Sequence[Metric]) -> str | None:
    """Outcome whose links are looked at, by its id; None for all."""
    options = {ALL: "All outcomes"} | {metric.id: metric.label for metric in outcomes}
    chosen = _pick("into", "Outcome", options)
    return None if chosen == ALL else chosen


def pick_evidence(words: Sequence[str]) -> str | None:
    """Evidence word that is looked at; None for all."""
    options = {ALL: "All evidence"} | {word: f"{word.capitalize()} evidence" for word in words}
    chosen = _pick("evidence", "Evidence", options, width=220)
    return None if chosen == ALL else chosen


def _pick_metric(key: str, label: str, metrics: Sequence[Metric]) -> Metric:
    options = {metric.id: metric for metric in metrics}
    return options[_pick(key, label, {one.id: one.label for one in metrics})]


def _pick(key: str, label: str, options: Mapping[str, str], *, width: int = 320) -> str:
    """One of several, by key; the first unless the address or the session says otherwise."""
    from_url(key, list(options), default=next(iter(options)))
    return st.selectbox(
        label,
        list(options),
        key=key,
        label_visibility="collapsed",
        width=width,
        format_func=options.__getitem__,
    )
