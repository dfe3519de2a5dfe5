"""How dates and times are written in a column, decided from its cells, with the evidence."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from kpi_engine.store.cells import EPOCH, EPOCH_MILLI, EXCEL, ISO, ISO_ZONE

USUAL = (
    ISO_ZONE,
    ISO,
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%d %I:%M:%S %p",
    "%d/%m/%Y",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %I:%M %p",
    "%d/%m/%Y %I:%M:%S %p",
    "%m/%d/%Y",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %I:%M:%S %p",
    "%d/%m/%y",
    "%d/%m/%y %H:%M",
    "%m/%d/%y",
    "%m/%d/%y %H:%M",
    "%d-%m-%Y",
    "%d-%m-%Y %H:%M",
    "%d-%m-%Y %H:%M:%S",
    "%m-%d-%Y",
    "%m-%d-%Y %H:%M",
    "%m-%d-%Y %H:%M:%S",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%y",
    "%d/%b/%y %I:%M %p",
    "%d/%b/%Y %I:%M %p",
    "%d/%b/%y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d-%b-%Y %H:%M",
    "%d-%b-%Y %H:%M:%S",
    "%d-%b-%Y %I:%M:%S %p",
    "%d %b %Y",
    "%d %B %Y",
    "%d %b %Y %H:%M",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b %d, %Y %I:%M %p",
    "%B %d, %Y %I:%M %p",
    EPOCH,
    EPOCH_MILLI,
    EXCEL,
    "%Y%m%d",
    "%Y%m%d%H%M%S",
)
"""Ways of writing instants that are tried where a recipe's own do not fit, in this order."""

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(\.\d+)?")
_COUNTED = {EXCEL: (18_000, 80_000), EPOCH: (1e8, 4.2e9), EPOCH_MILLI: (1e11, 4.2e12)}
_PIECES = {
    "%Y": r"\d{4}",
    "%y": r"\d{2}",
    "%b": r"[^\W\d_]+\.?",
    "%B": r"[^\W\d_]+",
    "%p": r"[AaPp][Mm]",
    "%z": r"(?:Z|[+-]\d{2}:?\d{2})",
    "%f": r"\d{1,6}",
    **dict.fromkeys(("%d", "%m", "%H", "%I", "%M", "%S"), r"\d{1,2}"),
}
_WORDS = {
    EXCEL: "as days counted by a spreadsheet",
    EPOCH: "as seconds since 1970 (UTC)",
    EPOCH_MILLI: "as milliseconds since 1970 (UTC)",
}


@dataclass(frozen=True)
class Order:
    """Whether days come before months in dates whose parts stand between such marks."""

    mark: str
    is_day_first: bool


@dataclass(frozen=True, kw_only=True)
class Dated:
    """How a column's instants are written.

    Attributes:
        patterns: Tried in order.
        evidence: Why, in a sentence; empty when there was nothing to read.
        doubt: What no sampled cell can settle; empty when all is settled.
        offset: A cell that counts from a start nobody names; empty where cells are instants.
        order: Of day and month, where some cells can only be read so and none only otherwise.
    """

    patterns: tuple[str, ...]
    evidence: str = ""
    doubt: str = ""
    offset: str = ""
    order: Order | None = None


def dated(
    cells: Sequence[str],
    *,
    patterns: Sequence[str],
    missing: Sequence[str],
    day_first: bool | None = None,
    proven: Collection[Order] = (),
) -> Dated:
    """The pattern that reads most sample cells, and others for the cells it cannot read.

    Args:
        cells: Sampled cells.
        patterns: Those of the recipe, the likeliest first; the usual ones come after them.
        missing: Cells that mean "empty".
        day_first: What somebody said about the order of day and month.
        proven: What other columns of the file prove about it: it settles what these cells cannot.
    """
    texts = [text for text in (cell.strip() for cell in cells) if text and text not in missing]
    own = _allowed(patterns, day_first=day_first)
    if not texts:
        return Dated(patterns=tuple(own or _allowed(USUAL, day_first=day_first)[:1]))
    fits = {pattern: [reads(text, pattern) for text in texts] for pattern in own}
    if not any(all(fit) for fit in fits.values()):
        others = [
            pattern for pattern in _allowed(USUAL, day_first=day_first) if pattern not in fits
        ]
        fits |= {pattern: [reads(text, pattern) for text in texts] for pattern in others}
    best = max(fits, key=lambda pattern: sum(fits[pattern]))
    turned = _turned(best)
    if day_first is None and turned not in fits:
        fits[turned] = [reads(text, turned) for text in texts]
    if sum(fits[best]) * 2 < len(texts) and (offset := _offset(texts)):
        return Dated(patterns=(best,), offset=offset)
    if not any(fits[best]):
        said = f"no way of writing dates fits, for example {texts[0]}."
        return Dated(patterns=(best,), evidence=said)
    doubt = _doubt(texts, fits, best)
    alike = [p for p in (best, *_swapped(best, fits)) if sum(fits[p]) == sum(fits[best])]
    shown = next((p for p in alike if doubt and _order(p) in proven), None)
    chosen = [shown or best, *_others(shown or best, fits)]
    settled = _settled(fits, best) if day_first is None else 0
    evidence = _evidence(texts, fits, chosen, settled=settled)
    if shown:
        evidence = f"{evidence.removesuffix('.')}, in the order that another column proves."
    return Dated(
        patterns=tuple(chosen),
        evidence=evidence,
        doubt="" if shown else doubt,
        order=_order(best) if settled and not _contradicts(fits, best) else None,
    )


def _order(pattern: str) -> Order | None:
    order = _day_first(pattern)
    return None if order is None else Order(pattern[2], order)


def _contradicts(fits: dict[str, list[bool]], best: str) -> bool:
    """Whether a cell can only be read in the other order."""
    return any(
        other and not own
        for pattern in _swapped(best, fits)
        for other, own in zip(fits[pattern], fits[best], strict=True)
    )


def _allowed(patterns: Sequence[str], *, day_first: bool | None) -> list[str]:
    """Patterns that agree with what somebody said about the order of day and month."""
    return [p for p in patterns if day_first is None or _day_first(p) in (None, day_first)]


def _turned(pattern: str) -> str:
    """The pattern with day and month exchanged; the same where they cannot be mistaken."""
    if _day_first(pattern) is None:
        return pattern
    return pattern.replace("%d", "%_").replace("%m", "%d").replace("%_", "%m")


def _offset(texts: Sequence[str]) -> str:
    """A number that counts from somewhere, where all cells are numbers; empty otherwise."""
    if not all(_NUMBER.fullmatch(text) for text in texts):
        return ""
    return next((text for text in texts if float(text)), "")


def _others(best: str, fits: dict[str, list[bool]]) -> list[str]:
    """Patterns for the cells that the best one leaves, none that turns day and month round."""
    left = [not fit for fit in fits[best]]
    found: list[str] = []
    while any(left):
        usable = [p for p in fits if _day_first(p) in (None, _day_first(best)) and p != best]
        counts = {p: sum(a and b for a, b in zip(fits[p], left, strict=True)) for p in usable}
        following = max(usable, key=lambda p: counts[p])
        if not counts[following]:
            break
        found.append(following)
        left = [a and not b for a, b in zip(left, fits[following], strict=True)]
    return found


def _swapped(best: str, fits: dict[str, list[bool]]) -> list[str]:
    return [
        p
        for p in fits
        if _day_first(best) is not None
        and _day_first(p) is not _day_first(best)
        and _day_first(p) is not None
    ]


def _settled(fits: dict[str, list[bool]], best: str) -> int:
    """How many cells can be read with day and month in this order only."""
    if _day_first(best) is None:
        return 0
    return sum(fits[best]) - max((sum(fits[p]) for p in _swapped(best, fits)), default=0)


def _evidence(
    texts: Sequence[str], fits: dict[str, list[bool]], chosen: Sequence[str], *, settled: int
) -> str:
    """How the cells are read: most of them, and a cell for every other way."""
    left = list(zip(texts, *(fits[pattern] for pattern in chosen), strict=True))
    shown: dict[str, str] = {}
    for place, pattern in enumerate(chosen, start=1):
        example = next(cell[0] for cell in left if cell[place])
        shown.setdefault(_in_words(pattern), example)
        left = [cell for cell in left if not cell[place]]
    (words, example), *rest = shown.items()
    said = [f"{example} is read {words}"]
    if settled:
        said.append(f"{settled} of the first {len(texts)} can only be read so")
    said += [f"{example} {words}" for words, example in rest]
    return f"{'; '.join(said)}."


def _doubt(texts: Sequence[str], fits: dict[str, list[bool]], best: str) -> str:
    if not any(sum(fits[p]) == sum(fits[best]) for p in _swapped(best, fits)):
        return ""
    example = next(text for text, fit in zip(texts, fits[best], strict=True) if fit)
    day = datetime.strptime(example, best)  # noqa: DTZ007  # only its day is shown
    return f"Day and month could be swapped: {example} is read as {day.day} {day:%B}."


def reads(text: str, pattern: str) -> bool:
    """Whether a cell fits a pattern."""
    if pattern in _COUNTED:
        least, most = _COUNTED[pattern]
        return _NUMBER.fullmatch(text) is not None and least <= float(text) <= most
    try:
        if pattern in (ISO, ISO_ZONE):
            moment = datetime.fromisoformat(text)
            has_zone = moment.tzinfo is not None
            return _ISO.fullmatch(text) is not None and has_zone == (pattern == ISO_ZONE)
        if not _shape(pattern).fullmatch(text):
            return False
        datetime.strptime(text, pattern)  # noqa: DTZ007  # only the fit is asked
    except ValueError:
        return False
    return True


@cache
def _shape(pattern: str) -> re.Pattern[str]:
    """What texts of a pattern look like: telling most others apart costs far less than parsing."""
    pieces = re.split(r"(%[a-zA-Z])", pattern)
    return re.compile("".join(_PIECES.get(piece, re.escape(piece)) for piece in pieces))


def _day_first(pattern: str) -> bool | None:
    """True for day before month, False for month before day, None where it cannot be swapped."""
    if pattern.startswith("%d") and "%m" in pattern:
        return True
    return False if pattern.startswith("%m") else None


def _in_words(pattern: str) -> str:
    if pattern in _WORDS:
        return _WORDS[pattern]
    if _day_first(pattern) is None:
        return (
            "year first"
            if pattern in (ISO, ISO_ZONE) or pattern.startswith("%Y")
            else "by the month's name"
        )
    return "day first" if _day_first(pattern) else "month first"
