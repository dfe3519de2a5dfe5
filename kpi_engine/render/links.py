"""Every link of a month as one table: how sure, felt when, doing what, agreed by whom."""

from dataclasses import dataclass

from kpi_engine.periods import month_label
from kpi_engine.render.addresses import outcome_address
from kpi_engine.render.blocks import environment, styles
from kpi_engine.render.link_lines import LINK_LOOKS
from kpi_engine.services.map import LinkMap, MapLink, MapOutcome
from kpi_engine.terms import Status
from kpi_engine.words.judgement import STATUS
from kpi_engine.words.map import GAP_OUTCOME, LinkLine, link_line
from kpi_engine.words.outcome import METHOD


@dataclass(frozen=True, kw_only=True)
class LinkRow:
    """One link; ``dash`` and ``is_dim`` draw its line as on the map."""

    line: LinkLine
    status: Status
    word: str
    dash: str
    is_dim: bool


@dataclass(frozen=True, kw_only=True)
class OutcomeLinks:
    """One outcome with its links; ``goal`` is the one it opens, empty for the goal's others.

    Attributes:
        way: Address of how its numbers are worked out.
    """

    id: str
    href: str
    way: str
    goal: str
    label: str
    status: Status
    word: str
    gap: str
    rows: tuple[LinkRow, ...]


def links_html(found: LinkMap) -> str:
    """The table with its styles, ready to be put into a page; a list where there is little room."""
    return (
        environment()
        .get_template("links.html.j2")
        .render(
            styles=styles("links"),
            outcomes=[
                _outcome(outcome, found, goal=goal.name if place == 0 else "")
                for goal in found.goals
                for place, outcome in enumerate(goal.outcomes)
            ],
            organisation=found.organisation.name,
            month=month_label(found.month),
            method=METHOD,
        )
    )


def _outcome(outcome: MapOutcome, found: LinkMap, *, goal: str) -> OutcomeLinks:
    metric, status = outcome.reading.metric, outcome.reading.judgement.status
    return OutcomeLinks(
        id=metric.id,
        href=outcome_address(metric.id, found.month),
        way=outcome_address(metric.id, found.month, view=METHOD),
        goal=goal,
        label=outcome.reading.label,
        status=status,
        word=STATUS[status].word,
        gap="" if outcome.links else GAP_OUTCOME,
        rows=tuple(_row(one, outcome, found.organisation.currency) for one in outcome.links),
    )


def _row(one: MapLink, outcome: MapOutcome, currency: str) -> LinkRow:
    status, look = one.reading.judgement.status, LINK_LOOKS[one.contribution.grade]
    return LinkRow(
        line=link_line(one, outcome, currency=currency),
        status=status,
        word=STATUS[status].word,
        dash=look.dash,
        is_dim=look.is_dim,
    )
