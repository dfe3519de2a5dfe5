"""Single periods: ones that no usual error explains, and one that a whole estimate leans on."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from kpi_engine.mapping.influence.background import Floats, Ints
from kpi_engine.mapping.influence.memory import Memory
from kpi_engine.mapping.influence.whitening import Whitening, orthonormal

_TINY = 1e-300
_DIGITS = 9
"""Of Student's t; of periods that differ by less, such as the only two of a calendar month, the
first is named on every machine."""


@dataclass(frozen=True, kw_only=True)
class _Pulses:
    """A pulse of one in each period, whitened, and without what is explained already.

    Attributes:
        columns: What is looked at, whitened, and without what is explained already.
        along: How much of each column lies along each pulse; one row a period.
        length: Squared length of each pulse.
        free: Degrees of freedom once one pulse is in.
    """

    columns: Floats
    along: Floats
    length: Floats
    free: int


def odd_one_out(
    explained: Floats, outcome: Floats, rows: Ints, *, memory: Memory, level: float
) -> int | None:
    """The position in ``rows`` of the period that is least like the others, if any is.

    Each period is tested for a pulse of its own; Bonferroni's bound pays for testing all.

    Args:
        explained: Background and drivers, one row a period.
        outcome: One value a period.
        rows: The periods that count.
        memory: Of the errors.
        level: Chance of naming one where there is none.
    """
    found = _pulses(explained, outcome[:, None], rows, memory)
    if found.free < 1:
        return None
    gained = found.along[:, 0] ** 2 / found.length
    rest = np.maximum((found.columns[:, 0] ** 2).sum() - gained, _TINY)
    t = np.sqrt(gained / rest * found.free)
    place = int(np.argmax(np.round(t, _DIGITS)))
    return place if 2 * stats.t.sf(t[place], found.free) * len(rows) < level else None


def left_without_one(
    explained: Floats, felt: Floats, outcome: Floats, rows: Ints, *, memory: Memory
) -> tuple[float, int]:
    """Share of a driver's t that is left without the one period that its effect leans on most.

    Args:
        explained: Background and the other drivers, one row a period.
        felt: What is felt of the driver in each period.
        outcome: One value a period.
        rows: The periods that count.
        memory: Of the errors.

    Returns:
        The smallest share, 0 where the effect turns round, and the position in ``rows`` of the
        period that was left out.
    """
    found = _pulses(explained, np.column_stack([felt, outcome]), rows, memory)
    inner = found.columns.T @ found.columns
    shares = found.along / found.length[:, None]
    square = np.maximum(inner[0, 0] - found.along[:, 0] * shares[:, 0], _TINY)
    along = inner[0, 1] - found.along[:, 0] * shares[:, 1]
    rest = inner[1, 1] - found.along[:, 1] * shares[:, 1]
    signed = _student(square, along, rest, found.free - 1) * np.sign(inner[0, 1])
    place = int(np.argmin(np.round(signed, _DIGITS)))
    whole = abs(float(_student(inner[0, 0], inner[0, 1], inner[1, 1], found.free)))
    return float(max(0.0, signed[place]) / max(whole, _TINY)), place


def _student(square: Floats, along: Floats, outcome: Floats, free: int) -> Floats:
    """Student's t of a column, by the products of both with themselves and each other."""
    rest = np.maximum(outcome - along**2 / np.maximum(square, _TINY), _TINY)
    return np.asarray(along / np.sqrt(np.maximum(square, _TINY) * rest / max(1, free)))


def unevenness(
    explained: Floats, felt: Floats, outcome: Floats, rows: Ints, *, memory: Memory
) -> float:
    """How much wider a standard error is where errors are larger when the driver is far out.

    The ratio of the heteroskedasticity-robust error (HC3; MacKinnon and White 1985) to the plain
    one, at least 1. A share of few cases scatters more on its worst days.

    Args:
        explained: Background and the other drivers, one row a period.
        felt: What is felt of the driver in each period.
        outcome: One value a period.
        rows: The periods that count.
        memory: Of the errors.
    """
    white = Whitening(rows, memory).of(np.column_stack([explained, felt, outcome])[rows])
    base, _ = orthonormal(white[:, :-1])
    rest, _ = orthonormal(white[:, :-2])
    left = white[:, -1] - base @ (base.T @ white[:, -1])
    own = white[:, -2] - rest @ (rest.T @ white[:, -2])
    free = len(rows) - base.shape[1]
    square = float(own @ own)
    if free < 1 or square <= 0:
        return 1.0
    leverage = np.clip((base**2).sum(axis=1), 0.0, 0.999)
    robust = float(((own * left / (1 - leverage)) ** 2).sum()) / square**2
    plain = float(left @ left) / free / square
    return max(1.0, float(np.sqrt(robust / max(plain, _TINY))))


def _pulses(explained: Floats, columns: Floats, rows: Ints, memory: Memory) -> _Pulses:
    width = explained.shape[1]
    whitening = Whitening(rows, memory)
    white = whitening.of(np.column_stack([explained, columns])[rows])
    base, _ = orthonormal(white[:, :width])
    left = white[:, width:] - base @ (base.T @ white[:, width:])
    length = whitening.pulse_squares() - (whitening.along_pulses(base) ** 2).sum(axis=1)
    return _Pulses(
        columns=left,
        along=whitening.along_pulses(left),
        length=np.maximum(length, 1e-9),
        free=len(rows) - base.shape[1] - 1,
    )
