"""Mistakes in a metric: each is named with its field, the rule and the nearest word."""

from pathlib import Path

import pytest

from kpi_engine.terms import Severity
from tests.unit.definitions import DRIVER, METRICS, OUTCOME, errors_of, findings_of


@pytest.mark.parametrize(
    ("old", "new", "place", "sentence"),
    [
        pytest.param(
            "    direction: lower",
            "    direction: lower\n    is_critical: true",
            "it.lead_time, is_critical",
            "It says how much an outcome counts in its goal, and there is no goal.",
            id="critical for no goal",
        ),
        pytest.param(
            "    direction: lower",
            "    direction: lower\n    since: 2026-10-01",
            "it.lead_time",
            "since says that it is counted otherwise from a day on, so because has to say why, in "
            "a sentence.",
            id="a break without a reason",
        ),
        pytest.param(
            "    direction: lower",
            "    direction: lower\n    since: October\n    because: Drafts count no more.",
            "it.lead_time, since",
            "'October' found: a date such as 2026-01-01 is expected.",
            id="a break on no day",
        ),
        pytest.param(
            "    direction: lower",
            "    direction: lower\n    weight: 0",
            "it.lead_time, weight",
            "0 found: it should be greater than 0.",
            id="a weight of nothing",
        ),
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


def test_one_wrong_metric_is_not_reported_again_by_all_that_name_it(tmp_path: Path) -> None:
    found = errors_of(tmp_path, metrics=METRICS.replace("fold: median", "fold: medain"))
    assert [place for place, _ in found] == ["metrics.yaml, it.lead_time, measure.fold"]
