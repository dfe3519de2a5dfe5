"""From a number to its rows: parts, events, facts, batch, file, and the query."""

from datetime import date
from functools import partial

import streamlit as st

from kpi_engine.periods import last_day, month_label
from kpi_engine.render.documents.explored import (
    Seen,
    frame_table,
    joined_tables,
    rows_tables,
)
from kpi_engine.render.documents.plain import table_csv
from kpi_engine.services.behind import PartBehind, Rows, RowsBehind
from kpi_engine.services.rows_behind import MOST_ROWS, SHOWN, rows_behind
from kpi_engine.terms import Grain
from kpi_engine.words import explore as words
from kpi_engine.words import rows_behind as row_words
from kpi_engine.workspace import Workspace
from pages.ui import explore_ask as ask
from pages.ui.explore_reads import read_answer, read_choices, read_measures, read_rows
from pages.ui.explore_views import asked, show_nothing
from pages.ui.sql_console import ADDRESS, LONGEST_ADDRESS
from pages.ui.states import EXPLORE, SQL
from pages.ui.text import esc

_PAGE = "rows_page"


def show_rows(ws: Workspace, months: list[date]) -> Seen:
    """One number with everything it is made of."""
    organisation = ws.catalogue.organisation
    with st.grid(columns=4, min_column_width=180, key="ask-what"):
        metric = ask.pick_one("metric", "Measure", read_measures(ws))
        only = ask.pick_only(read_choices(ws, metric.id))
        names = {grain.value: words.GRAINS[grain][0].capitalize() for grain in Grain}
        grain = Grain(ask.select("grain", "Grain", names, default=Grain.MONTH.value))
        time = ask.Time(grain=grain, first=months[0], last=last_day(months[-1]))
        first = max(time.first, ask.earliest(grain, time.last))
        answer = asked(
            lambda: read_answer(
                ws, metric.id, grain=grain, between=(first, time.last), segment=only
            )
        )
        points = answer.whole.points
        if points:
            known = [point.period for point in points if point.value is not None]
            period = ask.pick_period(
                lambda one: words.period_text(one, grain, organisation),
                [point.period for point in points],
                default=known[-1] if known else points[-1].period,
            )
    if not points:
        ask.keep("metric", "only", "grain")
        return show_nothing(ws, answer)
    ask.keep("metric", "only", "grain", "at")
    asked_for = (metric.id, tuple(only.items()), period, grain)
    if st.session_state.get("_rows_of") != asked_for:
        st.session_state.update({"_rows_of": asked_for, _PAGE: 1})

    def read(page: int) -> RowsBehind:
        return read_rows(
            ws,
            metric.id,
            grain=grain,
            period=period,
            segment=only,
            limit=SHOWN,
            offset=(page - 1) * SHOWN,
        )

    # A page that was left and opened again has forgotten its widgets, and rows can become fewer.
    page: int = st.session_state.setdefault(_PAGE, 1)
    found = asked(lambda: read(page))
    if page > _pages(found):
        page = st.session_state[_PAGE] = 1
        found = asked(lambda: read(page))
    said = row_words.headline(found, organisation)
    st.header(esc(said), anchor=False)
    st.markdown(esc(row_words.how(found)))
    _show_pages(found)
    for place, part in enumerate(found.parts):
        _show_part(ws, found, part, place, skipped=(page - 1) * SHOWN)
    if found.months:
        _show_months(found, ws)
    title = f"Rows behind {words.name_of(metric, only)} {period.isoformat()}"
    return Seen(title=title, said=said, tables=joined_tables(rows_tables(found)))


def _pages(found: RowsBehind) -> int:
    """How many pages the longest table has; at least one."""
    tables = [rows for part in found.parts for rows in (part.events, part.facts) if rows]
    most = max((rows.total for rows in tables), default=0)
    return max(1, -(-most // SHOWN))


def _show_pages(found: RowsBehind) -> None:
    """Which rows of long tables are shown."""
    pages = _pages(found)
    if pages > 1:
        st.number_input(
            f"Page of the rows below, 1 to {pages:,}",
            min_value=1,
            max_value=pages,
            key=_PAGE,
            width=220,
        )


def _show_part(
    ws: Workspace, found: RowsBehind, part: PartBehind, place: int, *, skipped: int
) -> None:
    """One part: its events where it was counted from some, and the facts kept of them."""
    st.subheader(esc(row_words.part_title(part, found, ws.catalogue)), anchor=False)
    kinds = {"Events": part.events, "Facts": part.facts}
    known = {name: rows for name, rows in kinds.items() if rows is not None}
    # Stretches of a state come from several events, so they name no file; their facts do.
    names_file = (name for name, rows in known.items() if "file" in rows.frame)
    chosen = next(names_file, next(iter(known)))
    if len(known) > 1:
        picked = st.segmented_control(
            "Rows",
            list(known),
            default=chosen,
            key=f"kind-{place}",
            label_visibility="collapsed",
            required=True,
        )
        chosen = picked or chosen
    rows = known[chosen]
    st.dataframe(rows.frame, hide_index=True, alt=f"{chosen} behind the number")
    st.caption(
        esc(row_words.rows_caption(part, rows, found, ws.catalogue.organisation, first=skipped))
    )
    with st.container(horizontal=True, vertical_alignment="center", key=f"part-{place}"):
        st.download_button(
            f"Download {row_words.rows_text(min(rows.total, MOST_ROWS))} (CSV)",
            partial(_csv, ws, found, place, is_events=chosen == "Events"),
            file_name=f"{found.metric.id}-{found.period}-{place + 1}-{chosen.lower()}.csv",
            mime="text/csv",
            on_click="ignore",
            key=f"csv-{place}-{chosen}",
        )
        if rows.sql:
            with st.popover("The query", width="content"):
                st.code(rows.sql, language="sql", wrap_lines=True)
                st.caption("Over the views of the page SQL, where times are UTC.")
                if len(rows.sql) <= LONGEST_ADDRESS:
                    st.page_link(SQL, label="Open in SQL", query_params={ADDRESS: rows.sql})


def _csv(ws: Workspace, found: RowsBehind, place: int, *, is_events: bool) -> bytes:
    """All rows of one table, as many as a file may have."""
    whole = rows_behind(
        ws,
        found.metric.id,
        grain=found.grain,
        period=found.period,
        segment=found.segment,
        limit=MOST_ROWS,
    ).parts[place]
    rows: Rows | None = whole.events if is_events else whole.facts
    if rows is None:
        raise LookupError("no such rows")
    return table_csv(frame_table("Rows", rows.frame))


def _show_months(found: RowsBehind, ws: Workspace) -> None:
    """The months a quarter or year is made of, each leading to its own rows."""
    st.subheader("Made of these months", anchor=False)
    currency = ws.catalogue.organisation.currency
    only = ";".join(f"{name}={member}" for name, member in found.segment.items()) or ask.NONE
    for month, point in found.months:
        value = words.value_text(point.value, found.metric, currency=currency)
        st.page_link(
            EXPLORE,
            label=f"{month_label(month)}: {esc(value)}",
            query_params={
                "look": ask.ROWS,
                "metric": found.metric.id,
                "only": only,
                "grain": Grain.MONTH.value,
                "at": month.isoformat(),
            },
        )
