"""Months to make documents of: an ordinary one, and one whose every name is an attack."""

from dataclasses import replace

from kpi_engine.services.outcomes import Explanation
from kpi_engine.services.readings import Reading
from kpi_engine.services.scorecard import Scorecard
from tests.marlow_finch import october

HOSTILE = '=HYPERLINK("#x") <script>alert(1)</script> #panic("x") *b* $x$ [y] \\u{41} &amp; @ref'


def hostile() -> Scorecard:
    """October, in which every name and sentence that somebody may declare is an attack."""
    card = october()
    organisation = card.organisation.model_copy(update={"name": HOSTILE})
    rows = tuple(_renamed(row) for row in card.rows)
    return replace(card, organisation=organisation, rows=rows)


def _renamed(row: Explanation) -> Explanation:
    drivers = tuple(
        replace(
            driver,
            reading=_with_label(driver.reading),
            contribution=replace(driver.contribution, amount_unit=HOSTILE),
        )
        for driver in row.drivers
    )
    events = tuple(replace(event, sentence=HOSTILE, short=HOSTILE) for event in row.events)
    return replace(row, outcome=_with_label(row.outcome), drivers=drivers, events=events)


def _with_label(reading: Reading) -> Reading:
    fields = {"label": HOSTILE, "sentence": HOSTILE, "goal": reading.metric.goal and HOSTILE}
    return replace(reading, metric=reading.metric.model_copy(update=fields))
