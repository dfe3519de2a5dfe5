from datetime import UTC, date, datetime, timedelta

import pytest

from kpi_engine.services.health import days_late, read_health
from kpi_engine.terms import Grain
from tests.services.tiny import days, open_workspace, save, shares, values

TODAY = date(2026, 11, 5)
CHURN = "biz.churn"


@pytest.fixture
def ws(tmp_path):
    found = open_workspace(tmp_path / "home", scorecard=[CHURN])
    yield found
    found.close()


def cells(ws, metric, today=TODAY):
    rows = {row.metric: row.cells for row in read_health(ws, today=today).metrics}
    return rows[metric]


def test_months_end_with_the_last_full_one(ws):
    shares(ws, CHURN, {"2026-10": (3, 100)})

    found = read_health(ws, today=TODAY)

    assert len(found.months) == 12
    assert (found.months[0], found.months[-1]) == (date(2025, 11, 1), date(2026, 10, 1))


def test_each_month_says_how_it_came_in(ws):
    """July changed after its closing day, August late, September missing."""
    shares(ws, "biz.demo_ok", {"2026-06": (9, 10)}, at="2026-07-02 08:00")
    shares(ws, CHURN, {"2026-06": (3, 100)}, at="2026-07-02 09:00")
    shares(ws, CHURN, {"2026-07": (3, 100)}, at="2026-08-02 08:00")
    shares(ws, CHURN, {"2026-07": (5, 100), "2026-08": (3, 100)}, at="2026-09-20 08:00")
    shares(ws, CHURN, {"2026-10": (3, 100)}, at="2026-11-02 08:00")

    assert cells(ws, CHURN)[-6:] == (
        "not_due",
        "complete",
        "changed",
        "late",
        "missing",
        "complete",
    )


def test_history_loaded_at_the_start_is_not_late(ws):
    shares(ws, CHURN, {"2026-06": (3, 100), "2026-07": (3, 100)}, at="2026-11-02 08:00")

    assert cells(ws, CHURN)[-2:] == ("complete", "complete")


def test_a_month_with_holes_is_partial(ws):
    every = days("2026-09-01", "2026-10-31")
    holes = {"2026-10-14", "2026-10-15"}
    values(ws, "biz.op_delay", {day: 1.0 for day in every if day not in holes})

    assert cells(ws, "biz.op_delay")[-2:] == ("complete", "partial")


def test_a_quarterly_measure_is_due_at_the_end_of_a_quarter(ws):
    shares(ws, "biz.tool_sat", {"2026-06": (7, 10), "2026-09": (7, 10)})
    shares(ws, CHURN, {"2026-10": (3, 100)})

    assert cells(ws, "biz.tool_sat")[-5:] == (
        "complete",
        "not_due",
        "not_due",
        "complete",
        "not_due",
    )


def test_a_month_is_not_missing_before_its_closing_day(ws):
    shares(ws, CHURN, {"2026-09": (3, 100)})
    shares(ws, "biz.demo_ok", {"2026-10": (9, 10)})

    assert cells(ws, CHURN, today=date(2026, 11, 3))[-1] == "not_due"
    assert cells(ws, CHURN, today=date(2026, 11, 4))[-1] == "missing"


def test_an_empty_store_has_nothing_to_show(ws):
    found = read_health(ws, today=TODAY)

    assert (found.months, found.metrics, found.sources, found.checks) == ((), (), (), ())


@pytest.mark.parametrize(
    ("cadence", "through", "received", "today", "expected"),
    [
        pytest.param(Grain.DAY, "2026-11-03", "2026-11-04", "2026-11-05", 0, id="yesterday's"),
        pytest.param(Grain.DAY, "2026-11-01", "2026-11-02", "2026-11-05", 2, id="daily, late"),
        pytest.param(Grain.WEEK, "2026-11-01", "2026-11-02", "2026-11-09", 0, id="weekly"),
        pytest.param(Grain.MONTH, "2026-10-31", "2026-11-02", "2026-12-03", 0, id="closing day"),
        pytest.param(Grain.MONTH, "2026-10-31", "2026-11-02", "2026-12-04", 1, id="a day after"),
        pytest.param(Grain.MONTH, "2026-10-24", "2026-11-02", "2026-11-20", 0, id="quiet end"),
        pytest.param(Grain.MONTH, "2026-10-24", "2026-10-25", "2026-11-20", 17, id="cut short"),
        pytest.param(Grain.QUARTER, "2026-09-30", "2026-10-02", "2026-11-20", 0, id="quarter"),
        pytest.param(Grain.QUARTER, "2026-09-30", "2026-10-02", "2027-01-05", 2, id="next one"),
    ],
)
def test_lateness_is_counted_from_the_day_a_file_was_due(
    ws, cadence, through, received, today, expected
):
    found = days_late(
        ws.catalogue,
        cadence,
        through=date.fromisoformat(through),
        received=datetime.fromisoformat(received).replace(tzinfo=UTC),
        today=date.fromisoformat(today),
    )

    assert found == expected


@pytest.mark.parametrize(
    ("total", "expected"),
    [
        pytest.param(90, [], id="agrees"),
        pytest.param(
            100,
            [
                "Orders, October 2026: the parts by channel add up to 90, 10 less than the total "
                "of 100."
            ],
            id="a total apart",
        ),
    ],
)
def test_parts_that_do_not_add_up_to_their_total_raise_a_question(ws, total, expected):
    rows = [
        ("2026-10", "biz.orders", "", total),
        ("2026-10", "biz.orders", "channel=web", 60),
        ("2026-10", "biz.orders", "channel=app", 30),
    ]
    save(ws, "period,metric,segment,value", rows)
    shares(ws, CHURN, {"2026-10": (3, 100)})

    checks = read_health(ws, today=TODAY).checks

    assert [finding.sentence for finding in checks] == expected


def test_what_has_run_out_raises_a_question(ws):
    shares(ws, CHURN, {"2026-10": (3, 100)})
    last = max(one.review_by for one in ws.catalogue.links.values())

    assert read_health(ws, today=TODAY).checks == ()
    checks = read_health(ws, today=last + timedelta(days=1)).checks

    links = [one for one in checks if "was to be looked at again by" in one.sentence]
    assert len(links) == len(ws.catalogue.links)
    assert all("this assumption held until" in one.sentence for one in checks if one not in links)
