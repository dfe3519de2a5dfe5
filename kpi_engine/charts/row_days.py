"""On which days a file has rows: a strip in which a gap is seen at once."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

import altair as alt

from kpi_engine.charts.palette import ACCENT
from kpi_engine.charts.theme import rows_chart, themed
from kpi_engine.periods import month_label, month_of

_MOST_DAYS = 400
"""A longer file is shown by the month."""
_HEIGHT = 56


def row_days_chart(days: Sequence[tuple[date, int]]) -> alt.LayerChart:
    """A bar a day (or a month, in a long file), as high as its rows are many."""
    by_month = bool(days) and (days[-1][0] - days[0][0]).days > _MOST_DAYS
    counts: Counter[date] = Counter()
    for day, rows in days:
        counts[month_of(day) if by_month else day] += rows
    rows_shown = [
        {
            "day": day.isoformat(),
            "rows": rows,
            "when": month_label(day) if by_month else f"{day.day} {day:%B %Y}",
        }
        for day, rows in sorted(counts.items())
    ]
    unit, written = ("yearmonth", "%b %y") if by_month else ("yearmonthdate", "%-d %b")
    axis = alt.Axis(format=written, tickCount=6, grid=False, labelOverlap=True)
    bars = (
        rows_chart(rows_shown)
        .mark_bar(color=ACCENT.css)
        .encode(
            x=alt.X(f"{unit}(day):T", title=None, axis=axis),
            y=alt.Y("rows:Q", title=None, axis=None),
            tooltip=[alt.Tooltip("when:N", title="When"), alt.Tooltip("rows:Q", title="Rows")],
        )
    )
    return themed(alt.LayerChart(layer=[bars]).properties(height=_HEIGHT, width="container"))
