"""The head of every page: what it is called on the left, actions and the month on the right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.periods import month_label
from pages.ui.building import show_building
from pages.ui.filters import asked_in_vain, pick_month
from pages.ui.text import esc


@dataclass(frozen=True, kw_only=True)
class Head:
    """An open page head.

    Attributes:
        actions: Where buttons and pickers go: ``with head.actions: ...``.
    """

    name: str
    organisation: Organisation
    title: DeltaGenerator
    actions: DeltaGenerator

    def month(self, months: Sequence[date], open_months: Sequence[date] = ()) -> date:
        """Put the month picker last and the month into the title.

        Args:
            months: At least one, newest first.
            open_months: Those after them of which some data are in, newest first.
        """
        with self.actions:
            month = pick_month(months, open_months)
        self.caption(month, is_open=month in open_months)
        missing = asked_in_vain("month")
        if missing is not None:
            st.info(
                f"**The link asks for the month {esc(missing)}, which is not here.** Shown is "
                f"{month_label(month)}; other months can be picked above.",
                icon=None,
            )
        return month

    def caption(self, month: date | None = None, *, is_open: bool = False) -> None:
        """Write the title, with the month where the page has one."""
        sample = " (sample data)" if self.organisation.is_sample else ""
        named = self.organisation.calendar.label
        parts = [named(month) + (" so far" if is_open else "")] if month else []
        parts.append(self.organisation.name + sample)
        self.title.title(f"{self.name} :small[:gray[{esc(', '.join(parts))}]]", anchor=False)


def page_head(name: str, organisation: Organisation) -> Head:
    """Open the head of the page called ``name``; while sample data come in, it says so."""
    bar = st.container(
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
        key="head",
    )
    title = bar.container(width="content").empty()
    actions = bar.container(
        horizontal=True, horizontal_alignment="right", vertical_alignment="center", width="content"
    )
    head = Head(name=name, organisation=organisation, title=title, actions=actions)
    head.caption()
    show_building()
    return head
