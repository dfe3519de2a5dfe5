"""Every mistake an author can make: found in one pass, with place, rule and the nearest word."""

from pathlib import Path

import pytest

from kpi_engine.catalogue.load import BrokenCatalogueError, load_catalogue
from kpi_engine.errors import DefinitionError
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
METRICS = OUTCOME + DRIVER


def findings_of(
    folder: Path,
    *,
    metrics: str = METRICS,
    links: str = LINK,
    targets: str = TARGET,
    assumptions: str = ASSUMPTION,
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
        "assumptions": assumptions,
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


def test_the_starting_point_of_these_tests_holds_no_mistake(tmp_path: Path) -> None:
    assert errors_of(tmp_path) == []


def test_a_red_line_on_the_good_side_is_told_the_whole_rule(tmp_path: Path) -> None:
    assert errors_of(tmp_path, targets=TARGET.replace("28", "18")) == [
        (
            "targets.yaml, it.lead_time, red_line",
            "18 is on the good side of target 24. Lower is better here, so the red line must be "
            "above 24.",
        )
    ]


@pytest.mark.parametrize(
    ("old", "new", "place", "sentence"),
    [
        pytest.param(
            "fold: median",
            "fold: medain",
            "it.lead_time, measure.fold",
            "'medain' is not one of sum, last, ratio, weighted_mean, median, quantile. Did you "
            "mean 'median'?",
            id="a word that is not in the list",
        ),
        pytest.param(
            "    owners: {business: Ann, it: Bob}\n    sources: [pipeline]",
            "    owners: {business: Ann}\n    sources: [pipeline]",
            "it.lead_time, owners.it",
            "Missing. Every metric that has this part needs 'it'.",
            id="only one owner",
        ),
        pytest.param(
            "    direction: lower",
            "    direction: lower\n    decimal: 2",
            "it.lead_time, decimal",
            "'decimal' is not a field here. Did you mean 'decimals'?",
            id="an unknown field",
        ),
        pytest.param(
            "fold: median, value: ticket.minutes",
            "fold: median, valeu: ticket.minutes",
            "it.lead_time, measure.valeu",
            "'valeu' is not a field here. Did you mean 'value'?",
            id="an unknown field further down",
        ),
        pytest.param(
            "id: it.lead_time",
            "id: lead_time",
            "lead_time, id",
            "'lead_time' found: a metric is called it.…, biz.… or base.…, in small letters, digits "
            "and underscores.",
            id="a name without a side",
        ),
        pytest.param(
            "direction: lower",
            "direction: lower\n    decimals: two",
            "it.lead_time, decimals",
            "'two' found: a whole number is expected.",
            id="a wrong type",
        ),
        pytest.param(
            "fold: median, value: ticket.minutes",
            "fold: ratio, numerator: ticket.closed",
            "it.lead_time, measure",
            "numerator and denominator are given together or not at all.",
            id="half a ratio",
        ),
        pytest.param(
            "side: it",
            "side: business",
            "it.lead_time, side",
            "'business' does not fit the name, which says 'it'. Names starting with it. are IT's, "
            "biz. the business's, base. counts for both.",
            id="a side that does not fit the name",
        ),
        pytest.param(
            "value: ticket.minutes",
            "value: ticket.minuets",
            "it.lead_time, measure.value",
            "The event ticket has no counter 'minuets'. Did you mean 'minutes'?",
            id="a counter that is not there",
        ),
        pytest.param(
            "value: ticket.minutes",
            "value: tickets.minutes",
            "it.lead_time, measure.value",
            "There is no event called 'tickets'. Did you mean 'ticket'?",
            id="an event that is not there",
        ),
        pytest.param(
            "value: ticket.minutes",
            "value: biz.revenu",
            "it.lead_time, measure.value",
            "There is no metric called 'biz.revenu'. Did you mean 'biz.revenue'?",
            id="a metric that is not there",
        ),
        pytest.param(
            "value: ticket.minutes",
            "value: biz.revenue",
            "it.lead_time, measure.value",
            "A median is computed from single events, never from another metric.",
            id="a median of a metric",
        ),
        pytest.param(
            "fold: median, value: ticket.minutes",
            "fold: sum, value: ticket.open",
            "it.lead_time, measure.value",
            "ticket.open does not fit. What is open at the end of a day does not add up over days: "
            "use the fold last.",
            id="a sum of stocks",
        ),
        pytest.param(
            "fold: median, value: ticket.minutes",
            "fold: last, value: ticket.closed",
            "it.lead_time, measure.value",
            "ticket.closed does not fit. The fold last keeps what is open at the end of a day: it "
            "needs a stock counter.",
            id="the last of a flow",
        ),
        pytest.param(
            "fold: median, value: ticket.minutes",
            "fold: median, value: ticket.closed",
            "it.lead_time, measure.value",
            "ticket.closed does not fit. A median needs a counter with a value for each event.",
            id="a median of counts",
        ),
        pytest.param(
            "fold: median, value: ticket.minutes",
            "fold: ratio, numerator: it.lead_time, denominator: ticket.created",
            "it.lead_time, measure",
            "It is made of itself: it.lead_time needs it.lead_time. Parts must end at events or "
            "imported facts.",
            id="a circle",
        ),
        pytest.param(
            "direction: lower",
            "direction: lower\n    dimensions: [teem]",
            "it.lead_time, dimensions",
            "ticket.minutes cannot be sliced by 'teem'. Did you mean 'team'?",
            id="a dimension the events do not have",
        ),
        pytest.param(
            "direction: lower",
            "direction: lower\n    counter_metric: it.led_time",
            "it.lead_time, counter_metric",
            "There is no metric called 'it.led_time'. Did you mean 'it.lead_time'?",
            id="a counter-metric that is not there",
        ),
        pytest.param(
            "direction: lower",
            "direction: lower\n    goal: Grow",
            "it.lead_time, goal",
            "Only business outcomes stand under a goal.",
            id="an IT measure under a goal",
        ),
        pytest.param(
            "direction: lower",
            "direction: lower\n    failure_space: true",
            "it.lead_time, failure_space",
            "Only a share of which more is better can be judged by what went wrong.",
            id="hours judged as a share",
        ),
        pytest.param(
            "direction: lower",
            "direction: lower\n    activity: true",
            "it.lead_time",
            "an activity metric has direction none: more work is not better.",
            id="an activity with a direction",
        ),
    ],
)
def test_a_mistake_in_a_metric_is_named(
    tmp_path: Path, old: str, new: str, place: str, sentence: str
) -> None:
    assert old in DRIVER
    found = errors_of(tmp_path, metrics=OUTCOME + DRIVER.replace(old, new), links="", targets="")
    assert (f"metrics.yaml, {place}", sentence) in found


@pytest.mark.parametrize(
    ("new", "place", "sentence"),
    [
        pytest.param(
            "{metric: it.lead_tiem, valid_from: 2026-01-01, target: 24, red_line: 28}",
            "it.lead_tiem, metric",
            "There is no metric called 'it.lead_tiem'. Did you mean 'it.lead_time'?",
            id="an unknown metric",
        ),
        pytest.param(
            "{metric: it.lead_time, valid_from: 2026-01-01, target: 24, red_line: 24}",
            "it.lead_time, red_line",
            "24 is the same as target 24. Lower is better here, so the red line must be above 24.",
            id="red line on the target",
        ),
        pytest.param(
            "{metric: biz.revenue, valid_from: 2026-01-01, target: 100, red_line: 120}",
            "biz.revenue, red_line",
            "120 is on the good side of target 100. Higher is better here, so the red line must be "
            "below 100.",
            id="red line above where higher is better",
        ),
        pytest.param(
            "{metric: it.lead_time, valid_from: 2026-01-01, target: [1, 2], red_line: 28}",
            "it.lead_time, target",
            "(1.0, 2.0) found. One number is needed: the direction of it.lead_time is lower.",
            id="a range where there is a direction",
        ),
        pytest.param(
            "{metric: it.lead_time, valid_from: 2026-01-01, target: a day, red_line: 28}",
            "it.lead_time, target",
            "'a day' found: a number is expected, or two in square brackets for a range.",
            id="words for a number",
        ),
        pytest.param(
            "{metric: it.lead_time, valid_from: January, target: 24, red_line: 28}",
            "it.lead_time, valid_from",
            "'January' found: a date such as 2026-01-01 is expected.",
            id="words for a date",
        ),
        pytest.param(
            "{metric: it.lead_time, valid_from: 2026-13-45, target: 24, red_line: 28}",
            "it.lead_time, valid_from",
            "'2026-13-45' found: a date such as 2026-01-01 is expected.",
            id="a day that is not in the calendar",
        ),
        pytest.param(
            "{metric: it.lead_time, valid_from: 2026-01-15, target: 24, red_line: 28}",
            "it.lead_time, valid_from",
            "Targets start with a month, so on its first day.",
            id="the middle of a month",
        ),
        pytest.param(
            "{metric: it.lead_time, valid_from: 2026-01-01, segment: {team: A}, target: 24, "
            "red_line: 28}",
            "it.lead_time, segment",
            "it.lead_time cannot be sliced by 'team'.",
            id="a segment the metric does not have",
        ),
    ],
)
def test_a_mistake_in_a_target_is_named(
    tmp_path: Path, new: str, place: str, sentence: str
) -> None:
    text = f"targets:\n  - {new[:-1]}, provenance: agreed}}\n"
    assert errors_of(tmp_path, targets=text) == [(f"targets.yaml, {place}", sentence)]


@pytest.mark.parametrize(
    ("target", "red_line", "field", "sentence"),
    [
        pytest.param(
            "[0.2, 0.7]",
            "[0.3, 0.9]",
            "red_line",
            "0.3 and 0.9 do not lie outside the target 0.2 to 0.7. The red lines of a range must "
            "be below 0.2 and above 0.7.",
            id="a red line inside the range",
        ),
        pytest.param(
            "[0.7, 0.2]",
            "[0.1, 0.9]",
            "target",
            "0.7 to 0.2 is no range. The first number must be the smaller one.",
            id="a range the wrong way round",
        ),
        pytest.param(
            "0.5",
            "[0.1, 0.9]",
            "target",
            "0.5 found. Two numbers are needed for a range: the direction of it.lead_time is "
            "range.",
            id="one number for a range",
        ),
        pytest.param(
            "[20, 70]",
            "[10, 90]",
            "target",
            "(20.0, 70.0) found. Percentages are written as fractions: 0.95 for 95 %.",
            id="percent for fractions",
        ),
    ],
)
def test_a_range_needs_two_numbers_within_its_red_lines(
    tmp_path: Path, target: str, red_line: str, field: str, sentence: str
) -> None:
    parts = "fold: ratio, numerator: ticket.closed, denominator: ticket.created"
    share = DRIVER.replace("direction: lower", "direction: range").replace("hours", "percent")
    share = share.replace("fold: median, value: ticket.minutes", parts)
    text = TARGET.replace("target: 24", f"target: {target}").replace("28", red_line)
    found = errors_of(tmp_path, metrics=OUTCOME + share, targets=text)
    assert (f"targets.yaml, it.lead_time, {field}", sentence) in found


def test_an_activity_can_carry_no_target_and_moves_no_outcome(tmp_path: Path) -> None:
    activity = DRIVER.replace("direction: lower", "direction: none\n    activity: true")
    assert errors_of(tmp_path, metrics=OUTCOME + activity) == [
        (
            "links.yaml, lead_time_to_revenue, sign",
            "it.lead_time counts activity. An activity moves no outcome by itself: sign 0, grade "
            "contradicted.",
        ),
        (
            "targets.yaml, it.lead_time",
            "it.lead_time counts activity and serves no outcome, so it can carry no status and no "
            "target. Set a target for the outcome that the work is for.",
        ),
    ]


@pytest.mark.parametrize(
    ("old", "new", "field", "sentence"),
    [
        pytest.param(
            "driver: it.lead_time",
            "driver: it.leadtime",
            "driver",
            "There is no metric called 'it.leadtime'. Did you mean 'it.lead_time'?",
            id="an unknown driver",
        ),
        pytest.param(
            "outcome: biz.revenue",
            "outcome: it.lead_time",
            "outcome",
            "it.lead_time is on the side 'it'. A link leads to a business outcome.",
            id="an IT measure as outcome",
        ),
        pytest.param(
            "    driver: it.lead_time",
            "    driver: it.lead_time\n    driver_segment: {service: Shop}",
            "driver_segment",
            "it.lead_time cannot be sliced by 'service'.",
            id="a part the driver does not have",
        ),
        pytest.param(
            "grade: E\n    reachable",
            "grade: D\n    money: {assumptions: [margin]}\n    reachable",
            "assumptions",
            "There is no assumption called 'margin'. Did you mean 'margin_share'?",
            id="an unknown assumption",
        ),
        pytest.param(
            "reachable_grade: C",
            "reachable_grade: E",
            "reachable_grade",
            "E is weaker than the grade it has, D.",
            id="a grade that can only fall",
        ),
        pytest.param(
            "sign: -1",
            "sign: 0",
            "sign",
            "Sign 0 says that one does not move the other: it goes with the grade contradicted.",
            id="no sign without contradiction",
        ),
        pytest.param(
            "grade: E\n    reachable",
            "grade: B\n    reachable",
            "",
            "an influence link cannot be declared A or B: that must be earned.",
            id="an influence that claims proof",
        ),
        pytest.param(
            "kind: influence",
            "kind: identity",
            "kind",
            "An identity is arithmetic: the driver is a part of the outcome's measure, or money "
            "says how it becomes that.",
            id="an identity without arithmetic",
        ),
        pytest.param(
            "kind: influence",
            "kind: influence\n    counting: {kind: lost_ordres, recovered_share: margin_share}",
            "counting",
            "'lost_ordres' is not one of lost_orders, lost_hours. Did you mean 'lost_orders'?",
            id="an unknown way of counting",
        ),
    ],
)
def test_a_mistake_in_a_link_is_named(
    tmp_path: Path, old: str, new: str, field: str, sentence: str
) -> None:
    text = LINK.replace("grade: E", "grade: D") if field == "reachable_grade" else LINK
    assert old in text
    place = ", ".join(part for part in ("links.yaml", "lead_time_to_revenue", field) if part)
    assert (place, sentence) in errors_of(tmp_path, links=text.replace(old, new))


def test_what_one_mechanism_costs_is_counted_once(tmp_path: Path) -> None:
    impact = LINK.replace(
        "kind: influence",
        "kind: impact\n    counting: {kind: lost_orders, recovered_share: margin_share}",
    )
    second = impact.removeprefix("links:\n").replace("lead_time_to_revenue", "again")
    assert errors_of(tmp_path, links=impact + second) == [
        (
            "links.yaml, again, counting",
            "lost_orders into biz.revenue is counted by lead_time_to_revenue already. What one "
            "mechanism costs is counted once; make this an influence.",
        )
    ]


def test_an_assumption_keeps_its_range_in_order_and_has_a_date(tmp_path: Path) -> None:
    text = ASSUMPTION.replace("mid: 0.3", "mid: 0.5")
    assert errors_of(tmp_path, assumptions=text) == [
        ("assumptions.yaml, margin_share", "low, mid and high must not decrease.")
    ]


def test_an_assumption_expires_on_a_day_of_the_calendar(tmp_path: Path) -> None:
    text = ASSUMPTION.replace("2027-12-31", "next year")
    assert errors_of(tmp_path, assumptions=text) == [
        (
            "assumptions.yaml, margin_share, expires",
            "'next year' found: a date such as 2026-01-01 is expected.",
        )
    ]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        pytest.param(
            "biz.revenu",
            "There is no metric called 'biz.revenu'. Did you mean 'biz.revenue'?",
            id="unknown",
        ),
        pytest.param(
            "it.lead_time",
            "it.lead_time is on the side 'it'. Rows of the scorecard are business outcomes; IT "
            "measures stand beneath them.",
            id="not an outcome",
        ),
        pytest.param(
            "biz.revenue, biz.revenue",
            "biz.revenue stands twice. An outcome has one row.",
            id="twice",
        ),
    ],
)
def test_rows_of_the_scorecard_are_outcomes_once_each(
    tmp_path: Path, row: str, sentence: str
) -> None:
    text = ORGANISATION.replace("[biz.revenue]", f"[{row}]")
    assert errors_of(tmp_path, organisation=text) == [
        ("organisation.yaml, organisation, scorecard", sentence)
    ]


def test_a_catalogue_without_organisation_is_refused(tmp_path: Path) -> None:
    sentence = "No organisation is declared. One file starts with organisation: and a name."
    assert ("organisation.yaml", sentence) in errors_of(tmp_path, organisation="targets: []\n")


def test_an_entry_that_stands_twice_in_a_folder_is_named_with_both_lines(tmp_path: Path) -> None:
    text = OUTCOME + DRIVER + DRIVER
    assert errors_of(tmp_path, metrics=text) == [
        (
            "metrics.yaml, it.lead_time, id",
            "'it.lead_time' stands twice: in metrics.yaml line 13 and in metrics.yaml line 23. "
            "Within a folder every metric stands once.",
        )
    ]


def test_a_field_that_stands_twice_would_silently_win_and_is_refused(tmp_path: Path) -> None:
    text = METRICS + "    unit: days\n"
    found = findings_of(tmp_path, metrics=text)
    assert [(f.place, f.sentence) for f in found if f.severity is Severity.ERROR] == [
        (
            "metrics.yaml",
            "The field 'unit' stands twice in one entry: the last one would silently win. Keep "
            "one of them.",
        )
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param("", "The file is empty. Write a definition or delete it.", id="empty"),
        pytest.param(
            "- one\n",
            "['one'] is not a set of named fields. A file of definitions starts with one of "
            "metrics:, links:, targets:, assumptions:, events:, organisation:",
            id="a list",
        ),
        pytest.param(
            "linsk: []\n",
            "'linsk' is not a kind of definition. Did you mean 'links'?",
            id="an unknown section",
        ),
        pytest.param(
            "links: none\n",
            "links: 'none' found, a list, '- id: …' expected.",
            id="a section that is no list",
        ),
        pytest.param(
            "links:\n  - lead_time\n",
            "links, entry 1: 'lead_time' is not a set of fields.",
            id="an entry that is no set",
        ),
    ],
)
def test_a_file_that_is_no_definition_says_why(tmp_path: Path, text: str, sentence: str) -> None:
    assert ("links.yaml", sentence) in errors_of(tmp_path, links=text)


def test_broken_yaml_names_line_and_column(tmp_path: Path) -> None:
    ((place, sentence),) = errors_of(tmp_path, links=LINK + "    counting: {kind: [\n")
    assert place == "links.yaml"
    assert sentence.startswith("Not valid YAML at line 14, column 1: ")
    assert sentence.endswith(". The rest of this file was not checked.")


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "zone.yaml").write_bytes("# Zürich".encode("latin-1"))
    sentence = "Not UTF-8 text at byte 3: save it as UTF-8."
    assert ("zone.yaml", sentence) in errors_of(tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenCatalogueError) as caught:
        load_catalogue(tmp_path / "nowhere", recipes=tmp_path)
    assert caught.value.findings[0].place == str(tmp_path / "nowhere")
    assert "There is no such folder." in caught.value.findings[0].sentence


def test_an_abbreviation_that_nobody_explained_is_a_warning(tmp_path: Path) -> None:
    text = METRICS.replace("Half of all changes", "By DORA, half of all IT changes")
    found = findings_of(tmp_path, metrics=text)
    warnings = [f for f in found if f.severity is Severity.WARNING]
    assert [(f.place, f.sentence) for f in warnings] == [
        (
            "metrics.yaml, it.lead_time, sentence",
            "'DORA' is explained nowhere. Readers are not expected to know it.",
        )
    ]


def test_what_nobody_needs_is_a_note(tmp_path: Path) -> None:
    found = findings_of(tmp_path, links="links: []\n")
    assert [(f.place, f.sentence) for f in found if f.severity is Severity.NOTE] == [
        ("metrics.yaml, biz.revenue", "Nothing in IT is linked to Net revenue."),
        ("metrics.yaml, it.lead_time", "From finished change to live serves no outcome."),
        ("assumptions.yaml, margin_share", "No link uses this assumption."),
    ]


RECIPE = """\
id: tickets
version: 1
label: Tickets
source: Help desk
event: ticket
fields:
  number: {columns: [Number], required: true}
  opened_at: {columns: [Opened]}
"""


@pytest.mark.parametrize(
    ("old", "new", "field", "sentence"),
    [
        pytest.param(
            "event: ticket",
            "event: tickt",
            "event",
            "There is no event called 'tickt'. Did you mean 'ticket'?",
            id="unknown event",
        ),
        pytest.param(
            "opened_at:",
            "opend_at:",
            "fields",
            "'opend_at' is not a column of the event ticket. Columns: number, team, opened_at, "
            "closed_at, minutes.",
            id="unknown column",
        ),
        pytest.param(
            "number: {",
            "team: {",
            "fields",
            "'number' is missing. It is part of the key of the event ticket.",
            id="without the key",
        ),
        pytest.param(
            "version: 1",
            "versoin: 1",
            "versoin",
            "'versoin' is not a field here. Did you mean 'version'?",
            id="unknown field",
        ),
    ],
)
def test_a_mistake_in_a_recipe_is_named(
    tmp_path: Path, old: str, new: str, field: str, sentence: str
) -> None:
    found = errors_of(tmp_path, recipe=RECIPE.replace(old, new))
    assert (f"recipe.yaml, tickets, {field}", sentence) in found


def test_a_recipe_may_read_a_field_only_to_put_rows_in_order(tmp_path: Path) -> None:
    helper = "  updated_at: {columns: [Updated]}\ngrouping: {how: latest, order_by: [updated_at]}\n"
    assert errors_of(tmp_path, recipe=RECIPE + helper) == []


def test_all_mistakes_of_all_files_come_at_once(tmp_path: Path) -> None:
    found = errors_of(
        tmp_path,
        metrics=METRICS.replace("fold: median", "fold: medain").replace("unit: currency\n", "\n"),
        links=LINK.replace("biz.revenue", "biz.revenu").replace("kind: influence", "kinds: a"),
        targets=TARGET.replace("24", "a day").replace("provenance", "provenience"),
        assumptions=ASSUMPTION.replace("    owner: Ann\n", "").replace("low: 0.2", "low: 0.9"),
        organisation=ORGANISATION.replace("biz.revenue", "biz.reveneu") + "  clock: UTC\n",
        recipe="{",
    )
    assert [place for place, _ in found] == [
        "recipe.yaml",
        "assumptions.yaml, margin_share, owner",
        "links.yaml, lead_time_to_revenue, kind",
        "links.yaml, lead_time_to_revenue, kinds",
        "metrics.yaml, biz.revenue, unit",
        "metrics.yaml, it.lead_time, measure.fold",
        "organisation.yaml, organisation, clock",
        "targets.yaml, it.lead_time, target",
        "targets.yaml, it.lead_time, provenance",
        "targets.yaml, it.lead_time, provenience",
    ]


def test_one_wrong_metric_is_not_reported_again_by_all_that_name_it(tmp_path: Path) -> None:
    found = errors_of(tmp_path, metrics=METRICS.replace("fold: median", "fold: medain"))
    assert [place for place, _ in found] == ["metrics.yaml, it.lead_time, measure.fold"]


def test_the_error_says_how_many_mistakes_there_are_and_shows_the_first(tmp_path: Path) -> None:
    (tmp_path / "organisation.yaml").write_text(ORGANISATION.replace("[biz.revenue]", "[]"))
    recipes = tmp_path / "recipes"
    with pytest.raises(DefinitionError, match=r"1 mistake\. .*recipes: There is no") as caught:
        load_catalogue(tmp_path, recipes=recipes)
    assert "python -m kpi_engine check" in caught.value.hint


def test_a_finding_names_the_line_its_entry_stands_on(tmp_path: Path) -> None:
    found = findings_of(tmp_path, metrics=METRICS.replace("fold: median", "fold: medain"))
    assert [(f.line, f.value) for f in found] == [(13, "'medain'")]
