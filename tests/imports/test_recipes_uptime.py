"""Logs of monitors and lists of outages: what is read, and the minutes worked out by hand."""

from datetime import date, datetime
from pathlib import Path

import pytest

from kpi_engine.errors import ImportRejectedError
from kpi_engine.imports.plan import _without_dates
from tests.desk import Desk, adds_up, fates

OWN = Path(__file__).parent / "exports"
PUBLIC = Path(__file__).parents[3] / "shared" / "data" / "public" / "uptime"
AUGUST, SEPTEMBER, OCTOBER, NOVEMBER = (date(2026, month, 1) for month in (8, 9, 10, 11))
NOT_GUESSED = "This word is not known for this column, and what it means is not guessed."

LOG = (OWN / "uptimerobot.csv").read_text(encoding="utf-8")


def in_words(log: str) -> str:
    """The same log with durations as the website shows them."""
    header, *lines = log.splitlines()
    rows = [line.rsplit(",", 2) for line in lines]
    told = [f'{a},"{int(m) // 60} hrs, {int(m) % 60} mins",{url}' for a, m, url in rows]
    return "\n".join([header.replace("Duration (in mins.)", "Duration"), *told]) + "\n"


@pytest.mark.parametrize("log", [LOG, in_words(LOG)], ids=["minutes", "hours and minutes"])
def test_a_log_of_uptimerobot(desk: Desk, log: str) -> None:
    preview = desk.preview(log)
    assert preview.recipe == "uptimerobot_log"
    assert adds_up(preview)
    assert fates(preview) == {"new": 12, "rejected": 1}
    assert [(f.line, f.place, f.value, f.sentence) for f in preview.findings] == [
        (14, "Event", "Resumed", NOT_GUESSED)
    ]
    desk.save(log)
    # 30 minutes before the turn of the month, 45 after it, 30 on the 20th; one event of 0 minutes.
    assert desk.values("it.downtime", service="Shop") == {SEPTEMBER: 30, OCTOBER: 75}
    # Watched: 6 hours, 23.5 hours and the 30 minutes; then 45 + 6,435 + 6,600 minutes to the pause
    # of two hours, which is nobody's, and 14,760 + 30 + 810 after it.
    assert desk.values("it.availability", service="Shop") == pytest.approx(
        {SEPTEMBER: 1 - 30 / 1800, OCTOBER: 1 - 75 / 28_680}
    )
    assert desk.values("it.availability", service="Mail") == pytest.approx({OCTOBER: 1 - 90 / 570})
    assert b"Keyword Not Found" in desk.stored()
    assert b"lindqvist" not in desk.stored()


def test_the_order_of_a_log_does_not_matter(desk: Desk) -> None:
    header, *lines = LOG.splitlines()
    desk.save("\n".join([header, *sorted(lines)]) + "\n")
    assert desk.values("it.downtime") == {SEPTEMBER: 30, OCTOBER: 165}


def test_a_duration_that_is_none_is_named_as_such(desk: Desk) -> None:
    header = "Event,Monitor,Date-Time,Reason,Duration (in mins.),Monitor URL\n"
    preview = desk.preview(header + "Down,Shop,2026-10-20 10:00:00,x,a while,\n")
    (found,) = preview.findings
    assert (found.place, found.value) == ("Duration (in mins.)", "a while")
    assert found.sentence == "This cannot be read as a length of time."


def in_seconds(text: str) -> str:
    """The same outages as the interface counts them, in seconds since 1970."""
    header, *lines = text.splitlines()
    rows = [line.split(",", 3) for line in lines]
    told = [f"{state},{seconds(start)},{seconds(end)},{rest}" for state, start, end, rest in rows]
    return "\n".join([header.replace("from,to", "timefrom,timeto"), *told]) + "\n"


def seconds(instant: str) -> int:
    return int(datetime.fromisoformat(instant).timestamp())


PINGDOM = (OWN / "pingdom_shop.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("log", [PINGDOM, in_seconds(PINGDOM)], ids=["dates", "seconds"])
def test_a_log_of_pingdom_is_about_the_service_its_file_is_called_after(
    desk: Desk, log: str
) -> None:
    name = "Online shop_2026-10-01_2026-11-02 (1).csv"
    preview = desk.preview(log, name)
    assert preview.recipe == "pingdom_outages"
    assert adds_up(preview)
    assert fates(preview) == {"new": 9, "rejected": 2}
    assert (preview.findings[0].value, preview.findings[0].sentence) == ("degraded", NOT_GUESSED)
    assert "The service is Online shop, as the file is called." in preview.decisions
    desk.save(log, name)
    # 25 and 10.5 minutes, and the last half hour of October; then the first hour of November.
    assert desk.values("it.downtime", service="Online shop") == {OCTOBER: 65.5, NOVEMBER: 60}
    # All of October less the four hours that nobody looked; one day of November.
    assert desk.values("it.availability", service="Online shop") == pytest.approx(
        {OCTOBER: 1 - 65.5 / (31 * 1440 - 240), NOVEMBER: 1 - 60 / 1440}
    )


def test_a_column_that_names_the_check_comes_before_the_name_of_the_file(desk: Desk) -> None:
    header = "check,status,from,to\n"
    desk.save(header + "Mail,down,2026-10-05T08:00:00Z,2026-10-05T08:10:00Z\n", "Online shop.csv")
    assert desk.values("it.downtime", service="Mail") == {OCTOBER: 10}


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("shop.csv", "shop"),
        ("shop_2026-10.csv", "shop"),
        ("2026-10-01_shop.csv", "shop"),
        ("web1-20261001.csv.gz", "web1"),
        ("Shop 7 (3).csv", "Shop 7"),
        ("2026-10.csv", "2026-10"),
    ],
)
def test_dates_are_no_part_of_what_a_file_is_called(name: str, service: str) -> None:
    assert _without_dates(name) == service


def test_a_list_of_outages(desk: Desk) -> None:
    preview = desk.open(OWN / "outage_list.csv")
    assert preview.recipe == "outage_list"
    assert adds_up(preview)
    assert fates(preview) == {"new": 8, "rejected": 2}
    assert [(f.line, f.place, f.sentence) for f in preview.findings] == [
        (10, "end", "This cell is needed and empty."),
        (11, "status", NOT_GUESSED),
    ]
    desk.save_file(OWN / "outage_list.csv")
    # An hour each side of the turn of the month; two that overlap are 90 minutes together; of an
    # outage of two hours the first lies in planned maintenance; half an hour in October.
    assert desk.values("it.downtime", service="Shop") == {AUGUST: 60, SEPTEMBER: 210, OCTOBER: 30}
    # Watched is every minute of the listed months but the four planned hours.
    assert desk.values("it.availability", service="Shop") == pytest.approx(
        {
            AUGUST: 1 - 60 / (31 * 1440),
            SEPTEMBER: 1 - 210 / (30 * 1440 - 240),
            OCTOBER: 1 - 30 / (31 * 1440),
        }
    )
    assert desk.values("it.availability", service="Mail") == pytest.approx({SEPTEMBER: 29 / 30})


def test_checks_say_words_of_their_own(desk: Desk) -> None:
    desk.save(
        "monitor,timestamp,state,response_ms\n"
        "Shop,2026-10-01T00:00:00Z,OK,80\n"
        "Shop,2026-10-01T12:00:00Z,timeout,\n"
        "Shop,2026-10-01T12:30:00Z,degraded,900\n"
        "Shop,2026-10-01T20:00:00Z,success,80\n"
    )
    assert desk.values("it.downtime") == {OCTOBER: 30}
    assert desk.values("it.availability") == pytest.approx({OCTOBER: 1 - 30 / 1200})
    assert fates(desk.preview("service,checked_at,status\nShop,2026-10-02T00:00:00Z,meh\n")) == {
        "rejected": 1
    }


def real(pattern: str, own: str) -> list[object]:
    files = sorted(PUBLIC.glob(pattern))
    return [pytest.param(path, id=path.name) for path in (OWN / own, *files)]


@pytest.mark.parametrize("path", real("upptime_koj_daily*.csv", "upptime_daily.csv"))
def test_minutes_down_a_day_are_minutes_down(desk: Desk, path: Path) -> None:
    preview = desk.open(path)
    assert preview.recipe == "upptime_daily"
    assert set(fates(preview)) == {"new"}
    assert preview.findings == ()
    rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    expected: dict[date, float] = {}
    for _, day, minutes in rows:
        month = date.fromisoformat(day).replace(day=1)
        expected[month] = expected.get(month, 0) + float(minutes)
    desk.save_file(path)
    assert desk.values("it.downtime") == expected
    assert desk.values("it.availability") == {}


@pytest.mark.parametrize("path", real("upptime_koj_summary.csv", "upptime_summary.csv"))
def test_a_summary_without_days_is_refused_by_what_it_is(desk: Desk, path: Path) -> None:
    with pytest.raises(ImportRejectedError, match="This is an Upptime summary") as refused:
        desk.open(path)
    assert "minutes down a day" in str(refused.value.hint)


@pytest.mark.parametrize("path", real("cua_*.csv", "outage_trace.csv"))
def test_seconds_from_the_start_of_a_recording_are_no_dates(desk: Desk, path: Path) -> None:
    with pytest.raises(ImportRejectedError, match="start_time counts from a start") as refused:
        desk.open(path)
    assert "2026-01-12 17:00" in str(refused.value.hint)


def test_a_column_of_zeros_is_no_recording(desk: Desk) -> None:
    preview = desk.preview("service,start,end\nShop,1790000000,0\nShop,1790003600,0\n")
    assert [(f.place, f.value) for f in preview.findings] == [("end", "0"), ("end", "0")]
