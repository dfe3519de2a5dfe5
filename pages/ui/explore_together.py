"""Measures below each other, and two of them side by side at every delay."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

import streamlit as st
from altair import LayerChart, VConcatChart

from kpi_engine.charts.explore import WINDOW, Row, multiples_chart
from kpi_engine.charts.theme import stacked_chart
from kpi_engine.charts.together import lags_chart, scatter_chart
from kpi_engine.errors import NotAnswerableError
from kpi_engine.mapping.contribution import DatedEvent
from kpi_engine.render.documents.explored import Seen, answer_table, pair_tables
from kpi_engine.services.explored import Answer
from kpi_engine.services.pairs import MOST_LAGS, Pair, Segment
from kpi_engine.terms import Grain
from kpi_engine.words import explore as words
from kpi_engine.words import together as pair_words
from kpi_engine.workspace import Workspace
from pages.ui import explore_ask as ask
from pages.ui.explore_reads import (
    read_answer,
    read_events,
    read_measures,
    read_pair,
    read_segments,
    read_standing,
)
from pages.ui.explore_views import asked, known_grains, usual_measures
from pages.ui.filters import note_asked, to_url
from pages.ui.messages import explained
from pages.ui.text import esc, esc_bold

_LONG_ENOUGH = (Grain.DAY, Grain.WEEK, Grain.MONTH)


def show_together(ws: Workspace, months: list[date]) -> Seen:
    """Small multiples with one brush on the left; delays and pairs of what it selects right."""
    metrics = read_measures(ws)
    driver, outcome, several = usual_measures(ws, metrics)
    picked = ask.pick_several(metrics, default=several)
    with st.container(horizontal=True, key="ask-when", gap="large"):
        time = ask.pick_time(months, grains=_LONG_ENOUGH, usual=Grain.WEEK)
        is_index = ask.pick_unit()
    left, right = st.columns([11, 9], gap="large")
    with right, st.container(horizontal=True):
        one = ask.pick_one("driver", "May come first", metrics, default=driver)
        others = [metric for metric in metrics if metric.id != one.id] or metrics
        other = ask.pick_one("follower", "May follow", others, default=outcome)
    segments = dict(zip((one.id, other.id), read_segments(ws, one.id, other.id), strict=True))
    with left:
        answers = _answers(ws, [metric.id for metric in picked], time, segments)
        events = read_events(ws, time.between) if answers else ()
        window, lines = _show_lines(ws, answers, events, time, is_index=is_index)
    lag = _lag(time.grain)
    st.session_state["lag"] = "" if lag is None else str(lag)
    st.session_state["window"] = "" if window is None else f"{window[0]}..{window[1]}"
    ask.keep(*("measures", "grain", "from", "to", "unit", "driver", "follower", "lag", "window"))
    between = window or time.between
    with right:
        pair = asked(
            lambda: read_pair(ws, one.id, other.id, grain=time.grain, between=between, lag=lag)
        )
        ask.note_in_vain("lag", pair_words.start_text(pair))
        _show_pair(ws, one.id, other.id, time.grain, between)
    # What goes together is never handed on without its grade, its number, and what it proves not.
    notes = [words.events_text(events)] if events else []
    notes += [text] if (text := words.open_text(answers)) else []
    notes.append(pair_words.known_text(pair, read_standing(ws, one.id, other.id)))
    titled: list[tuple[str, LayerChart | VConcatChart]] = [("", lines)] if lines else []
    if pair.scan is not None:
        titled.append((pair_words.TITLE, lags_chart(pair, axis_title=pair_words.axis_title(pair))))
    if pair.points:
        titled.append((pair_words.PAIRS_TITLE, scatter_chart(pair, ws.catalogue.organisation)))
        notes.append(pair_words.pairs_caption(pair, currency=ws.catalogue.organisation.currency))
    return Seen(
        title=", ".join(metric.label for metric in picked) or "Measures",
        said=pair_words.headline(pair).replace("*", ""),
        notes=tuple(notes),
        tables=(*([answer_table(answers)] if answers else ()), *pair_tables(pair)),
        chart=stacked_chart(*titled) if titled else None,
    )


def _answers(
    ws: Workspace, names: list[str], time: ask.Time, segments: Mapping[str, Segment]
) -> list[Answer]:
    """Measures that can be had by these periods, of segments by their id; what cannot is said."""
    found = []
    for name in names:
        try:
            with st.skeleton(height=110):
                found.append(
                    read_answer(
                        ws,
                        name,
                        grain=time.grain,
                        between=time.between,
                        segment=segments.get(name),
                    )
                )
        except NotAnswerableError as refused:
            st.caption(esc(f"{refused.message} {refused.hint}"))
    for answer in found:
        if not words.is_known(answer):
            said = words.elsewhere_text(answer, known_grains(ws, answer))
            st.caption(esc(f"{words.headline(answer, ws.catalogue.organisation)} {said}"))
    return [answer for answer in found if words.is_known(answer)]


def _show_lines(
    ws: Workspace,
    answers: list[Answer],
    events: tuple[DatedEvent, ...],
    time: ask.Time,
    *,
    is_index: bool,
) -> tuple[tuple[date, date] | None, VConcatChart | None]:
    """The lines, and the periods that are selected on them."""
    if not answers:
        st.markdown("**Nothing is chosen yet.** Choose measures above.")
        return None, None
    kept = _asked_window(answers)
    ask.note_in_vain("window", "the whole time")
    many = words.GRAINS[time.grain][1]
    st.subheader(f"Drag across any chart to select {many}", anchor=False)
    organisation = ws.catalogue.organisation
    rows = []
    for answer in answers:
        unit = " (start = 100)" if is_index else ""
        line = answer.whole.indexed() if is_index else answer.whole
        rows.append(
            Row(
                title=words.name_of(answer.metric, dict(answer.segment)) + unit,
                metric=answer.metric,
                grain=answer.grain,
                line=line,
                is_index=is_index,
            )
        )
    chart = multiples_chart(rows, organisation, events=events, window=kept)
    said = f"{', '.join(row.title for row in rows)} by the {time.grain.value}"
    key = f"multiples-{time.grain.value}-{time.first}-{time.last}"
    with st.container(key="multiples-of-measures"):
        event = st.altair_chart(
            chart,
            theme=None,
            alt=said,
            key=key,
            on_select="rerun",
            selection_mode=WINDOW,
            width="stretch",
        )
    window = _snapped(_window(event, kept, key), answers)
    if window != kept:
        st.session_state["_window_kept"] = window
        st.rerun()
    if window:
        count = len([p for p in answers[0].whole.points if window[0] <= p.period <= window[1]])
        first, last = (words.day(end) for end in window)
        st.caption(
            f"{count} {many} selected, {first} to {last}. The charts beside use these alone. "
            "Double-click a chart to clear."
        )
        if st.button("Use the whole time", key="clear-window", type="tertiary"):
            st.session_state["_window_kept"] = None
            st.session_state[f"_before_{key}"] = st.session_state.get(f"_now_{key}")
            st.rerun()
    if events:
        st.caption(esc(words.events_text(events)))
    return window, multiples_chart(rows, organisation, events=events, window=window, brushed=False)


def _snapped(window: tuple[date, date] | None, answers: list[Answer]) -> tuple[date, date] | None:
    """The first and the last period that a selection holds; None where it holds fewer than two."""
    if window is None:
        return None
    periods = [point.period for answer in answers for point in answer.whole.points]
    held = sorted(period for period in periods if window[0] <= period <= window[1])
    return (held[0], held[-1]) if held and held[0] < held[-1] else None


def _asked_window(answers: list[Answer]) -> tuple[date, date] | None:
    """The selection in the address when it is new, else the one this session made."""
    asked_for, seen = st.query_params.get("window"), st.session_state.get("_window")
    if asked_for is not None and asked_for != seen:
        window = _snapped(_parsed(asked_for), answers)
        st.session_state.update({"_window_kept": window, "_window": asked_for})
        if asked_for and window is None:
            note_asked("window", asked_for)
    kept: tuple[date, date] | None = st.session_state.get("_window_kept")
    return kept


def _parsed(text: str) -> tuple[date, date] | None:
    first, _, last = text.partition("..")
    try:
        ends = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        return None
    return ends if ends[0] < ends[1] else None


def _window(event: object, kept: tuple[date, date] | None, key: str) -> tuple[date, date] | None:
    """What the brush selects; while nobody has touched it, what was kept."""
    selection = getattr(event, "selection", {}) or {}
    ends = (selection.get(WINDOW) or {}).get("period")
    st.session_state[f"_now_{key}"] = ends
    before = st.session_state.get(f"_before_{key}")
    if ends == before:
        return kept
    st.session_state[f"_before_{key}"] = ends
    if not ends:
        return None
    first, last = (datetime.fromtimestamp(end / 1000, tz=UTC).date() for end in sorted(ends))
    return (first, last) if first < last else None


def _lag(grain: Grain) -> int | None:
    """The delay looked at; None where none is asked for."""
    asked_for, seen = st.query_params.get("lag"), st.session_state.get("_lag")
    if asked_for is not None and asked_for != seen:
        is_lag = re.fullmatch(r"-?\d{1,3}", asked_for) and abs(int(asked_for)) <= MOST_LAGS[grain]
        st.session_state["lag_kept"] = int(asked_for) if is_lag else None
        if asked_for and not is_lag:
            note_asked("lag", f"a delay of {asked_for}")
    lag: int | None = st.session_state.get("lag_kept")
    return lag if lag is None or abs(lag) <= MOST_LAGS[grain] else None


@st.fragment
def _show_pair(
    ws: Workspace, driver: str, outcome: str, grain: Grain, between: tuple[date, date]
) -> None:
    """Every delay, one of them in full, and what is known; the slider runs this part alone."""
    with explained():
        pair = read_pair(ws, driver, outcome, grain=grain, between=between, lag=_lag(grain))
        links = read_standing(ws, driver, outcome)
    st.subheader(pair_words.TITLE, anchor=False)
    st.markdown(esc_bold(pair_words.headline(pair)))
    if pair.scan is None:
        st.caption(esc(pair_words.known_text(pair, links)))
        return
    title = pair_words.axis_title(pair)
    st.altair_chart(lags_chart(pair, axis_title=title), theme=None, alt=title, key="lags")
    st.caption(esc(pair_words.lags_caption(pair)))
    _pick_lag(pair)
    if pair_words.here(pair):
        st.markdown(esc_bold(pair_words.here(pair)))
    st.subheader(pair_words.PAIRS_TITLE, anchor=False)
    organisation = ws.catalogue.organisation
    said = pair_words.pairs_caption(pair, currency=organisation.currency)
    if pair.points:
        st.altair_chart(scatter_chart(pair, organisation), theme=None, alt=said, key="pairs")
    st.caption(esc(said))
    st.caption(esc(pair_words.known_text(pair, links)))


def _pick_lag(pair: Pair) -> None:
    """Which delay the pairs below have."""
    if pair.scan is None or len(pair.scan.points) < 2:
        return
    lags = [point.lag for point in pair.scan.points]
    st.session_state["lag_slider"] = pair.lag

    def keep() -> None:
        st.session_state["lag_kept"] = st.session_state["lag_slider"]
        st.session_state["lag"] = str(st.session_state["lag_slider"])
        to_url("lag")

    st.slider(
        f"Delay in {words.GRAINS[pair.grain][1]}",
        min_value=lags[0],
        max_value=lags[-1],
        key="lag_slider",
        on_change=keep,
    )
