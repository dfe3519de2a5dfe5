"""The mistake: counting a batch twice, or one that was taken back.

Exports overlap, and the same file comes again.
"""

from datetime import date
from pathlib import Path

import pytest

from tests.bare import bare_rows
from tests.desk import Desk, fates

EXPECTED = Path(__file__).with_name("double_counted_batch.sql")
SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
TIDY = "period,metric,segment,value\n"
LINES = "InvoiceNo,InvoiceDate,Quantity,UnitPrice\n"
TICKETS = "number,opened_at,resolved_at,closed_at\n"


def test_the_same_file_twice_counts_once(desk: Desk) -> None:
    text = LINES + "A,2026-10-12 10:00,2,30\nB,2026-10-12 11:00,1,40\n"
    desk.save(text, "october.csv")

    assert desk.save(text, "october again.csv") is None
    assert desk.values("biz.orders") == {OCTOBER: 2}
    assert desk.values("biz.revenue") == {OCTOBER: 100}


def test_what_two_exports_share_counts_once(desk: Desk) -> None:
    """The October export holds September's open problem again, solved by now."""
    first = "INC1,2/9/2026 08:00,2/9/2026 10:00,2/9/2026 10:00\n"
    desk.save(TICKETS + first + "INC2,30/9/2026 08:00,?,?\n", "september.csv")
    again = "INC2,30/9/2026 08:00,1/10/2026 08:00,1/10/2026 08:00\n"
    third = "INC3,5/10/2026 08:00,5/10/2026 12:00,5/10/2026 12:00\n"
    desk.save(TICKETS + again + third, "october.csv")

    assert desk.values("base.tickets") == {SEPTEMBER: 2, OCTOBER: 1}
    assert desk.values("it.tickets_closed") == {SEPTEMBER: 1, OCTOBER: 2}


def test_a_corrected_figure_takes_the_place_of_the_first(desk: Desk) -> None:
    desk.save(TIDY + "2026-10-01,base.sessions,all,100\n2026-10-02,base.sessions,all,50\n")
    desk.save(TIDY + "2026-10-02,base.sessions,all,60\n2026-10-03,base.sessions,all,70\n")

    assert desk.values("base.sessions") == {OCTOBER: 100 + 60 + 70}


def test_a_batch_taken_back_and_saved_again_counts_once(desk: Desk) -> None:
    text = LINES + "A,2026-10-12 10:00,2,30\n"
    desk.save(text)
    desk.undo(1)
    assert desk.values("biz.orders") == {}
    desk.save(text)

    assert desk.values("biz.orders") == {OCTOBER: 1}
    assert desk.values("biz.revenue") == {OCTOBER: 60}


def test_in_the_sample_company_everything_counts_once(sample: Desk, shut_sample: Path) -> None:
    rows = bare_rows(shut_sample, EXPECTED)

    for metric in ("base.tickets", "base.sessions"):
        once = {month: value for name, month, value, _ in rows if name == metric}
        assert sample.values(metric) == pytest.approx(once)
        assert any(every_row > value for name, _, value, every_row in rows if name == metric)


def test_the_rows_of_a_file_that_repeat_one_order_are_its_lines(desk: Desk) -> None:
    """The same line twice is two articles of one order, not two orders."""
    line = "A,2026-10-12 10:00,1,30\n"
    preview = desk.preview(LINES + line + line)
    assert fates(preview) == {"new": 2}
    desk.save(LINES + line + line)

    assert desk.values("biz.orders") == {OCTOBER: 1}
    assert desk.values("biz.revenue") == {OCTOBER: 60}
