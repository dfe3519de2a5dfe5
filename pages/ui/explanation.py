"""The pieces of the outcome page: where it stands, what moved it, how that is known."""

from collections.abc import Iterator

import pandas as pd
import streamlit as st

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.charts.trend import trend_chart
from kpi_engine.charts.waterfall import movement_chart
from kpi_engine.maths.variation import FEWEST_POINTS
from kpi_engine.periods import month_label
from kpi_engine.render.drivers import drivers_html
from kpi_engine.services.definition_history import links_changed_after, read_changes
from kpi_engine.services.outcomes import Explanation
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.services.whatif import Setting
from kpi_engine.units import format_effect, format_range, money_words
from kpi_engine.words import closing as closing_words
from kpi_engine.words import drivers as driver_words
from kpi_engine.words import outcome as words
from kpi_engine.words import reading as reading_words
from kpi_engine.words.definitions import changed_links, earlier_text
from kpi_engine.words.extents import paced_note, paced_year_note
from kpi_engine.words.landing import landing_sentence, so_far_sentence
from kpi_engine.words.reading import number_text
from kpi_engine.words.scorecard import Tile
from kpi_engine.words.valuation import valuation_text
from kpi_engine.workspace import Workspace
from pages.ui.badges import status_badge
from pages.ui.block import html_block
from pages.ui.estimating import note_estimates
from pages.ui.exploring import may_explore, offer_to_explore
from pages.ui.reads import read_edition, read_editions
from pages.ui.states import SCORECARD, no_link, note_open_month, too_little_history
from pages.ui.text import esc

_WHOLE = 100
"""From here a counter shows no decimals."""


def note_month(ws: Workspace, card: Scorecard, found: Explanation) -> None:
    """Above the figures of a month: that it is open, not complete, or what was published of it."""
    month = found.outcome.month
    note_open_month(card, month)
    note_estimates(ws)
    _note_changed_links(ws, found)
    number = read_editions(ws).get(month)
    if number is None:
        return
    edition = read_edition(ws, month=month, number=number)
    published = edition.card.outcome(found.outcome.metric.id)
    if published is None:
        return
    currency = ws.catalogue.organisation.currency
    said = closing_words.published_beside(published, found.outcome, number, currency=currency)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":gray-badge[Latest] {esc(said)}", width="content")
        st.page_link(
            SCORECARD,
            label=f"Read edition {number}",
            query_params={"month": f"{month:%Y-%m}", "edition": str(number)},
        )


def _note_changed_links(ws: Workspace, found: Explanation) -> None:
    month, catalogue = found.outcome.month, ws.catalogue
    last = catalogue.organisation.calendar.last_day(month)
    changed = links_changed_after(catalogue, found.outcome.metric.id, last, read_changes(ws))
    if changed:
        claim, which = changed_links(changed, catalogue, month)
        st.markdown(f"**{esc(claim)}** {esc(which)}")


def show_standing(found: Explanation, *, currency: str) -> None:
    """Status, target, usual range and meaning in one paragraph, and what must be said beside it."""
    outcome = found.outcome
    badge = status_badge(outcome.judgement.status, reading_words.word_of_status(outcome))
    marks = [f":gray-badge[{esc(tag)}]" for tag in reading_words.tags(outcome, currency=currency)]
    said = esc(words.status_sentences(found, currency=currency))
    st.markdown(" ".join([badge, *marks, said]))
    if instruction := words.instruction_text(found):
        st.markdown(f"**{esc(instruction)}**")
    if found.so_far is not None:
        st.markdown(esc(so_far_sentence(found.so_far, outcome.metric, currency=currency)))
    if found.landing is not None:
        st.markdown(esc(landing_sentence(found.landing, outcome.metric, currency=currency)))
    tag = driver_words.watermelon_tag(found)
    if tag is not None:
        st.markdown(f":red-badge[{esc(tag.label)}] {esc(tag.sentence)}")
    offer_to_explore(outcome)


def tiles(found: Explanation, *, currency: str) -> Iterator[Tile]:
    """The five figures above the charts."""
    outcome = found.outcome
    so_far = reading_words.days_of_each(outcome)
    yield Tile(
        label=month_label(outcome.shown_month),
        value=reading_words.value_text(outcome, currency=currency),
        note="",
    )
    yield Tile(
        label=f"Change on {reading_words.previous_label(outcome)}",
        value=reading_words.change_text(outcome, currency=currency),
        note=so_far if so_far and outcome.change is not None else paced_note(outcome),
        meaning="Bold claims are only made about changes outside the usual range.",
    )
    yield Tile(
        label="Change on a year ago",
        value=reading_words.year_change_text(outcome, currency=currency),
        note=so_far if so_far and outcome.change_on_year is not None else paced_year_note(outcome),
    )
    money = found.money
    is_range = money is not None and money.low != money.high
    yield Tile(
        label="Money this month",
        value=money_words(money, currency=currency) if money else "not valued",
        note=f"likely {format_range(money, currency=currency)}" if money and is_range else "",
        meaning="The whole of this month, not only what changed; all valued links together. "
        + valuation_text(found.valuations, currency=currency),
    )
    yield Tile(
        label="Explained by IT measures",
        value=words.explained_share(found) or "–",
        note=words.explained_of(found, currency=currency),
        meaning="The share of the change that the linked measures account for, of what time of "
        "year and trend leave of it.",
    )


def show_change(found: Explanation, *, currency: str) -> None:
    """Two years on the left, what the last month was made of on the right."""
    left, right = st.columns([11, 9], gap="large")
    with left:
        st.subheader(words.TREND_TITLE, anchor=False)
        show_trend(found, currency=currency)
    with right:
        st.subheader(esc(words.movement_title(found)), anchor=False)
        show_movement(found, currency=currency)


def show_trend(found: Explanation, *, currency: str) -> None:
    """Two years with target and usual range; a sentence where there is too little history."""
    outcome = found.outcome
    st.altair_chart(
        trend_chart(outcome, found.events, earlier=found.earlier, currency=currency),
        theme=None,
        alt=words.trend_alt(outcome, currency=currency),
    )
    for one in found.earlier:
        st.caption(esc(earlier_text(one, outcome.metric, currency=currency)))
    if outcome.usual_range is None:
        measured = sum(point.value is not None for point in outcome.history)
        too_little_history(months=measured, needed=FEWEST_POINTS)


def show_movement(found: Explanation, *, currency: str) -> None:
    """The movement as a chart; without a month to compare with, a sentence."""
    if why := words.no_movement_text(found):
        st.markdown(why)
        return
    st.altair_chart(
        movement_chart(found, currency=currency),
        theme=None,
        alt=words.movement_alt(found, currency=currency),
    )
    st.caption(esc(words.movement_caption(found)))


def show_drivers(setting: Setting, *, currency: str) -> None:
    """The IT measures behind the outcome, one a row; without any, what that means."""
    found = setting.explanation
    st.subheader(words.BEHIND, anchor=False)
    if not found.drivers:
        no_link(esc(found.outcome.label))
        return
    html = drivers_html(setting, currency=currency, leads_to_rows=may_explore())
    html_block(html, key="drivers")
    if said := words.beyond_target(found):
        st.caption(esc(said))


def show_parts(found: Explanation, catalogue: Catalogue) -> None:
    """The arithmetic parts of the movement; they add up to it exactly."""
    if not found.identity:
        return
    st.subheader("The same change as arithmetic", anchor=False)
    for sentence in words.mix_sentences(found, currency=catalogue.organisation.currency):
        st.markdown(esc(sentence))
    metric, currency = found.outcome.metric, catalogue.organisation.currency
    rows = [
        {
            "Part": esc(part.label),
            "Before": esc(_part_text(part.before, catalogue.metrics.get(part.metric), currency)),
            "Now": esc(_part_text(part.now, catalogue.metrics.get(part.metric), currency)),
            "Moved the outcome by": esc(
                format_effect(
                    part.effect, unit=metric.unit, decimals=metric.decimals, currency=currency
                )
            ),
        }
        for part in found.identity
    ]
    st.table(pd.DataFrame(rows).set_index("Part"))
    total = format_effect(
        found.movement or 0.0, unit=metric.unit, decimals=metric.decimals, currency=currency
    )
    st.caption(f"These parts are exact and add up to the whole change, {esc(total)}.")


def _part_text(value: float, metric: Metric | None, currency: str) -> str:
    """A part that is a measure prints as one; a counter is a plain number."""
    if metric is not None:
        return number_text(value, metric, currency=currency)
    return f"{value:,.0f}" if abs(value) >= _WHOLE else f"{value:,.4g}"


def show_events(found: Explanation) -> None:
    """What happened in the month, by day."""
    if not found.events:
        return
    st.subheader(words.HAPPENED, anchor=False)
    days = (f"**{event.day.day} {event.day:%b}** {esc(event.sentence)}" for event in found.events)
    st.markdown("  \n".join(days))
