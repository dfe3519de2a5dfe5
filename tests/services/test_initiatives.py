"""What became of initiatives: the sample company's, and courses drawn by hand."""

import json
from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

from kpi_engine.catalogue.initiatives import Initiative
from kpi_engine.fiscal import FiscalCalendar
from kpi_engine.mapping.influence.intervention import Outcome
from kpi_engine.maths.intervals import Estimate
from kpi_engine.periods import add_months
from kpi_engine.services.around_change import controls_of, course_of
from kpi_engine.services.initiatives import Initiatives, Judged, Verdict, read_initiatives
from kpi_engine.workspace import Workspace
from tests.factories import metric

OCTOBER = date(2026, 10, 1)
BY_NAME = FiscalCalendar()


@pytest.fixture(scope="module")
def found(sample: Workspace) -> Initiatives:
    return read_initiatives(sample)


def of(found: Initiatives, name: str) -> tuple[Judged, dict[str, Verdict]]:
    judged = next(one for one in found.judged if one.initiative.id == name)
    return judged, {one.metric.id: one for one in judged.verdicts}


def test_pictures_made_the_shop_faster_and_sold_more(found: Initiatives) -> None:
    """As planted: 190 ms off each page, which is worth 0.2 × 0.19 on the logarithm of orders."""
    judged, verdicts = of(found, "picture_service")
    pages, orders = verdicts["it.page_load"], verdicts["biz.conversion"]
    assert pages.outcome is orders.outcome is Outcome.WORKED
    assert pages.change is not None
    assert orders.change is not None
    assert orders.level is not None
    assert pages.change.low < -190 < pages.change.high
    truth = orders.level * (np.exp(0.2 * 0.19) - 1)
    assert orders.change.low < truth < orders.change.high
    assert (pages.before, pages.after) == (16, 12)
    assert judged.is_final


def test_later_slowness_does_not_undo_a_verdict_that_was_due(
    sample: Workspace, found: Initiatives
) -> None:
    """Pages got half a second slower in autumn 2026; the verdict was due in February."""
    then = read_initiatives(sample, month=date(2026, 2, 1))
    assert of(then, "picture_service") == of(found, "picture_service")


def test_solving_at_the_first_contact_cost_working_time(
    sample: Workspace, found: Initiatives
) -> None:
    """As planted: fewer problems are handed on, and twice as many come back."""
    truths = json.loads((sample.home / "files" / "demo" / "truths.json").read_text())
    share_before, share_after = truths["counter"]["share_before"], truths["counter"]["share_after"]
    per_point = next(
        one["effect"] for one in truths["effects"] if one["driver"] == "it.reopen_rate"
    )
    assert truths["counter"]["since"] == "2026-07-01"
    judged, verdicts = of(found, "solve_at_first_contact")
    solved, lost = verdicts["it.fcr"], verdicts["biz.lost_hours"]
    assert solved.outcome is Outcome.WORKED
    assert lost.outcome is Outcome.WORSE
    assert lost.change is not None
    assert lost.change.low < 100 * (share_after - share_before) * per_point < lost.change.high
    assert lost.controls == ("Problems per 100 people",)
    assert (lost.after, judged.through, judged.is_final) == (4, OCTOBER, False)


@pytest.mark.parametrize(
    ("month", "outcome"),
    [
        pytest.param(date(2026, 8, 1), Outcome.TOO_SHORT, id="two of three months"),
        pytest.param(date(2026, 9, 1), Outcome.WORSE, id="three months"),
    ],
)
def test_below_three_months_it_is_too_early(
    sample: Workspace, month: date, outcome: Outcome
) -> None:
    _, verdicts = of(read_initiatives(sample, month=month), "solve_at_first_contact")
    assert verdicts["biz.lost_hours"].outcome is outcome


def test_an_initiative_is_shown_from_its_month_on_under_what_it_should_move(
    sample: Workspace,
) -> None:
    def named(month: date, *metrics: str) -> list[str]:
        about = read_initiatives(sample, month=month).about(metrics)
        return [one.initiative.id for one in about]

    assert named(date(2026, 6, 1), "biz.lost_hours") == []
    assert named(date(2026, 7, 1), "biz.lost_hours") == ["solve_at_first_contact"]
    assert named(OCTOBER, "it.page_load") == ["picture_service"]
    assert named(OCTOBER, "biz.tx_success") == []


def initiative(starts: date, **fields: object) -> Initiative:
    return Initiative.model_validate(
        {
            "id": "a_change",
            "label": "A change",
            "sentence": "Something is done otherwise.",
            "starts": starts,
            "due": date(2027, 12, 31),
            "moves": [{"metric": "biz.tx_success", "sign": 1}],
            "owner": "Ann",
            **fields,
        }
    )


def months(count: int, value: float = 0.9) -> dict[date, float]:
    return {add_months(date(2026, 1, 1), n): value for n in range(count)}


def test_the_month_in_which_it_began_half_way_belongs_to_neither_side() -> None:
    whole, half = (
        course_of(initiative(day), metric(), months(8), date(2026, 8, 1), BY_NAME)
        for day in (date(2026, 4, 1), date(2026, 4, 2))
    )
    assert (int(whole.was_before.sum()), int(whole.known.sum())) == (3, 8)
    assert (int(half.was_before.sum()), int(half.known.sum())) == (3, 7)
    assert (whole.changed, half.changed) == (date(2026, 4, 1), date(2026, 5, 1))


def test_a_change_on_the_logarithm_is_told_from_the_level_before() -> None:
    """The level is 100: a tenth more on the logarithm is 100 × (e^0.1 - 1)."""
    of_money = metric("biz.revenue", moves="log")
    course = course_of(
        initiative(date(2026, 4, 1)), of_money, months(8, 100.0), date(2026, 8, 1), BY_NAME
    )
    assert course.level == pytest.approx(100)
    told = course.in_unit(Estimate(low=0.0, mid=0.1, high=0.2))
    assert told is not None
    assert (told.low, told.mid) == pytest.approx((0, 10.517), abs=1e-3)
    back = course.on_scale(told)
    assert back is not None
    assert (back.mid, back.high) == pytest.approx((0.1, 0.2))
    assert course.on_scale(Estimate.exact(-150.0)) is None, "nothing is left to take a log of"


def test_a_control_with_a_missing_month_is_left_out_and_named(sample: Workspace) -> None:
    declared = initiative(date(2026, 4, 1), controls=[{"metric": "it.mttr"}, {"metric": "it.fcr"}])
    course = course_of(declared, metric(), months(8), date(2026, 8, 1), BY_NAME)
    known = {"it.mttr": months(8, 5.0), "it.fcr": months(7)}
    closed = SimpleNamespace(of=lambda key: known[key.metric])
    found = controls_of(declared, sample.catalogue, closed, course)
    assert found.used == ("Time to get people working again",)
    assert found.left_out == ("Problems solved at the first contact",)
    assert found.columns is not None
    assert found.columns.shape == (8, 1)
