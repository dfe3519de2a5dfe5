"""What was forecast and what came, in words and as a chart."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.charts.forecasts import forecasts_chart
from kpi_engine.mapping.influence.config import DEFAULT_LEDGER
from kpi_engine.mapping.influence.record import Entry, Ranges, track_record
from kpi_engine.periods import add_months
from kpi_engine.services.ledger import Ledger, LinkLedger, OutcomeLedger
from kpi_engine.terms import Unit
from kpi_engine.words import forecasts as words
from tests.factories import link, metric, reading

T = "\u202f"
OUTCOME = reading().metric


def ranges(mid: float, half: float) -> Ranges:
    return Ranges(mid=mid, likely=(mid - half, mid + half), wide=(mid - 2 * half, mid + 2 * half))


def entry(
    place: int,
    value: float | None,
    *,
    half: float = 0.004,
    without: float | None = None,
    is_retrospective: bool = True,
) -> Entry:
    return Entry(
        outcome=OUTCOME.id,
        link="a_link" if without else "",
        month=add_months(date(2025, 11, 1), place),
        made_at=1,
        is_retrospective=is_retrospective,
        forecast=ranges(0.97, half),
        without=ranges(0.97, without) if without else None,
        value=value,
    )


def row(entries: Sequence[Entry], *, label: str = "", fails: bool = False) -> LinkLedger:
    return LinkLedger(
        link=link("it.page_load", OUTCOME.id) if label else None,
        label=label,
        outcome=OUTCOME,
        record=track_record(entries),
        entries=tuple(entries),
        fails=fails,
    )


YEAR = [entry(n, 0.971 if n < 10 else 0.99) for n in range(12)]
OF_LINK = [entry(n, 0.971, half=0.002, without=0.004) for n in range(12)]
AHEAD = entry(12, None, is_retrospective=False)


def ledger(*rows: LinkLedger) -> Ledger:
    outcomes = ()
    if rows:
        outcomes = (OutcomeLedger(outcome=OUTCOME, alone=rows[0], links=rows[1:]),)
    of = Organisation(name="Marlow & Finch")
    return Ledger(organisation=of, as_of=1, outcomes=outcomes, missing=())


@pytest.mark.parametrize(
    ("found", "said"),
    [
        pytest.param(ledger(), words.NOTHING_YET, id="nothing forecast"),
        pytest.param(
            ledger(row([*YEAR, AHEAD])),
            "No month that was forecast beforehand is in yet. Made afterwards, from the months "
            f"before as they stand today, 83{T}% (10 of 12) would have held. About 80{T}% should.",
            id="looked back only",
        ),
        pytest.param(
            ledger(row([replace(one, is_retrospective=False) for one in YEAR])),
            f"Of the forecasts made before their month was in, 83{T}% (10 of 12) held. "
            f"About 80{T}% should.",
            id="beforehand only",
        ),
        pytest.param(
            ledger(row([AHEAD]), row([AHEAD], label="Page load time", fails=True)),
            "No month that was forecast beforehand is in yet. Claimed less since it does not "
            "predict: Page load time for checkout success.",
            id="one that fails",
        ),
    ],
)
def test_the_headline_keeps_beforehand_and_afterwards_apart(found: Ledger, said: str) -> None:
    assert words.headline(found) == said


def test_a_row_of_the_ledger() -> None:
    """Ranges of 0.4 pp with the link and 0.8 pp without, none missed: half the cost."""
    assert words.row_texts(row([*OF_LINK, AHEAD], label="Page load time"), DEFAULT_LEDGER) == (
        "Checkout success",
        "Page load time",
        "12 of 12 (about 10)",
        "12 afterwards",
        f"closer with it, by 50{T}%",
        f"0.40{T}pp",
        f"0.80{T}pp",
        f"Nov 2026: 97.00{T}% (96.60–97.40)",
    )
    assert words.row_texts(row([AHEAD]), DEFAULT_LEDGER)[2:7] == ("none in yet", "", "", "", "")


def test_a_month_says_when_it_was_forecast_and_whether_it_held() -> None:
    texts = [words.entry_text(one, OUTCOME) for one in (YEAR[0], YEAR[11], AHEAD)]
    assert texts == [
        f"Nov 2025, afterwards: 97.00{T}% (96.60–97.40), came 97.10{T}%",
        f"Oct 2026, afterwards: 97.00{T}% (96.60–97.40), came 99.00{T}%, missed",
        f"Nov 2026, beforehand: 97.00{T}% (96.60–97.40), not in yet",
    ]


def test_large_sums_of_money_are_rounded() -> None:
    revenue = metric("biz.revenue", unit=Unit.CURRENCY, decimals=0)
    assert words.ranges_text(ranges(1_532_551, 76_250), revenue) == "$1.53m ($1.46m–$1.61m)"


def test_the_chart_tells_a_miss_by_shape_and_word_and_afterwards_by_a_hollow_bar() -> None:
    spec = forecasts_chart(row([*YEAR, AHEAD])).to_dict()
    (values,) = spec["datasets"].values() if "datasets" in spec else [spec["data"]["values"]]
    assert [one["came"] for one in values].count("outside it") == 2
    assert (values[-1]["came"], values[-1]["made"]) == ("not in yet", "beforehand")
    marks = {layer["mark"]["type"]: layer for layer in spec["layer"]}
    assert marks["point"]["encoding"]["shape"]["scale"]["range"] == ["circle", "diamond"]
    assert marks["text"]["encoding"]["text"] == {"value": "missed"}
    assert "afterwards" in str(marks["bar"]["encoding"]["fillOpacity"])
