"""What happened, for charts: the longest outages and the calendar's entries, in a real store."""

from datetime import date
from pathlib import Path

from kpi_engine.services.happenings import MOST_OUTAGES, read_happenings
from tests.services.tiny import open_workspace, outages, save

FIRST, LAST = date(2026, 9, 1), date(2026, 10, 31)


def test_long_outages_and_campaigns_are_marked_and_holidays_are_not(tmp_path: Path) -> None:
    ws = open_workspace(tmp_path / "home", time_zone="Europe/Berlin")
    outages(
        ws,
        ("checkout", "2026-10-12 00:30:00", "2026-10-12 02:52:00"),
        ("search", "2026-10-20 08:00:00", "2026-10-20 08:59:00"),
        ("search", "2026-08-31 08:00:00", "2026-08-31 12:00:00"),
    )
    before = read_happenings(ws, first=FIRST, last=LAST)
    save(
        ws,
        "title,kind,starts_at,ends_at",
        [
            ("autumn campaign", "campaign", "2026-10-05", "2026-10-09"),
            ("Unity Day", "Holiday", "2026-10-03", ""),
            ("winter campaign", "campaign", "2026-12-01", ""),
        ],
        recipe="calendar",
    )
    found = read_happenings(ws, first=FIRST, last=LAST)
    assert [(event.day, event.short) for event in found] == [
        (date(2026, 10, 5), "Autumn campaign"),
        (date(2026, 10, 12), "Checkout down 142 min"),
    ], "by the clock of Berlin; the second outage is shorter than an hour"
    assert before == found[1:]
    assert read_happenings(ws, first=FIRST, last=LAST, as_of=1) == before
    ws.close()


def test_of_many_outages_the_longest_are_marked_oldest_first(tmp_path: Path) -> None:
    ws = open_workspace(tmp_path / "home")
    hours = range(1, MOST_OUTAGES + 3)
    outages(
        ws,
        *(
            ("shop", f"2026-10-{n:02d} 01:00:00", f"2026-10-{n:02d} {n + 1:02d}:00:00")
            for n in hours
        ),
    )
    found = read_happenings(ws, first=FIRST, last=LAST)
    assert [event.day.day for event in found] == list(hours)[-MOST_OUTAGES:]
    ws.close()
