"""An open month in words: what of it is in, and what that is held against."""

from dataclasses import replace
from datetime import date

import pytest

from kpi_engine.render.ledger import ledger_html
from kpi_engine.terms import Fold, Status, Unit
from kpi_engine.words import open_month, outcome, scorecard
from kpi_engine.words.reading import compared_text, word_of_status
from tests.factories import explanation, metric, reading
from tests.factories import scorecard as card

NOVEMBER = date(2026, 11, 1)
REVENUE = metric(
    "biz.revenue",
    label="Net revenue",
    unit=Unit.CURRENCY,
    decimals=0,
    measure={"fold": Fold.SUM, "value": "transaction.net_amount"},
)


def so_far(value=430_112.0, *, previous=409_711.0, days=12):
    found = reading(
        value,
        of=REVENUE,
        month=NOVEMBER,
        previous=previous,
        target=1e6,
        red_line=9e5,
        is_complete=False,
    )
    waiting = replace(found.judgement, status=Status.NOT_JUDGED, score=None)
    return replace(found, days_so_far=days, judgement=waiting)


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        pytest.param(
            so_far(),
            "Net revenue came to $430,112 in the first 12 days of November 2026, $20,401 more than "
            "in the first 12 days of October 2026.",
            id="more",
        ),
        pytest.param(
            so_far(previous=430_112.0),
            "Net revenue came to $430,112 in the first 12 days of November 2026, the same as in "
            "the first 12 days of October 2026.",
            id="the same",
        ),
        pytest.param(
            so_far(previous=None),
            "Net revenue came to $430,112 in the first 12 days of November 2026; there is nothing "
            "to compare that with fairly.",
            id="nothing to compare",
        ),
        pytest.param(
            so_far(previous=None, days=None),
            "Net revenue came to $430,112 so far in November 2026; there is nothing to compare "
            "that with fairly.",
            id="no days",
        ),
        pytest.param(
            so_far(days=1),
            "Net revenue came to $430,112 in the first day of November 2026, $20,401 more than in "
            "the first day of October 2026.",
            id="one day",
        ),
    ],
)
def test_the_outcome_says_which_days_it_compares(of, expected):
    assert outcome.headline(explanation(of)) == expected


def test_a_row_says_so_beside_the_change_and_instead_of_a_status():
    assert compared_text(so_far()) == "first 12 days of each"
    assert compared_text(so_far(previous=None)) == ""
    assert word_of_status(so_far()) == "Not judged yet"
    html = ledger_html(card(explanation(so_far())))
    assert "first 12 days of each" in html
    assert "Not judged yet" in html
    assert "value open" in html


def test_an_open_month_makes_no_headline():
    opened = card(explanation(so_far()), open_months=(NOVEMBER,), months=(date(2026, 10, 1),))
    assert scorecard.headline(opened).startswith("November 2026 so far, with data to 30 Nov 2026;")
    assert scorecard.explanation(opened) == ()
    assert scorecard.tiles(opened)[0].value == "–"
    assert open_month.LIKE_FOR_LIKE in open_month.not_closed(opened)[1]


def test_while_no_month_is_complete_nothing_is_said_of_others():
    alone = card(explanation(so_far()), months=())
    assert open_month.LIKE_FOR_LIKE not in open_month.not_closed(alone)[1]
