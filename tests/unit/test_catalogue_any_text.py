"""Whatever an author does to a file: it loads, or every mistake is listed. Never anything else."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_engine.catalogue.load import BrokenCatalogueError, load_catalogue
from kpi_engine.findings import Finding

SAMPLE = """\
organisation:
  name: Test & Co
  scorecard: [biz.revenue]
metrics:
  - id: biz.revenue
    label: Net revenue
    side: business
    unit: currency
    direction: higher
    measure: {fold: ratio, numerator: ticket.created, denominator: ticket.created, scale: 2}
    sentence: What customers paid, less what they got back.
    not_measured: Profit and everything else.
    owners: {business: Ann, it: Bob}
    sources: [shop]
    goal: Grow
targets:
  - {metric: biz.revenue, valid_from: 2026-01-01, target: 24, red_line: 20, provenance: agreed}
links:
  - id: revenue_to_revenue
    driver: biz.revenue
    outcome: biz.revenue
    kind: impact
    mechanism: It moves itself, which is a mistake.
    sign: -1
    lag_days: [0, 30]
    grade: E
    reachable_grade: C
    grade_reason: Judged by experience.
    review_by: 2027-12-31
    counting: {kind: lost_orders, recovered_share: margin_share}
    money: {assumptions: [margin_share], metric: biz.revenue}
assumptions:
  - {id: margin_share, label: Margin, sentence: What is left of it., unit: share, low: 0, mid: 1,
     high: 2, owner: Ann, source: accounts, expires: 2027-12-31}
events:
  - id: ticket
    label: Ticket
    plural: tickets
    key: [number]
    columns: {number: text, opened_at: instant}
    counters:
      created: {at: opened_at}
      open: {type: stock, opens: opened_at, closes: opened_at}
"""
LINES = SAMPLE.splitlines()
VALUES = st.sampled_from(
    [
        "",
        "[]",
        "{}",
        "-1",
        "1.5",
        ".nan",
        ".inf",
        "true",
        "null",
        "it",
        "it.x",
        "9e999",
        "'",
        "*gone",
        "2026-13-45",
        "ticket.nothing",
        "{a: {b: 1}}",
        "[a, {b: 1}]",
        "1: 2",
        "!!python/none x",
        "\t",
        "? [a]",
    ]
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """The sample with one to three lines emptied, doubled, or given another value."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 3))):
        position = draw(st.integers(0, len(lines) - 1))
        field, colon, _ = lines[position].partition(":")
        value = draw(VALUES)
        change = draw(st.sampled_from(["empty", "double", "value", "indent"]))
        lines[position] = {
            "empty": "",
            "double": f"{lines[position]}\n{lines[position]}",
            "value": f"{field}{colon} {value}",
            "indent": f"  {lines[position]}",
        }[change]
    return "\n".join(lines)


@settings(max_examples=300, deadline=None)
@given(damaged())
def test_a_damaged_file_loads_or_lists_its_mistakes(text: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, recipes = Path(name), Path(name) / "recipes"
        recipes.mkdir()
        (folder / "all.yaml").write_text(text)
        found = findings_of(folder, recipes)
    assert all(finding.place and finding.sentence.strip() for finding in found)


def findings_of(folder: Path, recipes: Path) -> tuple[Finding, ...]:
    try:
        return load_catalogue(folder, recipes=recipes).findings
    except BrokenCatalogueError as error:
        return error.findings
