"""A small catalogue without a mistake, for tests that make one in it."""

from pathlib import Path

from kpi_engine.catalogue.load import BrokenCatalogueError, load_catalogue
from kpi_engine.findings import Finding
from kpi_engine.terms import Severity

ORGANISATION = """\
organisation:
  name: Test & Co
  scorecard: [biz.revenue]
  glossary: {IT: the systems}
"""
EVENTS = """\
events:
  - id: ticket
    label: Ticket
    plural: tickets
    key: [number]
    columns: {number: text, team: text, opened_at: instant, closed_at: instant, minutes: number}
    dimensions: [team]
    counters:
      created: {at: opened_at}
      closed: {at: closed_at}
      minutes: {at: closed_at, value: minutes}
      open: {type: stock, opens: opened_at, closes: closed_at}
"""
OUTCOME = """\
metrics:
  - id: biz.revenue
    label: Net revenue
    side: business
    unit: currency
    direction: higher
    measure: {fold: sum}
    sentence: What customers paid, less what they got back.
    not_measured: Profit and everything else.
    owners: {business: Ann, it: Bob}
    sources: [shop]
    goal: Grow
"""
DRIVER = """\
  - id: it.lead_time
    label: From finished change to live
    side: it
    unit: hours
    direction: lower
    measure: {fold: median, value: ticket.minutes}
    sentence: Half of all changes went live faster.
    not_measured: The time before that.
    owners: {business: Ann, it: Bob}
    sources: [pipeline]
"""
LINK = """\
links:
  - id: lead_time_to_revenue
    driver: it.lead_time
    outcome: biz.revenue
    kind: influence
    mechanism: Late changes earn nothing.
    sign: -1
    lag_days: [0, 30]
    grade: E
    reachable_grade: C
    grade_reason: Judged by experience.
    review_by: 2027-12-31
"""
TARGET = """\
targets:
  - {metric: it.lead_time, valid_from: 2026-01-01, target: 24, red_line: 28, provenance: agreed}
"""
ASSUMPTION = """\
assumptions:
  - id: margin_share
    label: Margin
    sentence: What is left of an order.
    unit: share
    low: 0.2
    mid: 0.3
    high: 0.4
    owner: Ann
    source: accounts
    expires: 2027-12-31
"""
INITIATIVE = """\
initiatives:
  - id: fewer_steps
    label: Fewer steps to live
    sentence: Two of five approvals are left out.
    starts: 2026-01-01
    due: 2026-12-31
    moves:
      - {metric: it.lead_time, sign: -1, change: {low: -8, high: -2}}
      - {metric: biz.revenue, sign: 1}
    owner: Ann
    agreed_on: 2025-12-01
"""
METRICS = OUTCOME + DRIVER
BASELINE = """\
baselines:
  - metric: biz.revenue
    valid_from: 2026-02-01
    because: The second shop opened.
    agreed_by: {business: Ann, it: Bob}
"""


def findings_of(
    folder: Path,
    *,
    metrics: str = METRICS,
    links: str = LINK,
    targets: str = TARGET,
    baselines: str = BASELINE,
    assumptions: str = ASSUMPTION,
    initiatives: str = INITIATIVE,
    organisation: str = ORGANISATION,
    recipe: str = "",
) -> tuple[Finding, ...]:
    """What a folder of definitions with these texts is told; all that is not given is right."""
    recipes = folder / "recipes"
    recipes.mkdir()
    if recipe:
        (recipes / "recipe.yaml").write_text(recipe)
    texts = {
        "metrics": metrics,
        "links": links,
        "targets": targets,
        "baselines": baselines,
        "assumptions": assumptions,
        "initiatives": initiatives,
        "organisation": organisation,
        "events": EVENTS,
    }
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)
    try:
        return load_catalogue(folder, recipes=recipes).findings
    except BrokenCatalogueError as error:
        return error.findings


def errors_of(folder: Path, **texts: str) -> list[tuple[str, str]]:
    """Place and sentence of every mistake."""
    found = findings_of(folder, **texts)
    return [(f.place, f.sentence) for f in found if f.severity is Severity.ERROR]
