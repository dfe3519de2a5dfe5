"""Rules between entries: everything one file cannot know about another. All mistakes at once."""

from collections.abc import Iterator
from datetime import date

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.draft import Draft
from kpi_engine.catalogue.initiative_checks import initiative_findings
from kpi_engine.catalogue.link_checks import link_findings
from kpi_engine.catalogue.metric_checks import metric_findings
from kpi_engine.catalogue.plain_language import language_findings
from kpi_engine.catalogue.recipe_checks import recipe_findings
from kpi_engine.catalogue.target_checks import baseline_findings, target_findings
from kpi_engine.findings import Finding
from kpi_engine.terms import Severity, Side
from kpi_engine.units import lower_first


def check_catalogue(draft: Draft) -> list[Finding]:
    """Every mistake, warning and note about entries that do not fit each other."""
    return [
        *_organisation_findings(draft),
        *metric_findings(draft),
        *link_findings(draft),
        *target_findings(draft),
        *baseline_findings(draft),
        *initiative_findings(draft),
        *recipe_findings(draft),
        *_coverage_notes(draft),
        *language_findings(draft),
    ]


def check_dates(catalogue: Catalogue, *, today: date) -> list[Finding]:
    """Warnings about what has run out: assumptions past their expiry, links past their review."""
    found = [
        Finding(
            severity=Severity.WARNING,
            place=f"assumption {assumption.id}",
            sentence=f"{assumption.label}: this assumption held until {_day(assumption.expires)}.",
            next_step=f"{assumption.owner} confirms or changes it, and sets a new date.",
        )
        for assumption in catalogue.assumptions.values()
        if assumption.expires < today
    ]
    return found + [
        Finding(
            severity=Severity.WARNING,
            place=f"link {link.id}",
            sentence=f"{catalogue.metric(link.driver).label} and "
            f"{lower_first(catalogue.metric(link.outcome).label)}: this link was to be looked at "
            f"again by {_day(link.review_by)}.",
            next_step="Its owners look at the evidence again, and set a new date.",
        )
        for link in catalogue.links.values()
        if link.review_by < today
    ]


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _organisation_findings(draft: Draft) -> Iterator[Finding]:
    if ("organisation", "organisation") not in draft.declared:
        yield Finding(
            severity=Severity.ERROR,
            place="organisation.yaml",
            sentence="No organisation is declared. One file starts with organisation: and a name.",
        )
    if draft.organisation is None:
        return
    order = draft.organisation.scorecard
    for position, name in enumerate(order):
        place = ("organisation", "organisation", "scorecard")
        yield from draft.unknown(*place, name, wanted="metric")
        metric = draft.metrics.get(name)
        if metric and metric.side is not Side.BUSINESS:
            rule = "Rows of the scorecard are business outcomes; IT measures stand beneath them."
            yield draft.error(*place, f"{name} is on the side '{metric.side}'. {rule}", value=name)
        if name in order[:position]:
            yield draft.error(*place, f"{name} stands twice. An outcome has one row.", value=name)
        if metric and metric.goal is None and metric.side is Side.BUSINESS:
            yield draft.error(
                "metric", name, "goal", "Missing. A row of the scorecard stands under a goal."
            )


def _coverage_notes(draft: Draft) -> Iterator[Finding]:
    """N10: what IT measures for nobody, and what nobody in IT moves."""
    counted = [link for link in draft.links.values() if link.sign != 0]
    drivers = {link.driver for link in counted}
    outcomes = {link.outcome for link in counted}
    for key, metric in draft.metrics.items():
        if metric.side is Side.IT and key not in drivers:
            what = "counts activity and serves" if metric.activity else "serves"
            cure = "Link it to what it moves, or stop reporting it."
            yield draft.note("metric", key, f"{metric.label} {what} no outcome.", cure=cure)
        if metric.side is Side.BUSINESS and key not in outcomes:
            cure = "Link an IT measure to it, if there is one that moves it."
            yield draft.note(
                "metric", key, f"Nothing in IT is linked to {metric.label}.", cure=cure
            )
    for key in sorted(set(draft.assumptions) - _used_assumptions(draft)):
        cure = "Name it in a link, or delete it."
        yield draft.note("assumption", key, "No link uses this assumption.", cure=cure)


def _used_assumptions(draft: Draft) -> set[str]:
    return {name for link in draft.links.values() for name in link.assumptions}
