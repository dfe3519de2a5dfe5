"""Errors that remember: what is left once their memory and the background are taken out."""

import numpy as np
from scipy import linalg

from kpi_engine.mapping.influence.background import Floats, Ints
from kpi_engine.mapping.influence.memory import Memory

_NO_VARIANCE = 1e-8
"""Singular values below this share of the largest add nothing."""


class Whitening:
    """Takes the memory out of columns, exactly, also across gaps.

    Second-order autoregression, the first periods by Prais and Winsten (1954). A period that is
    missing is filled with what its neighbours make expect, which is the same as leaving it out.

    Args:
        rows: Places of the periods that are there, in order of time.
        memory: Of the errors.
        stretch: Places of the first and the last period, there or not; None: those of ``rows``.
    """

    def __init__(
        self, rows: Ints, memory: Memory, *, stretch: tuple[int, int] | None = None
    ) -> None:
        first, last = stretch or (int(rows[0]), int(rows[-1]))
        self._at = rows - first
        span, second = last - first + 1, memory.second
        rest = (1 - memory.first**2) * (1 - second**2)
        self._own = np.full(span, rest**-0.5)
        self._own[0] = 1.0
        self._own[1:2] = (1 - memory.first**2) ** -0.5
        self._one, self._two = -memory.first * (1 - second) * self._own, -second * self._own
        self._one[1:2] = -memory.first * self._own[1:2]
        self._one[:1], self._two[:2] = 0.0, 0.0
        is_there = np.zeros(span, dtype=bool)
        is_there[self._at] = True
        self._missing = np.flatnonzero(~is_there)
        self._missing_factor = self._factor() if len(self._missing) else None

    @property
    def log_determinant(self) -> float:
        """Logarithm of the determinant of the errors' correlations."""
        found = -2 * np.log(self._own).sum()
        if self._missing_factor is not None:
            found += 2 * np.log(self._missing_factor[-1]).sum()
        return float(found)

    def of(self, columns: Floats) -> Floats:
        """Columns without memory: one row a period from the first to the last.

        Args:
            columns: One row a period that is there.
        """
        filled = np.zeros((len(self._own), columns.shape[1]))
        filled[self._at] = columns
        white = self._filtered(filled)
        if self._missing_factor is not None:
            missing = self._missing
            expected = self._solved(self._turned(white, missing))
            for later, band in enumerate((self._own, self._one, self._two)):
                at = missing + later
                inside = at < len(white)
                white[at[inside]] -= band[at[inside], None] * expected[inside]
        return white

    def along_pulses(self, white: Floats) -> Floats:
        """Inner products with a pulse of one in each period that is there, whitened.

        Args:
            white: Columns that this has whitened, or combinations of them.
        """
        return self._turned(white, self._at)

    def of_changes(self) -> tuple[Floats, Floats, Floats]:
        """What inner products are sums of, were no period missing.

        Returns:
            Weights of the levels' products, one a period, and of those of the changes over one
            and over two periods.
        """
        own, one, two = self._bands()
        one, two = -one[:-1], -two[:-2]
        sums = own.copy()
        for apart, band in ((1, one), (2, two)):
            sums[apart:] -= band
            sums[:-apart] -= band
        return sums, one, two

    def of_missing(self, columns: Floats) -> Floats:
        """What inner products of columns lose by periods that are missing; nothing if none is.

        Args:
            columns: One row a period of the stretch; any number stands for what is missing.
        """
        if self._missing_factor is None:
            return np.zeros((columns.shape[1], columns.shape[1]))
        missing, last = self._missing, len(columns) - 1
        own, one, two = self._bands()
        found = own[missing, None] * columns[missing]
        for apart, band in ((1, one), (2, two)):  # beyond either end the bands are zero
            found += band[missing, None] * columns[np.minimum(missing + apart, last)]
            found += band[missing - apart, None] * columns[missing - apart]
        return np.asarray(found.T @ self._solved(found))

    def pulse_squares(self) -> Floats:
        """Squared length of each such pulse."""
        found = self._bands()[0][self._at]
        if self._missing_factor is None:
            return np.asarray(found)
        crossed = self._crossed()[:, self._at]
        return np.asarray(found - (crossed * self._solved(crossed)).sum(axis=0))

    def _filtered(self, values: Floats) -> Floats:
        found = self._own[:, None] * values
        found[1:] += self._one[1:, None] * values[:-1]
        found[2:] += self._two[2:, None] * values[:-2]
        return found

    def _turned(self, values: Floats, rows: Ints) -> Floats:
        """Rows of what the filter's transpose makes of values."""
        found = self._own[rows, None] * values[rows]
        for later, band in ((1, self._one), (2, self._two)):
            inside = rows + later < len(values)
            at = rows[inside] + later
            found[inside] += band[at, None] * values[at]
        return np.asarray(found)

    def _bands(self) -> tuple[Floats, Floats, Floats]:
        """Inverse correlations of the errors: the diagonal, and the next two beside it."""
        own, one, two = (np.append(band, [0.0, 0.0]) for band in (self._own, self._one, self._two))
        return (
            (own**2)[:-2] + (one**2)[1:-1] + (two**2)[2:],
            (own * one)[1:-1] + (one * two)[2:],
            (own * two)[2:],
        )

    def _factor(self) -> Floats:
        """Cholesky factor of the inverse correlations between missing periods, as bands."""
        bands, missing = self._bands(), self._missing
        found = np.zeros((3, len(missing)))
        found[2] = bands[0][missing]
        for apart in (1, 2):
            for place in range(len(missing) - apart):
                distance = missing[place + apart] - missing[place]
                if distance <= 2:
                    found[2 - apart, place + apart] = bands[distance][missing[place]]
        return np.asarray(linalg.cholesky_banded(found))

    def _crossed(self) -> Floats:
        """Inverse correlations of missing periods with all."""
        found = np.zeros((len(self._missing), len(self._own)))
        for distance, band in enumerate(self._bands()):
            for row, place in enumerate(self._missing):
                if place + distance < len(self._own):
                    found[row, place + distance] = band[place]
                if place >= distance:
                    found[row, place - distance] = band[place - distance]
        return found

    def _solved(self, values: Floats) -> Floats:
        return np.asarray(linalg.cho_solve_banded((self._missing_factor, False), values))


def whitened(columns: Floats, gaps: Ints, rho: float) -> tuple[Floats, float]:
    """Columns without first-order autocorrelation, exact across gaps (Prais and Winsten 1954).

    Args:
        columns: One row a period that is there, in order of time.
        gaps: Periods from each row to the next; 1 where none is missing.
        rho: Correlation of the error with the one a period earlier.

    Returns:
        The columns, and the logarithm of the errors' correlation determinant.
    """
    carried = np.power(rho, gaps)
    share = 1 - carried**2
    found = columns.copy()
    found[1:] -= carried[:, None] * columns[:-1]
    found[1:] /= np.sqrt(share)[:, None]
    return found, float(np.log(share).sum())


def orthonormal(columns: Floats) -> tuple[Floats, Floats]:
    """An orthonormal basis of what columns span, and their singular values that are not zero."""
    base, triangle = np.linalg.qr(columns)
    diagonal = np.abs(np.diag(triangle))
    if diagonal.min(initial=np.inf) > _NO_VARIANCE * diagonal.max(initial=0.0):
        return base, diagonal
    base, singular, _ = np.linalg.svd(columns, full_matrices=False)
    kept = singular > _NO_VARIANCE * singular[0]
    return base[:, kept], singular[kept]
