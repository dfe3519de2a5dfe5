"""How an outcome's numbers come about: definition, every link down to its data, assumptions."""

import pandas as pd
import streamlit as st

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.charts.method import points_chart
from kpi_engine.mapping.wall_clock import on_the_wall
from kpi_engine.services.method import LinkMethod, Method
from kpi_engine.units import lower_first
from kpi_engine.words import drivers as driver_words
from kpi_engine.words import method as words
from kpi_engine.words.checks import checks
from kpi_engine.words.judgement import EVIDENCE
from kpi_engine.words.reading import day_text
from kpi_engine.words.valuation import assumption_text
from pages.ui.text import esc


def show_method(found: Method, catalogue: Catalogue) -> None:
    """The outcome's definition, then one section a link, then what was assumed."""
    currency = catalogue.organisation.currency
    metric = found.explanation.outcome.metric
    leaves_out = esc(f"It leaves out: {lower_first(metric.not_measured)}")
    st.markdown(f"{esc(metric.sentence)} {leaves_out}")
    for link in found.links:
        _show_link(link, found, catalogue)
    rest = driver_words.remainder_text(found.explanation, currency=currency)
    st.subheader(driver_words.OTHER_CAUSES, anchor=False)
    st.markdown(esc(f"{rest or 'Nothing'}. {words.remainder_reckoned(found.explanation)}"))
    if found.explanation.assumptions:
        st.subheader("What was assumed", anchor=False)
    for assumption in found.explanation.assumptions:
        source = assumption.source.rstrip(".")
        st.markdown(
            f"**{esc(assumption.label)}.** "
            f"{esc(assumption_text(assumption, currency=currency))}. {esc(source)}. "
            f"Answered for by {esc(assumption.owner)}, until {day_text(assumption.expires)}."
        )
    st.caption(f"As of batch {found.explanation.as_of}.")


def _show_link(link: LinkMethod, found: Method, catalogue: Catalogue) -> None:
    currency = catalogue.organisation.currency
    contribution = link.driver.contribution
    st.subheader(esc(link.driver.reading.label), anchor=False)
    grade = EVIDENCE[contribution.grade]
    st.markdown(
        f":gray-badge[evidence {esc(grade)}] **{esc(words.lead(link, currency=currency))}**"
    )
    influence = contribution.influence
    has_points = bool(link.points) and influence is not None and influence.model is not None
    left, right = st.columns([11, 9], gap="large") if has_points else (st.container(), None)
    with left:
        told = words.steps(link, currency=currency)
        st.markdown("\n\n".join(f"**{title}.** {esc(text)}" for title, text in told))
    if right is not None and influence is not None and influence.model is not None:
        with right:
            st.altair_chart(
                points_chart(link, found.explanation.outcome, currency=currency),
                theme=None,
                alt=words.points_alt(link, found.explanation),
            )
            model = influence.model
            st.caption(words.points_caption(link, model.grain, periods=model.periods))
    if influence is not None and influence.model is not None and influence.estimate is not None:
        tested = checks(
            link, found.explanation, influence.estimate, influence.model.grain, catalogue
        )
        rows = [
            {
                "Tested": one.title,
                "Result": one.mark,
                "What was found": esc(one.sentence),
                "Speaks against it": esc(one.bar),
            }
            for one in tested
        ]
        if rows:
            st.table(pd.DataFrame(rows).set_index("Tested"))
    if link.outages:
        _show_outages(link, found)


def _show_outages(link: LinkMethod, found: Method) -> None:
    """Every outage that was counted, and what it cost."""
    rows = []
    for loss in link.outages:
        starts = on_the_wall(loss.outage.started_at, found.zone)
        rows.append(
            {
                "Outage": f"{day_text(starts.date())}, {starts:%H:%M}",
                "Service": esc(loss.outage.service),
                "Minutes": f"{loss.outage.minutes:,.0f}",
                "Orders expected": f"{loss.expected.mid:,.0f}",
                "Ordered all the same": f"{loss.ordered:,.0f}",
                "Lost (range)": f"{loss.lost.mid:,.0f} "
                f"({loss.lost.low:,.0f} to {loss.lost.high:,.0f})",
            }
        )
    st.table(pd.DataFrame(rows).set_index("Outage"))
