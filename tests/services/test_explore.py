"""Any measure by any dimension: parts that add up to the change, and refusals that say why."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from kpi_engine.errors import NotAnswerableError, UnknownNameError
from kpi_engine.services.explore import query
from kpi_engine.services.leaderboard import MOST_ROWS, NOT_ASSIGNED, OTHERS, leaderboard
from kpi_engine.services.month_readings import read_readings
from kpi_engine.services.series import Point, wanted
from kpi_engine.terms import Comparison, Grain
from kpi_engine.words import explore as words
from kpi_engine.workspace import Workspace
from tests import factories
from tests.services.tiny import days, open_workspace, save, shares

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
VALUES, PARTS = "period,metric,segment,value", "period,metric,segment,numerator,denominator"


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Revenue of two channels by the day; 10 a day on the web, 4 in the shop, then 7.

    Conversion of both: web 9 to 10 %, shop 50 to 55 %, and many more on the web in October.
    """
    found = open_workspace(
        tmp_path_factory.mktemp("explore") / "home",
        scorecard=["biz.revenue"],
        targets=[
            {
                "metric": "biz.revenue",
                "valid_from": date(2026, 10, 1),
                "target": 500,
                "red_line": 400,
            }
        ],
    )
    save(
        found,
        VALUES,
        [
            (day, "biz.revenue", f"channel={channel}", amount if day < "2026-10" else later)
            for day in days("2025-10-01", "2026-10-31")
            for channel, amount, later in (("Web", 10, 10), ("Shop", 4, 7))
        ],
    )
    pairs = {
        ("2026-09", "Web"): (90, 1000),
        ("2026-09", "Shop"): (100, 200),
        ("2026-10", "Web"): (200, 2000),
        ("2026-10", "Shop"): (55, 100),
    }
    save(
        found,
        PARTS,
        [(at, "biz.conversion", f"channel={name}", *two) for (at, name), two in pairs.items()],
    )
    yield found
    found.close()


@pytest.mark.parametrize(
    ("grain", "count", "newest"),
    [
        pytest.param(Grain.DAY, 92, 17, id="the last three months of days"),
        pytest.param(Grain.WEEK, 57, 17 * 6, id="the last week has six days so far"),
        pytest.param(Grain.MONTH, 13, 17 * 31, id="months"),
        pytest.param(Grain.QUARTER, 5, 17 * 31, id="quarters, the newest so far"),
        pytest.param(Grain.YEAR, 2, 14 * 273 + 17 * 31, id="years, the newest so far"),
    ],
)
def test_a_sum_is_the_same_at_every_grain(ws: Workspace, grain, count, newest) -> None:
    found = query(ws, "biz.revenue", grain=grain)
    assert len(found.whole.points) == count
    assert found.whole.points[-1].value == pytest.approx(newest)
    assert found.whole.points[-1].is_open == (grain not in (Grain.DAY, Grain.MONTH))


@pytest.mark.parametrize("grain", [Grain.DAY, Grain.WEEK, Grain.MONTH])
def test_members_add_up_to_the_whole_at_every_grain(ws: Workspace, grain: Grain) -> None:
    found = query(ws, "biz.revenue", by="channel", grain=grain, first=SEPTEMBER)
    assert {line.member for line in found.lines} == {"Web", "Shop"}
    by_period = [{p.period: p.value for p in line.points} for line in found.lines]
    for point in found.whole.points:
        assert point.value == sum(one[point.period] for one in by_period)


def test_those_who_did_most_to_the_change_come_first(ws: Workspace) -> None:
    """October has a day more than September: 10 of it on the web, 4 and 31 times 3 in the shop."""
    board = query(ws, "biz.revenue", by="channel", last=OCTOBER).board
    assert board is not None
    assert (board.period, board.compared_with) == (OCTOBER, SEPTEMBER)
    assert [(row.member, row.part) for row in board.rows] == [("Shop", 97), ("Web", 10)]
    assert board.change == 107


def test_a_year_earlier_is_held_against_the_same_month(ws: Workspace) -> None:
    found = query(ws, "biz.revenue", by="channel", first=OCTOBER, compare=Comparison.LAST_YEAR)
    assert found.board is not None
    assert found.board.compared_with == date(2025, 10, 1)
    assert [(row.member, row.part) for row in found.board.rows] == [("Shop", 93), ("Web", 0)]
    (point,) = found.whole.points
    assert point.held_against == 14 * 31


def test_the_time_before_is_as_long_and_ends_where_the_shown_one_begins(ws: Workspace) -> None:
    found = query(
        ws, "biz.revenue", first=date(2026, 9, 1), last=OCTOBER, compare=Comparison.PREVIOUS
    )
    assert [point.held_against for point in found.whole.points] == [14 * 31, 14 * 31]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        pytest.param({}, ".", id="nothing"),
        pytest.param(
            {"compare": Comparison.LAST_YEAR}, ", $93 more than in October 2025.", id="last year"
        ),
        pytest.param(
            {"compare": Comparison.TARGET}, ", $27 more than the target of $500.", id="the target"
        ),
        pytest.param(
            {"compare": Comparison.PREVIOUS, "first": SEPTEMBER},
            ", $93 more than in August 2026.",
            id="as much time before",
        ),
        pytest.param(
            {"compare": Comparison.PREVIOUS, "first": date(2025, 10, 1)}, ".", id="no data before"
        ),
        pytest.param(
            {"compare": Comparison.TARGET, "by": "channel"},
            ", $27 more than the target of $500 and $107 more than in September 2026; "
            "Shop did +$97 of it.",
            id="the target and the members' month",
        ),
        pytest.param(
            {"compare": Comparison.LAST_YEAR, "by": "channel"},
            ", $93 more than in October 2025; Shop did +$93 of it.",
            id="members have the same year",
        ),
        pytest.param(
            {"compare": Comparison.PREVIOUS, "by": "channel", "first": SEPTEMBER},
            ", $93 more than in August 2026 and $107 more than in September 2026; "
            "Shop did +$97 of it.",
            id="as much time before and the members' month",
        ),
    ],
)
def test_a_headline_says_what_is_held_against_what(ws: Workspace, asked, said) -> None:
    found = query(ws, "biz.revenue", last=OCTOBER, **asked)
    assert words.headline(found, ws.catalogue.organisation) == (
        f"Net revenue was $527 in October 2026{said}"
    )


def test_members_are_titled_with_the_months_they_are_compared_in(ws: Workspace) -> None:
    organisation = ws.catalogue.organisation
    found = query(ws, "biz.revenue", by="channel", last=OCTOBER, compare=Comparison.TARGET)
    title = words.board_title(found.board, found, organisation)
    assert title == "Who did most of the change, September 2026 to October 2026"


def test_where_there_is_nothing_before_only_that_is_said(ws: Workspace) -> None:
    found = query(ws, "biz.revenue", first=date(2025, 10, 1), compare=Comparison.PREVIOUS)
    assert words.against_text(found) == ""
    assert found.remarks == ("There are no data of the time it would be held against.",)
    half = query(ws, "biz.revenue", first=date(2026, 4, 1), compare=Comparison.PREVIOUS)
    assert words.against_text(half).startswith("Dashed: the 7 months before")


def test_a_target_steps_with_the_months_and_no_week_has_one(ws: Workspace) -> None:
    months = query(ws, "biz.revenue", first=SEPTEMBER, compare=Comparison.TARGET)
    assert [point.held_against for point in months.whole.points] == [None, 500]
    weeks = query(ws, "biz.revenue", grain=Grain.WEEK, compare=Comparison.TARGET)
    assert {point.held_against for point in weeks.whole.points} == {None}
    assert weeks.remarks == ("Targets of Net revenue are set for months: no other period has one.",)


def test_a_quarter_is_held_against_the_target_of_its_last_month(tmp_path: Path) -> None:
    """As the scorecard judges it; 0.9 is agreed from August on."""
    targets = [
        {"metric": "biz.tool_sat", "valid_from": first, "target": target, "red_line": 0.5}
        for first, target in ((date(2000, 1, 1), 0.7), (date(2026, 8, 1), 0.9))
    ]
    tiny = open_workspace(tmp_path / "home", targets=targets)
    shares(tiny, "biz.tool_sat", {"2026-Q2": (80, 100), "2026-Q3": (80, 100)})
    found = query(tiny, "biz.tool_sat", grain=Grain.QUARTER, compare=Comparison.TARGET)
    assert [point.held_against for point in found.whole.points] == [0.7, 0.9]
    (shown,) = read_readings(tiny, [wanted("biz.tool_sat")], month=date(2026, 9, 1))
    assert shown.judgement.target == 0.9
    tiny.close()


def test_days_and_weeks_are_held_against_the_target_of_their_fiscal_month(tmp_path: Path) -> None:
    """In a calendar of weeks October begins on 27 September."""
    targets = [
        {"metric": "biz.tx_success", "valid_from": first, "target": target, "red_line": 0.5}
        for first, target in ((date(2000, 1, 1), 0.9), (OCTOBER, 0.99))
    ]
    weeks = {"pattern": "4-4-5", "week_starts_on": "sunday", "year_ends": "last"}
    tiny = open_workspace(tmp_path / "home", targets=targets, weeks=weeks)
    attempts = dict.fromkeys(days("2026-08-30", "2026-10-24"), (95, 100))
    shares(tiny, "biz.tx_success", attempts)
    for grain, first in ((Grain.DAY, date(2026, 9, 27)), (Grain.WEEK, date(2026, 9, 28))):
        found = query(
            tiny,
            "biz.tx_success",
            grain=grain,
            compare=Comparison.TARGET,
            first=date(2026, 9, 14),
            last=date(2026, 10, 10),
        )
        held = {point.period: point.held_against for point in found.whole.points}
        assert len(held) > 3
        assert held == {at: 0.99 if at >= first else 0.9 for at in held}
    tiny.close()


def test_rate_and_mix_of_every_member_add_up_to_the_change_of_a_ratio(ws: Workspace) -> None:
    """Both channels rise, and the whole falls from 190 of 1,200 to 255 of 2,100."""
    board = query(ws, "biz.conversion", by="channel").board
    assert board is not None
    rows = {row.member: row for row in board.rows}
    assert rows["Web"].own == pytest.approx((1000 / 1200 + 2000 / 2100) / 2 * 0.01)
    assert rows["Shop"].own == pytest.approx((200 / 1200 + 100 / 2100) / 2 * 0.05)
    middle = (190 / 1200 + 255 / 2100) / 2
    assert rows["Shop"].shift == pytest.approx((100 / 2100 - 200 / 1200) * (0.525 - middle))
    assert sum(row.part or 0 for row in board.rows) == pytest.approx(255 / 2100 - 190 / 1200)
    assert board.change == pytest.approx(255 / 2100 - 190 / 1200)


def test_a_segment_is_looked_at_alone(ws: Workspace) -> None:
    found = query(ws, "biz.revenue", segment={"channel": "Shop"}, last=OCTOBER)
    assert found.whole.points[-1].value == 7 * 31


def test_what_is_stated_by_the_month_has_no_days(tmp_path: Path) -> None:
    own = open_workspace(tmp_path / "home")
    save(
        own, VALUES, [("2026-10", "biz.revenue", "all", 5), ("2026-09-02", "biz.orders", "all", 1)]
    )
    with pytest.raises(NotAnswerableError, match="no data of Net revenue by the day"):
        query(own, "biz.revenue", grain=Grain.DAY)
    newest = query(own, "biz.orders", grain=Grain.DAY)
    assert newest.last == date(2026, 9, 2)
    assert newest.first == date(2026, 6, 3)
    own.close()


def test_as_of_goes_back(tmp_path: Path) -> None:
    own = open_workspace(tmp_path / "home")
    for amount in (5, 6):
        save(own, VALUES, [("2026-10-01", "biz.revenue", "channel=Web", amount)])
    for grain in (Grain.DAY, Grain.MONTH):
        values = [
            query(own, "biz.revenue", by="channel", grain=grain, as_of=at).lines[0].points[-1].value
            for at in (1, 2)
        ]
        assert values == [5, 6]
    own.close()


@pytest.mark.parametrize(
    ("metric", "asked", "said"),
    [
        pytest.param(
            "it.mttr", {"grain": Grain.DAY}, "of single days there are too few", id="median of days"
        ),
        pytest.param("it.deploy_freq", {"grain": Grain.DAY}, "counted per week", id="rate of days"),
        pytest.param("it.dwa", {"grain": Grain.WEEK}, "worked out by the month", id="worked out"),
        pytest.param("biz.orders", {}, "There are no data of Orders by the month", id="no data"),
        pytest.param(
            "biz.revenue", {"by": "country"}, "no data of Net revenue by country", id="no members"
        ),
        pytest.param(
            "biz.revenue",
            {"by": "channel", "segment": {"channel": "Web"}},
            "nothing to slice by channel",
            id="its own filter",
        ),
        pytest.param(
            "biz.revenue",
            {"grain": Grain.DAY, "first": date(1990, 1, 1)},
            "more than 2,000 periods",
            id="more than a chart can show",
        ),
        pytest.param(
            "biz.revenue",
            {"first": date(2027, 1, 1), "last": OCTOBER},
            "ends on 2026-10-01 before it begins",
            id="ends before it begins",
        ),
    ],
)
def test_what_would_mean_nothing_is_refused_in_a_sentence(ws, metric, asked, said) -> None:
    with pytest.raises(NotAnswerableError, match=said) as refused:
        query(ws, metric, **asked)
    assert refused.value.hint


def test_a_dimension_that_is_not_declared_is_named_with_those_that_are(ws: Workspace) -> None:
    with pytest.raises(UnknownNameError, match=r"chanel.* Did you mean 'channel'"):
        query(ws, "biz.revenue", by="chanel")


def pair(now: float, before: float) -> tuple[Point, Point]:
    return tuple(Point(numerator=x, denominator=None, value=x, days=None) for x in (now, before))


def of_sum(whole: tuple[Point, Point], members: dict[str, tuple[Point, Point]]):
    return leaderboard(
        factories.metric("biz.orders", measure={"fold": "sum"}),
        "country",
        period=OCTOBER,
        compared_with=SEPTEMBER,
        whole=whole,
        members=members,
    )


def test_what_belongs_to_no_member_has_a_row_of_its_own() -> None:
    board = of_sum(pair(100, 80), {"UK": pair(60, 50), "France": pair(25, 25)})
    assert [(row.member, row.part) for row in board.rows] == [
        ("UK", 10),
        (NOT_ASSIGNED, 10),
        ("France", 0),
    ]


def test_members_beyond_the_list_are_added_up_so_that_nothing_is_lost() -> None:
    members = {f"Country {number}": pair(number + 1, 0) for number in range(MOST_ROWS + 10)}
    total = sum(range(1, MOST_ROWS + 11))
    board = of_sum(pair(total, 0), members)
    assert len(board.rows) == MOST_ROWS + 1
    assert (board.rows[-1].member, board.rows[-1].part) == (OTHERS, sum(range(1, 11)))
    assert sum(row.part or 0 for row in board.rows) == total == board.change
    assert board.members == MOST_ROWS + 10


def test_the_middle_of_a_whole_is_not_split() -> None:
    board = leaderboard(
        factories.metric("it.mttr", measure={"fold": "median"}),
        "team",
        period=OCTOBER,
        compared_with=SEPTEMBER,
        whole=pair(5, 4),
        members={"A": pair(3, 2), "B": pair(9, 5)},
    )
    assert board.reason.startswith("The middle of a whole does not follow")
    assert [(row.member, row.part, row.change) for row in board.rows] == [
        ("B", None, 4),
        ("A", None, 1),
    ]


def test_shares_without_parts_are_not_split() -> None:
    board = leaderboard(
        factories.metric(),
        "channel",
        period=OCTOBER,
        compared_with=SEPTEMBER,
        whole=pair(0.5, 0.4),
        members={"Web": pair(0.5, 0.4)},
    )
    assert board.reason.startswith("What the members' shares are divided by is not known")
