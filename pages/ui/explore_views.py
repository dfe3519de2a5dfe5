"""Ways to look at measures: by segment, and against their usual range."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import TypeVar

import pandas as pd
import streamlit as st
from altair import LayerChart, VConcatChart

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.charts.explore import Row, limits_chart, line_chart, multiples_chart
from kpi_engine.errors import NotAnswerableError
from kpi_engine.render.documents.explored import Seen, answer_table, board_table, limits_table
from kpi_engine.services import steps
from kpi_engine.services.explored import Answer
from kpi_engine.services.limits import limits_of
from kpi_engine.terms import Comparison, Grain
from kpi_engine.words import explore as words
from kpi_engine.words import limits as limit_words
from kpi_engine.workspace import Workspace
from pages.ui import explore_ask as ask
from pages.ui.explore_reads import read_answer, read_choices, read_measures
from pages.ui.messages import explained
from pages.ui.text import esc

Result = TypeVar("Result")


def show_slices(ws: Workspace, months: list[date]) -> Seen:
    """One measure over time, who did most of its change, and its members below each other."""
    metrics = read_measures(ws)
    with st.grid(columns=4, min_column_width=180, key="ask-what"):
        metric = ask.pick_one("metric", "Measure", metrics)
        choices = read_choices(ws, metric.id)
        by = ask.pick_by(choices)
        only = ask.pick_only(choices, by=by)
        compare = ask.pick_compare()
    with st.container(horizontal=True, key="ask-when"):
        time = ask.pick_time(months)
    ask.keep("metric", "by", "only", "compare", "grain", "from", "to")
    answer = asked(lambda: _answer(ws, metric, time, by=by, only=only, compare=compare))
    if not words.is_known(answer):
        return show_nothing(ws, answer)
    organisation = ws.catalogue.organisation
    said = words.headline(answer, organisation)
    st.header(esc(said), anchor=False)
    chart = line_chart(answer, organisation)
    st.altair_chart(chart, theme=None, alt=said, key="line")
    told = (
        words.against_text(answer),
        *answer.remarks,
        words.left_out_text(answer, organisation),
        words.open_text([answer]),
    )
    notes = tuple(note for note in told if note)
    for note in notes:
        st.caption(esc(note))
    tables = [answer_table([answer])]
    if answer.board is not None:
        _show_board(answer, ws)
        tables.append(board_table(answer.board))
    title = words.name_of(answer.metric, dict(only)) + (f" by {by}" if by else "")
    drawn: LayerChart | VConcatChart = chart
    if answer.lines:
        members, left_out = _show_members(answer, ws)
        notes += left_out
        whole = Row(title=words.WHOLE, metric=metric, grain=answer.grain, line=answer.whole)
        drawn = multiples_chart([whole, *members], organisation, brushed=False)
    return Seen(title=title, said=said, notes=notes, tables=tuple(tables), chart=drawn)


def _show_board(answer: Answer, ws: Workspace) -> None:
    board, organisation = answer.board, ws.catalogue.organisation
    if board is None:
        return
    title = words.board_title(board, answer, organisation)
    st.subheader(esc(title), anchor=False)
    rows = words.board_rows(board, answer.metric, currency=organisation.currency)
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=title)
    st.caption(esc(words.board_caption(board, answer, organisation)))


def _show_members(answer: Answer, ws: Workspace) -> tuple[list[Row], tuple[str, ...]]:
    """The members of a dimension below each other, and how many are left out."""
    by = answer.by or ""
    st.subheader(f"Each {esc(by)} over time", anchor=False)
    rows = [
        Row(title=line.member, metric=answer.metric, grain=answer.grain, line=line)
        for line in answer.lines
    ]
    chart = multiples_chart(rows, ws.catalogue.organisation, brushed=False)
    said = f"{answer.metric.label} of {', '.join(line.member for line in answer.lines)}"
    with st.container(key="multiples-of-members"):
        st.altair_chart(chart, theme=None, alt=said, key="members", width="stretch")
    more = (answer.board.members if answer.board else 0) - len(answer.lines)
    if more <= 0:
        return rows, ()
    said = f"{more:,} more did less of the change; all are counted above."
    st.caption(esc(said))
    return rows, (said,)


def show_limits(ws: Workspace, months: list[date]) -> Seen:
    """One measure within the range it usually stays in."""
    metrics = read_measures(ws)
    with st.grid(columns=3, min_column_width=180, key="ask-what"):
        metric = ask.pick_one("metric", "Measure", metrics)
        only = ask.pick_only(read_choices(ws, metric.id))
        kinds = {"cases": "Of shares by their cases, if known", "values": "Of values (XmR)"}
        by_cases = ask.select("limits", "Range", kinds) == "cases"
    with st.container(horizontal=True, key="ask-when"):
        time = ask.pick_time(months)
    ask.keep("metric", "only", "limits", "grain", "from", "to")
    answer = asked(
        lambda: read_answer(ws, metric.id, grain=time.grain, between=time.between, segment=only)
    )
    if not words.is_known(answer):
        return show_nothing(ws, answer)
    organisation = ws.catalogue.organisation
    found = limits_of(ws, answer, by_cases=by_cases)
    said = limit_words.headline(found, organisation)
    st.header(esc(said), anchor=False)
    chart = limits_chart(found, organisation)
    st.altair_chart(chart, theme=None, alt=said, key="limits-chart")
    told = (
        limit_words.chart_text(found) if found.is_known else "",
        words.left_out_text(answer, organisation),
    )
    notes = tuple(note for note in told if note)
    for note in notes:
        st.caption(esc(note))
    apart = limit_words.apart_rows(found, organisation)
    if apart:
        st.subheader("Not as usual", anchor=False)
        st.dataframe(pd.DataFrame(apart), hide_index=True, alt="Not as usual", height="content")
    title = f"{words.name_of(answer.metric, dict(only))}, usual range"
    return Seen(title=title, said=said, notes=notes, tables=(limits_table(found),), chart=chart)


def _answer(
    ws: Workspace,
    metric: Metric,
    time: ask.Time,
    *,
    by: str | None,
    only: dict[str, str],
    compare: Comparison | None,
) -> Answer:
    """A measure by its members; what has no value at all is no question of its members."""

    def read(by: str | None) -> Answer:
        return read_answer(
            ws,
            metric.id,
            by=by,
            grain=time.grain,
            between=time.between,
            segment=only,
            compare=compare,
        )

    try:
        return read(by)
    except NotAnswerableError:
        whole = read(None)
        if words.is_known(whole):
            raise
        return whole


def show_nothing(ws: Workspace, answer: Answer) -> Seen:
    """That there is no number by this grain, and by which there is one."""
    said = words.headline(answer, ws.catalogue.organisation)
    st.header(esc(said), anchor=False)
    note = words.elsewhere_text(answer, known_grains(ws, answer))
    st.markdown(esc(note))
    title = words.name_of(answer.metric, dict(answer.segment))
    return Seen(title=title, said=said, notes=(note,), tables=(answer_table([answer]),))


def known_grains(ws: Workspace, answer: Answer) -> list[Grain]:
    """By which periods a measure has a value in the time of an answer."""
    last = steps.end_of(answer.last, answer.grain)
    found = []
    for grain in Grain:
        first = max(answer.first, ask.earliest(grain, last))
        segment = answer.segment
        with suppress(NotAnswerableError):
            other = read_answer(
                ws, answer.metric.id, grain=grain, between=(first, last), segment=segment
            )
            if words.is_known(other):
                found.append(grain)
    return found


def asked(read: Callable[[], Result]) -> Result:
    """What a question brings; one that cannot be answered ends the page in words."""
    with explained(), st.skeleton(height=300):
        return read()


def usual_measures(ws: Workspace, metrics: tuple[Metric, ...]) -> tuple[str, str, list[str]]:
    """A driver, an outcome and some measures to begin with: the first declared link with data."""
    known = [metric.id for metric in metrics]
    link = next(
        (
            one
            for one in ws.catalogue.links.values()
            if one.driver in known and one.outcome in known and one.driver != "it.dwa"
        ),
        None,
    )
    outcome = link.outcome if link else known[0]
    driver = link.driver if link else known[-1]
    beside = [one.driver for one in ws.catalogue.links.values() if one.outcome == outcome]
    several = dict.fromkeys([outcome, driver, *(name for name in beside if name in known)])
    return driver, outcome, [name for name in several if name != "it.dwa"][:4]
