"""What forecasts amount to once the months are in."""

from datetime import date

import pytest

from kpi_engine.mapping.influence.config import DEFAULT_LEDGER
from kpi_engine.mapping.influence.record import (
    Entry,
    Predicts,
    Ranges,
    TrackRecord,
    track_record,
)
from kpi_engine.periods import add_months


def ranges(mid: float, half: float) -> Ranges:
    return Ranges(mid=mid, likely=(mid - half, mid + half), wide=(mid - 2 * half, mid + 2 * half))


def entry(
    place: int,
    value: float | None,
    *,
    forecast: Ranges,
    without: Ranges | None = None,
    is_retrospective: bool = True,
) -> Entry:
    return Entry(
        outcome="biz.op_delay",
        link="a_link" if without else "",
        month=add_months(date(2025, 1, 1), place),
        made_at=1,
        is_retrospective=is_retrospective,
        forecast=forecast,
        without=without,
        value=value,
    )


def test_a_record_worked_by_hand() -> None:
    """Widths of 2 and 4; the third value lies 1 past the range: 2 + 10 × 1 = 12 with the link."""
    found = track_record(
        [
            entry(0, 10.5, forecast=ranges(10, 1), without=ranges(11, 2)),
            entry(1, 9.0, forecast=ranges(10, 1), without=ranges(11, 2), is_retrospective=False),
            entry(2, 12.0, forecast=ranges(10, 1), without=ranges(11, 2)),
            entry(3, None, forecast=ranges(10, 1), without=ranges(11, 2)),
        ]
    )
    assert found == TrackRecord(
        scored=3,
        looked_back=2,
        inside=2,
        inside_wide=3,
        error=pytest.approx((0.5 + 1 + 2) / 3),
        score=pytest.approx((2 + 2 + 12) / 3),
        score_without=pytest.approx(4),
        predicts=Predicts.TOO_FEW,
    )
    assert found.gain == pytest.approx(1 - 16 / 12)


def test_nothing_forecast_amounts_to_nothing() -> None:
    found = track_record([entry(0, None, forecast=ranges(10, 1))])
    assert (found.scored, found.score, found.gain) == (0, None, None)
    assert found.predicts is Predicts.TOO_FEW


def months(with_it: list[float], without: list[float]) -> list[Entry]:
    """Twelve months whose ranges, all of them right, are so wide."""
    return [
        entry(place, 10.0, forecast=ranges(10, one / 2), without=ranges(10, other / 2))
        for place, (one, other) in enumerate(zip(with_it, without, strict=True))
    ]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param(months([2.0] * 12, [4.0] * 12), Predicts.BETTER, id="always closer"),
        pytest.param(months([4.0] * 12, [2.0] * 12), Predicts.WORSE, id="always further off"),
        pytest.param(months([4.0] * 11, [2.0] * 11), Predicts.TOO_FEW, id="eleven months"),
        # Differences of +1 and -1 in turn: their mean is 0.
        pytest.param(
            months([3.0, 5.0] * 6, [4.0] * 12), Predicts.NO_DIFFERENCE, id="now so, now so"
        ),
        # Mean 1, standard deviation 3.618: an error of 1.044.
        pytest.param(
            months([4.0] * 12, [16.0] + [4.0] * 11), Predicts.NO_DIFFERENCE, id="one lucky month"
        ),
        # Six of twelve in an 80 % range: chance 0.019. Five: 0.004.
        pytest.param(
            [entry(n, 10.0 if n < 6 else 90.0, forecast=ranges(10, 1)) for n in range(12)],
            Predicts.NO_DIFFERENCE,
            id="six of twelve",
        ),
        pytest.param(
            [entry(n, 10.0 if n < 5 else 90.0, forecast=ranges(10, 1)) for n in range(12)],
            Predicts.MISSES,
            id="five of twelve",
        ),
    ],
)
def test_a_difference_counts_where_it_is_clear_of_chance(
    entries: list[Entry], expected: Predicts
) -> None:
    assert track_record(entries, DEFAULT_LEDGER).predicts is expected
