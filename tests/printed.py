"""Numbers as a reader sees them, read back from what a page or the ledger prints."""

import re
from dataclasses import dataclass
from html import unescape

from kpi_engine.terms import Unit

NOTHING = ("no data", "–")
_FACTORS = {Unit.PERCENT: 100, Unit.MILLISECONDS: 0.001}
_ROW = re.compile(
    r'<tr role="row" class="outcome .*?data-o="(?P<outcome>[^"]+)"'
    r'.*?<td role="cell" class="n value.*?>(?P<value>.*?)</td>'
    r'.*?<td role="cell" class="n change.*?>(?P<change>.*?)</td>'
    r'.*?<td role="cell" class="n year.*?>(?P<year>.*?)</td>',
    re.DOTALL,
)
_SMALL = re.compile(r"<small.*?</small>", re.DOTALL)
_TAG = re.compile(r"<.*?>", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One outcome as printed: its value, and its changes on the month and on the year before."""

    value: str
    change: str
    year_change: str


def ledger_figures(ledger: str) -> dict[str, Figures]:
    """The figures in the rows of a ledger, by outcome, without the small print below them."""
    return {
        row["outcome"]: Figures(
            value=_text(row["value"]), change=_text(row["change"]), year_change=_text(row["year"])
        )
        for row in _ROW.finditer(ledger)
    }


def plain(markdown: str) -> str:
    """A Streamlit element's text without what keeps Markdown from reading it."""
    return re.sub(r"\\(?=[^\w\s])|\u2060", "", markdown)


def prints(text: str, number: float | None, unit: Unit) -> bool:
    """Whether a text says a number, rounded to the digits that it shows."""
    if number is None:
        return text in NOTHING
    digits = re.sub(r"[^\d.]", "", text)
    said = float(digits) * (-1 if text.startswith("−") else 1)
    shown = number * _FACTORS.get(unit, 1)
    places = len(digits.partition(".")[2])
    return abs(said - shown) <= 0.5 * 10**-places + 1e-9 * abs(shown)


def _text(cell: str) -> str:
    return unescape(_TAG.sub("", _SMALL.sub("", cell))).strip()
