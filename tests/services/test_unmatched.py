"""A ratio's total is one of something only where both of its sides cover the same."""

from datetime import date

import pytest

from kpi_engine.services.health import read_health
from kpi_engine.services.unmatched import Gap, Side, unmatched
from kpi_engine.workspace import Workspace
from tests.sample import copy_of_sample
from tests.services.tiny import open_workspace, orders, save, shares

TODAY = date(2026, 11, 5)
TIDY = "period,metric,segment,value"
MONTHS = ("2026-08", "2026-09", "2026-10")


def stated(*segments, counted=False):
    """A side of a ratio: its segments, as dimension and member by turns."""
    pairs = [tuple(zip(one[::2], one[1::2], strict=True)) for one in segments]
    names = tuple(sorted({name for one in pairs for name, _ in one}))
    return Side(is_counted=counted, dimensions=names, segments=tuple(pairs))


def counted(*segments):
    return stated(*segments, counted=True)


WEB, APP = ("channel", "Web"), ("channel", "App")
CHANNEL = (("channel",), ("channel",))


@pytest.mark.parametrize(
    ("upper", "lower", "expected"),
    [
        pytest.param(stated(WEB, APP), stated(APP, WEB), None, id="the same"),
        pytest.param(
            stated(WEB, APP),
            stated(WEB),
            Gap(dimensions=CHANNEL, only_above=(("App",),)),
            id="the lower side lacks one",
        ),
        pytest.param(
            stated(WEB),
            stated(WEB, APP),
            Gap(dimensions=CHANNEL, only_below=(("App",),)),
            id="the upper side lacks one",
        ),
        pytest.param(counted(WEB), stated(WEB, APP), None, id="nothing was counted there"),
        pytest.param(
            counted(WEB, APP),
            stated(WEB),
            Gap(dimensions=CHANNEL, only_above=(("App",),)),
            id="something was counted there",
        ),
        pytest.param(
            stated(("country", "France")),
            stated(WEB),
            Gap(dimensions=(("country",), ("channel",))),
            id="no dimension in common",
        ),
        pytest.param(counted(("country", "France")), stated(WEB), None, id="all were counted"),
        pytest.param(
            stated((*WEB, "country", "France"), (*APP, "country", "Spain")),
            stated(WEB),
            Gap(dimensions=CHANNEL, only_above=(("App",),)),
            id="one side is finer",
        ),
    ],
)
def test_sides_match_when_they_cover_the_same(upper, lower, expected):
    assert unmatched(upper, lower) == expected


@pytest.fixture
def ws(tmp_path):
    found = open_workspace(tmp_path / "home", scorecard=["biz.churn"])
    shares(found, "biz.churn", dict.fromkeys(MONTHS, (3, 100)))
    yield found
    found.close()


def checks(ws):
    return [
        (finding.place, finding.sentence, finding.next_step)
        for finding in read_health(ws, today=TODAY).checks
    ]


def rows(metric, *segments, months=MONTHS):
    return [(month, metric, segment, 100) for month in months for segment in segments]


def test_a_segment_without_a_denominator_is_named_with_its_months(ws):
    made = rows("biz.orders", "channel=Web", "channel=App", "channel=Phone")
    visits = rows("base.sessions", "channel=Web", "channel=App")
    late = rows("base.sessions", "channel=Phone", months=MONTHS[:1])
    save(ws, TIDY, made + visits + late)

    assert checks(ws) == [
        (
            "Visits that end in an order",
            "Visits that end in an order, September 2026 to October 2026: channel Phone is in "
            "orders but not in visits to the shop. The total compares parts that do not match.",
            "Import visits to the shop for channel Phone. Until then read it by channel.",
        )
    ]


def test_a_stated_total_needs_no_segments(ws):
    save(ws, TIDY, rows("biz.orders", "channel=Web", "channel=Phone"))
    save(ws, TIDY, rows("base.sessions", "", "channel=Web") + rows("biz.orders", ""))

    assert [place for place, *_ in checks(ws) if place == "Visits that end in an order"] == []


def test_sides_known_by_different_dimensions_raise_a_question(ws):
    save(ws, TIDY, rows("biz.revenue", "country=France") + rows("biz.orders", "channel=Web"))

    (found,) = checks(ws)
    assert found[1:] == (
        "Value of an average order, August 2026 to October 2026: the parts of net revenue are by "
        "country, those of orders by channel. The total compares parts that do not match.",
        "Import both by the same parts, or state the total of each.",
    )


def test_a_country_without_an_order_is_not_a_missing_one(ws):
    """Orders and revenue are counted from the same rows; visits by channel say nothing of them."""
    orders(ws, "2026-10-01", "2026-10-31", lambda at: int(at.hour == 12))
    save(ws, TIDY, rows("base.sessions", "channel=Web"))

    assert checks(ws) == []


def test_the_sample_company_compares_parts_that_match(tmp_path_factory):
    ws = Workspace.open(copy_of_sample(tmp_path_factory, "unmatched"))
    assert checks(ws) == []
    ws.close()
