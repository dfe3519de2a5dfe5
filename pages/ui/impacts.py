"""Figures that a save or an undo would change."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from kpi_engine.services.import_results import Impact
from kpi_engine.terms import Status
from kpi_engine.units import format_count
from kpi_engine.words import imports as words
from kpi_engine.words.judgement import STATUS
from kpi_engine.workspace import Workspace
from pages.ui.badges import status_text
from pages.ui.text import esc

MOST_IMPACTS = 12
"""Figures listed before the rest goes into a table of its own."""


def show_impacts(ws: Workspace, impacts: Sequence[Impact], *, after: str) -> None:
    """Figures that would change, the most telling first.

    Args:
        ws: The workspace.
        impacts: The figures.
        after: What the column is called that says what they would be.
    """
    st.markdown(esc(words.impact_sentence(impacts)))
    told = most_telling(impacts)
    if told:
        rows = [_row(ws, impact, after) for impact in told[:MOST_IMPACTS]]
        st.table(pd.DataFrame(rows).set_index("Measure"))
    if len(told) > MOST_IMPACTS:
        with st.expander(f"All {format_count(len(told))} figures"):
            rows = [_row(ws, impact, after, plain=True) for impact in told]
            st.dataframe(pd.DataFrame(rows), hide_index=True, alt="All figures that would change")
    if also := words.worked_out_sentence(impacts, ws.catalogue):
        st.caption(esc(also))
    warning = words.published_warning(impacts, ws.catalogue)
    if warning:
        first, _, rest = warning.partition(". ")
        st.warning(f"**{esc(first)}.** {esc(rest)}", icon=None)


def most_telling(impacts: Sequence[Impact]) -> list[Impact]:
    """What becomes another before what is new, published months before others.

    Then changed judgements, then the newest months.
    """
    return sorted(
        impacts,
        key=lambda i: (i.stored is None, not i.is_published, not i.flips, -i.month.toordinal()),
    )


def _row(ws: Workspace, impact: Impact, after: str, *, plain: bool = False) -> dict[str, str]:
    metric = ws.catalogue.metric(impact.metric)
    organisation = ws.catalogue.organisation
    now, then = words.before_and_after(impact, metric, organisation)
    passed = (impact.status_before, impact.status_after) if impact.flips else (impact.status_after,)
    show = _plain_status if plain else status_text
    return {
        "Measure": impact.label if plain else esc(impact.label),
        "Period": words.impact_period(impact, metric, organisation),
        "Now": now if plain else esc(now),
        after: then if plain else f"**{esc(then)}**",
        "Status": " → ".join(show(status) for status in passed),
    }


def _plain_status(status: Status) -> str:
    return STATUS[status].text
