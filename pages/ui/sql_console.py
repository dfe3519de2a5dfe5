"""SQL over documented views: the query, what may be asked, the answer as table, chart and file."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import streamlit as st

from kpi_engine.actors import Actor
from kpi_engine.charts.answer import MOST_LINES, MOST_POINTS, Along, Mark, answer_chart
from kpi_engine.errors import QueryRefusedError, ScorecardError
from kpi_engine.services import sql
from kpi_engine.services.sql import Answer
from kpi_engine.words import sql as words
from kpi_engine.workspace import Workspace
from pages.ui.messages import explained, sentence
from pages.ui.states import ADD_DATA
from pages.ui.text import esc

_QUERY, _ANSWER, _TAKEN = "sql-query", "sql-answer", "sql-taken"
ADDRESS = "q"
LONGEST_ADDRESS = 4_000
"""Characters of a query that an address carries; browsers and proxies cut longer ones."""
_LABELS = ("id", "batch", "undoes", "line", "row")
_MARKS: Mapping[str, Mark] = {"Line": "line", "Bars": "bar"}


def sql_console(ws: Workspace, actor: Actor) -> None:
    """The whole console.

    A link opens its query without running it: what it asks is for whoever opens it to judge.

    Args:
        ws: The workspace.
        actor: Needs the role analyst or steward.
    """
    said = words.headline(len(sql.described_views(ws)), ws.newest())
    st.header(esc(said), anchor=False)
    left, right = st.columns([64, 36], gap="large")
    with right, explained():
        _start_from(ws, actor)
        _show_views(ws)
    with left:
        text, wants = _ask(ws)
        if wants:
            _run(ws, text, actor=actor)
        _show_answer(ws, text)


def _ask(ws: Workspace) -> tuple[str, bool]:
    """The query as it stands, and whether it is to be run."""
    asked = st.query_params.get(ADDRESS)
    if asked and asked != st.session_state.get(_TAKEN):
        st.session_state[_TAKEN] = st.session_state[_QUERY] = asked
    # Set in every run: a page that was left and opened again has forgotten its widgets.
    st.session_state[_QUERY] = st.session_state.get(_QUERY, st.session_state.get(_TAKEN, ""))
    with st.form("sql", border=False):
        text = st.text_area(
            "Query",
            key=_QUERY,
            height=230,
            placeholder=next(iter(sql.examples(ws).values())),
            help="One SELECT over the views listed here. Nothing can be changed from here.",
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            wants = st.form_submit_button("Run", type="primary")
            st.caption(
                f"Reads the newest batch. At most {sql.LIMITS.rows:,} rows come back, and after "
                f"{sql.LIMITS.seconds:g} s a query is stopped."
            )
    return text, wants


def _run(ws: Workspace, text: str, *, actor: Actor) -> None:
    """Run the query, and put it into the address."""
    st.session_state[_TAKEN] = text
    if text and len(text) <= LONGEST_ADDRESS:
        st.query_params[ADDRESS] = text
    else:
        st.query_params.pop(ADDRESS, None)
    with explained(), st.spinner("Asking", show_time=True):
        try:
            st.session_state[_ANSWER] = sql.run(ws, text, actor=actor, now=datetime.now(UTC))
        except ScorecardError as error:
            st.session_state[_ANSWER] = error


def _start_from(ws: Workspace, actor: Actor) -> None:
    """Queries to start from: examples, and what this person asked before."""
    examples = sql.examples(ws)
    asked = sql.history(ws, actor=actor)
    before = {one.text: words.asked_before(one.text, is_refused=bool(one.refused)) for one in asked}
    st.selectbox(
        "Start from an example",
        list(examples),
        index=None,
        key="sql-example",
        placeholder="What you want to know",
        on_change=_take,
        args=("sql-example", examples),
    )
    if before:
        st.selectbox(
            "Asked before",
            list(before),
            index=None,
            key="sql-before",
            format_func=lambda text: before.get(text, text),
            placeholder="Your own queries, the newest first",
            on_change=_take,
            args=("sql-before", {text: text for text in before}),
        )


def _take(key: str, queries: Mapping[str, str]) -> None:
    """Put the chosen query into the box, in place of what stands there."""
    chosen: str | None = st.session_state.get(key)
    if chosen is not None and chosen in queries:
        st.session_state[_TAKEN] = st.session_state[_QUERY] = queries[chosen]
        st.session_state.pop(_ANSWER, None)
        st.query_params.pop(ADDRESS, None)


def _show_views(ws: Workspace) -> None:
    """What can be read: every view, and the columns of the one that is picked."""
    views = {view.name: view for view in sql.described_views(ws)}
    st.subheader("What can be read", anchor=False)
    if not ws.newest():
        st.markdown("**No data are in yet.** Until then only the definitions have rows.")
        st.page_link(ADD_DATA, label="Add your own data")
    name = st.selectbox("View", list(views), key="sql-view")
    view = views[name]
    st.markdown(esc(view.sentence))
    st.markdown("\n".join(f"- **{esc(name)}** {esc(said)}" for name, _, said in view.columns))


def _show_answer(ws: Workspace, text: str) -> None:
    """The answer, why there is none, or how to begin."""
    answer = st.session_state.get(_ANSWER)
    if answer is None:
        is_ready = bool(text.strip())
        st.markdown(
            "Press **Run** to run it."
            if is_ready
            else "**Nothing has been asked yet.** Write a query, or start from an example."
        )
    elif isinstance(answer, ScorecardError):
        st.error(sentence(answer), icon=None)
        if isinstance(answer, QueryRefusedError) and answer.detail:
            st.code(answer.detail, language=None)
    else:
        _show_rows(ws, answer, is_other=answer.text.strip() != text.strip())


def _show_rows(ws: Workspace, answer: Answer, *, is_other: bool) -> None:
    said = "The query above was changed since. " if is_other else ""
    st.markdown(f"{said}**{esc(words.outcome(answer))}**")
    if not answer.rows:
        st.markdown(esc(words.nothing(answer.text, ws.catalogue)))
        return
    frame = answer.frame()
    st.dataframe(frame, hide_index=True, alt="Answer", height="content" if len(frame) < 12 else 420)
    st.download_button(
        "Download CSV",
        answer.to_csv(),
        file_name="query.csv",
        mime="text/csv",
        on_click="ignore",
    )
    _show_chart(answer)


def _show_chart(answer: Answer) -> None:
    """Two columns of the answer as a chart, for whoever picks them."""
    frame = answer.frame()
    names = list(frame.columns)
    numbers = [name for name in names if frame[name].dtype.kind in "iuf"]
    if len(names) < 2 or not numbers or len(frame) < 2:
        return
    st.subheader("Chart", anchor=False)
    with st.container(horizontal=True, key="sql-chart"):
        times = [name for name in names if _along(frame[name]) == "time"]
        x = st.selectbox("Along", names, index=names.index((times or names)[0]), width=200)
        up = sorted([name for name in numbers if name != x] or numbers, key=_is_label)
        y = st.selectbox("Up", up, width=200)
        of = _pick_lines(frame, x)
        marks = list(_MARKS)
        along = _along(frame[x])
        chosen = st.segmented_control(
            "As", marks, default=marks[along == "name"], required=True, key=f"sql-as-{along}"
        )
    lines: list[str] = []
    if of is not None:
        known = frame[of].astype(str)
        drawn = list(dict.fromkeys(known))[:MOST_LINES]
        if len(drawn) < known.nunique():
            st.caption(esc(f"The first {MOST_LINES} of {known.nunique():,} by {of} are drawn."))
        frame = frame[known.isin(drawn)]
        lines = known[known.isin(drawn)].tolist()
    points = [
        (_place(at), None if value is None or value != value else float(value))
        for at, value in zip(frame[x].tolist(), frame[y].tolist(), strict=True)
    ]
    if len(points) > MOST_POINTS:
        st.caption(f"The first {MOST_POINTS:,} rows are drawn.")
    chart = answer_chart(points, x=x, y=y, along=along, mark=_MARKS[chosen or "Line"], of=lines)
    st.altair_chart(chart, width="stretch", theme=None, alt=f"{y} along {x}")


def _pick_lines(frame: pd.DataFrame, x: str) -> str | None:
    """The column that tells lines apart, where several rows stand at one place; None for one."""
    texts = [name for name in frame.columns if name != x and _along(frame[name]) == "name"]
    if not texts or not frame[x].duplicated().any():
        return None
    options = {name: name for name in texts} | {"": "One line of all"}
    return (
        st.selectbox("A line for each", list(options), format_func=options.__getitem__, width=200)
        or None
    )


def _is_label(name: str) -> bool:
    """Whether a column of numbers only tells rows apart: nobody wants to see it rise and fall."""
    return name in _LABELS or name.endswith("_id")


def _along(column: Any) -> Along:
    known = [value for value in column.tolist() if value is not None]
    if known and all(isinstance(value, date) for value in known):
        return "time"
    return "number" if column.dtype.kind in "iuf" else "name"


def _place(value: object) -> object:
    """Where a row stands; a day begins at midnight wherever the reader is."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"{value}T00:00:00"
    return value.isoformat() if isinstance(value, datetime) else str(value)
