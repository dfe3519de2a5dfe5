"""How numbers are known: points whose line is the estimate, outages whose sum is the loss."""

from datetime import date

import numpy as np
import pytest

from kpi_engine.services.method import LinkMethod, Method, read_method
from kpi_engine.terms import EvidenceGrade
from kpi_engine.words import method as words
from kpi_engine.words.checks import checks
from kpi_engine.workspace import Workspace

OCTOBER = date(2026, 10, 1)


@pytest.fixture(scope="module")
def checkout(sample: Workspace) -> Method:
    return read_method(sample, "biz.tx_success", month=OCTOBER)


@pytest.fixture(scope="module")
def errors(checkout: Method) -> LinkMethod:
    return link(checkout, "error_rate_to_tx_success")


def link(found: Method, name: str) -> LinkMethod:
    return next(one for one in found.links if one.driver.contribution.link.id == name)


def test_an_ordinary_line_through_the_points_is_the_estimate(errors: LinkMethod) -> None:
    """The engine weighs errors and shapes; plain least squares on its points comes close."""
    driver = np.array([point.driver for point in errors.points])
    outcome = np.array([point.outcome for point in errors.points])
    assert len(driver) == 1000
    assert float(driver @ outcome / (driver @ driver)) == pytest.approx(errors.slope, rel=0.15)


def test_the_line_rises_by_a_step_where_the_table_says_so(errors: LinkMethod) -> None:
    assert errors.per_step is not None
    step = errors.driver.reading.metric.natural_step
    assert errors.slope * step == pytest.approx(errors.per_step.effect.mid, rel=0.1)


def test_the_range_by_which_it_is_graded_holds_the_one_that_is_shown(errors: LinkMethod) -> None:
    assert errors.per_step is not None
    assert errors.per_step_wide is not None
    assert errors.per_step_wide.low < errors.per_step.effect.low
    assert errors.per_step_wide.high > errors.per_step.effect.high


def test_the_outages_of_a_count_add_up_to_what_the_scorecard_says(checkout: Method) -> None:
    counted = link(checkout, "availability_to_tx_success")
    amount = counted.driver.contribution.amount
    assert amount is not None
    assert counted.points == ()
    assert len(counted.outages) > 0
    assert sum(loss.lost.mid for loss in counted.outages) == pytest.approx(amount.mid)


def test_every_link_has_its_way_in_words(checkout: Method) -> None:
    for one in checkout.links:
        told = dict(words.steps(one, currency="$"))
        assert words.lead(one, currency="$").endswith(".")
        assert {"Why it should", "Evidence"} <= set(told)
        assert all("nan" not in text and "None" not in text for text in told.values())
        estimated = one.driver.contribution.influence is not None
        assert ("Data" in told) == estimated


def test_a_claim_shows_what_was_tested_and_a_link_without_one_does_not(
    checkout: Method, sample: Workspace
) -> None:
    tested = {}
    for one in checkout.links:
        influence = one.driver.contribution.influence
        if influence is None or influence.estimate is None or influence.model is None:
            continue
        grain = influence.model.grain
        tested[one.driver.contribution.link.id] = [
            check.title
            for check in checks(
                one, checkout.explanation, influence.estimate, grain, sample.catalogue
            )
        ]
        claims = influence.verdict.grade is EvidenceGrade.C
        assert bool(tested[one.driver.contribution.link.id]) == claims
    assert tested["error_rate_to_tx_success"][:3] == [
        "One period alone",
        "The wrong way round",
        "A straight line",
    ]


def test_a_measure_without_links_is_only_defined(sample: Workspace) -> None:
    found = read_method(sample, "it.patch", month=OCTOBER)
    assert found.links == ()
    assert found.to_dict()["links"] == []
