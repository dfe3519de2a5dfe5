"""The mistake: averaging medians. Half of the problems of a quarter is not half of each month's."""

from datetime import date
from pathlib import Path

import pytest

from kpi_engine.terms import Grain
from tests.bare import bare_rows
from tests.desk import Desk

EXPECTED = Path(__file__).with_name("averaged_medians.sql")
HEADER = "number,opened_at,resolved_at,closed_at,assignment_group\n"
JULY, AUGUST = date(2026, 7, 1), date(2026, 8, 1)


def solved(number: int, day: str, hours: int, team: str = "Desk") -> str:
    return f"INC{number},{day} 00:00,{day} {hours:02d}:00,{day} {hours:02d}:00,{team}\n"


def test_a_month_ranks_its_problems_not_its_days(desk: Desk) -> None:
    """1, 1, 1 and 9 hours: the median is 1; that of the first day and that of the second make 5."""
    first = "".join(solved(number, "1/7/2026", 1) for number in (1, 2, 3))
    desk.save(HEADER + first + solved(4, "2/7/2026", 9))

    assert desk.values("it.mttr") == {JULY: 1.0}


def test_a_quarter_ranks_its_problems_not_its_months(desk: Desk) -> None:
    """10 in July, 2 and 2 in August: the median is 2; the two months' make 6."""
    july, august = solved(1, "1/7/2026", 10), solved(2, "3/8/2026", 2) + solved(3, "4/8/2026", 2)
    desk.save(HEADER + july, "july.csv")
    desk.save(HEADER + august, "august.csv")

    assert desk.values("it.mttr") == {JULY: 10.0, AUGUST: 2.0}
    assert desk.values("it.mttr", grain=Grain.QUARTER) == {JULY: 2.0}
    assert desk.values("it.mttr", grain=Grain.YEAR) == {date(2026, 1, 1): 2.0}


def test_all_teams_together_rank_their_problems_not_their_teams(desk: Desk) -> None:
    """3, 3 and 3 at the desk, 11 in the network team: the median is 3; the two teams' make 7."""
    at_the_desk = "".join(solved(number, "1/7/2026", 3) for number in (1, 2, 3))
    desk.save(HEADER + at_the_desk + solved(4, "1/7/2026", 11, "Network"))

    assert desk.values("it.mttr", team="Network") == {JULY: 11.0}
    assert desk.values("it.mttr") == {JULY: 3.0}


def test_in_the_sample_company_every_period_and_team_is_ranked_from_problems(
    sample: Desk, shut_sample: Path
) -> None:
    rows = bare_rows(shut_sample, EXPECTED)
    asked = {(grain, team) for grain, team, *_ in rows}
    shown = {
        (grain, team, period): value
        for grain, team in asked
        for period, value in sample.values(
            "it.mttr", grain=Grain(grain), **({"team": team} if team else {})
        ).items()
    }

    for grain, team, period, median, _ in rows:
        assert shown[grain, team, period] == pytest.approx(median), (grain, team, period)
    assert sum(abs(median - mean) > 0.5 for *_, median, mean in rows) > len(rows) / 2
