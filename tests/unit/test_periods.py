from datetime import date

import pytest

from kpi_engine.periods import quarter_label


@pytest.mark.parametrize(
    ("first", "starts_in", "label"),
    [
        pytest.param(date(2026, 1, 1), 1, "Q1 2026", id="first"),
        pytest.param(date(2026, 10, 1), 1, "Q4 2026", id="last"),
        pytest.param(
            date(2026, 7, 1), 4, "Q2 2026/27 (Jul 2026 to Sep 2026)", id="year from April"
        ),
        pytest.param(date(2026, 4, 1), 4, "Q1 2026/27 (Apr 2026 to Jun 2026)", id="its first"),
        pytest.param(date(2026, 1, 1), 4, "Q4 2025/26 (Jan 2026 to Mar 2026)", id="its last"),
        pytest.param(date(2026, 11, 1), 2, "Q4 2026/27 (Nov 2026 to Jan 2027)", id="over new year"),
        pytest.param(date(1999, 7, 1), 7, "Q1 1999/00 (Jul 1999 to Sep 1999)", id="the century"),
    ],
)
def test_a_quarter_is_counted_in_the_fiscal_year(first: date, starts_in: int, label: str) -> None:
    assert quarter_label(first, year_starts_in=starts_in) == label
