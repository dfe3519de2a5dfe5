"""Definitions as tables, and one measure in full."""

from collections.abc import Callable, Iterable
from datetime import date

import pandas as pd
import streamlit as st

from kpi_engine.catalogue.targets import Target
from kpi_engine.periods import month_label
from kpi_engine.services.catalogue import CatalogueEntry, CataloguePage, LinkedMetric
from kpi_engine.services.definition_history import DefinitionChange
from kpi_engine.words import catalogue as words
from kpi_engine.words import definitions as change_words
from kpi_engine.words.judgement import EVIDENCE
from kpi_engine.words.lag import felt_after
from kpi_engine.words.reading import day_text
from kpi_engine.words.statuses import status_rows
from pages.ui.text import esc


def show_measures(page: CataloguePage) -> None:
    """Every measure that was found, one a row."""
    currency = page.organisation.currency
    rows = [
        {
            "Measure": entry.metric.label,
            "What it says": entry.metric.sentence,
            "Side": words.SIDES[entry.metric.side],
            "Better": words.BETTER[entry.metric.direction],
            "Target": words.target(entry, currency=currency),
            "Business owner": entry.metric.owners.business,
            "IT owner": entry.metric.owners.it,
            "Sources": ", ".join(entry.metric.sources),
        }
        for entry in page.entries
    ]
    column = st.column_config.TextColumn
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        alt="Measures",
        column_config={"What it says": column(width="large")},
    )


def show_links(page: CataloguePage) -> None:
    """Every link into a measure that was found."""
    rows = [
        {
            "IT measure": linked.label,
            "Moves": entry.metric.label,
            "How": linked.link.mechanism,
            "Kind": linked.link.kind.value.capitalize(),
            "Felt after": felt_after(linked.link.lag_days),
            "Declared evidence": EVIDENCE[linked.link.grade].capitalize(),
            "Why that grade": linked.link.grade_reason,
        }
        for entry in page.entries
        for linked in entry.drivers
    ]
    if not rows:
        st.markdown("No link leads to any of these measures.")
        return
    wide = st.column_config.TextColumn(width="large")
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        alt="Links",
        column_config={"How": wide, "Why that grade": wide},
    )


def show_assumptions(page: CataloguePage) -> None:
    """Every number that cannot be read from data."""
    rows = [
        {
            "Assumption": found.label,
            "Low": found.low,
            "Most likely": found.mid,
            "High": found.high,
            "Unit": found.unit,
            "Answered for by": found.owner,
            "Source": found.source,
            "Until": found.expires,
        }
        for found in page.assumptions
    ]
    if not rows:
        st.markdown("No assumptions are declared, so nothing is turned into money.")
        return
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, alt="Assumptions", column_config={"Until": _DAY}
    )


def show_statuses(page: CataloguePage) -> None:
    """How a status comes about, at every edge."""
    st.caption(
        "Every case is judged by the rule that judges the scorecard. Unrounded values are compared."
    )
    rows = status_rows(currency=page.organisation.currency)
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, height="content", alt="How a status comes about"
    )


def show_changes(page: CataloguePage) -> None:
    """What was declared otherwise, when, and how it reads now."""
    if not page.changes:
        st.markdown("No definition has changed since the first data came in.")
        return
    wide = st.column_config.TextColumn(width="large")
    st.dataframe(
        pd.DataFrame(_change_rows(page.changes, page)),
        hide_index=True,
        alt="Changes of definitions",
        column_config={"What changed": wide, "From": _DAY},
    )


def _change_rows(
    changes: Iterable[DefinitionChange], page: CataloguePage
) -> list[dict[str, object]]:
    organisation = page.organisation
    zone = organisation.zone
    return [
        {
            "From": one.day(zone),
            "Kind": change_words.KIND[one.kind],
            "Of": change_words.change_name(one, page.catalogue),
            "What changed": change_words.change_text(
                one, page.catalogue, currency=organisation.currency
            ),
        }
        for one in changes
    ]


_DAY = st.column_config.DateColumn(format="D MMM YYYY")
VIEWS: dict[str, Callable[[CataloguePage], None]] = {
    "Measures": show_measures,
    "Links": show_links,
    "Assumptions": show_assumptions,
    "Changes": show_changes,
    "How a status comes about": show_statuses,
}


def show_entry(entry: CatalogueEntry, page: CataloguePage) -> None:
    """Everything that is declared about one measure."""
    metric = entry.metric
    with st.container(border=True):
        st.markdown(f"**{esc(metric.label)}** `{metric.id}`")
        st.markdown(esc(metric.sentence))
        st.markdown("  \n".join(esc(fact) for fact in words.facts(entry)))
        _show_changes(entry, page)
        _show_targets(entry, currency=page.organisation.currency)
        _show_linked("Moved by", entry.drivers)
        _show_linked("Moves", entry.outcomes)


def _show_changes(entry: CatalogueEntry, page: CataloguePage) -> None:
    if not entry.changes:
        return
    st.markdown("**What was declared otherwise**")
    rows = [
        {name: esc(_plain(cell)) for name, cell in row.items()}
        for row in _change_rows(entry.changes, page)
    ]
    st.table(pd.DataFrame(rows).set_index("From"))


def _plain(cell: object) -> str:
    return day_text(cell) if isinstance(cell, date) else str(cell)


def _show_targets(entry: CatalogueEntry, *, currency: str) -> None:
    if not entry.targets:
        return
    rows = [_target_row(entry, target, currency) for target in entry.targets]
    st.table(pd.DataFrame(rows).set_index("From"))


def _target_row(entry: CatalogueEntry, target: Target, currency: str) -> dict[str, str]:
    agreed = target.agreed_by
    return {
        "From": month_label(target.valid_from, short=True),
        "For": esc(", ".join(target.segment.values()) or "all"),
        "Of": words.period(target),
        "Target": esc(words.bound(entry.metric, target.target, currency=currency)),
        "Red line": esc(words.bound(entry.metric, target.red_line, currency=currency)),
        "Stretch": esc(words.stretch(entry.metric, target, currency=currency)),
        "Agreed by": esc(f"{agreed.business} and {agreed.it}" if agreed else "nobody yet"),
        "Where it comes from": esc(target.provenance),
    }


def _show_linked(heading: str, linked: Iterable[LinkedMetric]) -> None:
    for one in linked:
        declared = f"Declared evidence, {EVIDENCE[one.link.grade]}: {one.link.grade_reason}"
        st.markdown(f"**{heading} {esc(one.label)}:** {esc(one.link.mechanism)} {esc(declared)}")
