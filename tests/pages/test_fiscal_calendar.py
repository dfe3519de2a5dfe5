"""Pages of a retailer: months of four and five weeks, with their days beside their names."""

import pytest

from tests.services.tiny import days, open_workspace, values


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    found = open_workspace(
        tmp_path_factory.mktemp("retail") / "home",
        scorecard=["biz.revenue"],
        year_starts_in=2,
        weeks={"pattern": "4-5-4", "week_starts_on": "sunday", "year_ends": "nearest"},
        working_days={"country": "US"},
    )
    daily = dict.fromkeys(days("2022-11-27", "2024-02-03"), 100.0)
    values(found, "biz.revenue", daily, at="2024-02-05 08:00")
    found.close()
    return found.home


def said(elements):
    return plain(one.value for one in elements)


def plain(texts):
    return " ".join(texts).replace("\\", "")


def test_the_scorecard_names_the_month_and_its_days(run_page, home):
    app = run_page("scorecard", home=home)
    assert not app.exception
    assert "January 2024 (31 Dec to 3 Feb, 5 weeks), Tiny" in said(app.title)
    assert "January 2024 has 23 working days" in said(app.markdown)


def test_the_outcome_shows_the_change_per_working_day(run_page, home):
    app = run_page("outcome", home=home, query={"outcome": "biz.revenue", "month": "2024-01"})
    assert not app.exception
    # 35 days of 100 in 23 working days, as many in the 24 of December, 28 in the 18 of a year ago
    assert "23 working days, 24 in Dec 2023 and 18 in Jan 2023." in said(app.markdown)
    assert "+4.3 % per working day (23, 24 then)" in plain(one.delta for one in app.metric)
