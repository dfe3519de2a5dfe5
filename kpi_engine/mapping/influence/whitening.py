"""Errors that remember: what is left once autocorrelation and background are taken out."""

from dataclasses import dataclass

import numpy as np

from kpi_engine.mapping.influence.background import Floats, Ints

_NO_VARIANCE = 1e-8
"""Singular values below this share of the largest add nothing."""


@dataclass(frozen=True, kw_only=True)
class Products:
    """Inner products of the columns of interest, for each autocorrelation.

    Attributes:
        matrices: One matrix an autocorrelation; drivers' shapes in order, the outcome last, after
            whitening and without the background.
        log_likelihood: The part of the restricted log likelihood that does not depend on what is
            left: of the errors' and the background's determinants.
        free: Degrees of freedom left by the background.
    """

    matrices: Floats
    log_likelihood: Floats
    free: int


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


def products(background: Floats, columns: Floats, rows: Ints, rhos: tuple[float, ...]) -> Products:
    """Whiten, take the background out, and keep the inner products of what is left.

    Args:
        background: One row a period.
        columns: Shapes and outcome, one row a period; only ``rows`` need to be known.
        rows: The periods that count.
        rhos: Autocorrelations to do it for.
    """
    width = background.shape[1]
    every = np.column_stack([background, columns])[rows]
    gaps = np.diff(rows)
    matrices = np.empty((len(rhos), columns.shape[1], columns.shape[1]))
    constants, rank = np.empty(len(rhos)), 0
    for place, rho in enumerate(rhos):
        white, log_determinant = whitened(every, gaps, rho)
        base, singular = orthonormal(white[:, :width])
        left = white[:, width:] - base @ (base.T @ white[:, width:])
        matrices[place] = left.T @ left
        constants[place] = -0.5 * log_determinant - np.log(singular).sum()
        rank = len(singular)
    return Products(matrices=matrices, log_likelihood=constants, free=len(rows) - rank)


def orthonormal(columns: Floats) -> tuple[Floats, Floats]:
    """An orthonormal basis of what columns span, and their singular values that are not zero."""
    base, triangle = np.linalg.qr(columns)
    diagonal = np.abs(np.diag(triangle))
    if diagonal.min(initial=np.inf) > _NO_VARIANCE * diagonal.max(initial=0.0):
        return base, diagonal
    base, singular, _ = np.linalg.svd(columns, full_matrices=False)
    kept = singular > _NO_VARIANCE * singular[0]
    return base[:, kept], singular[kept]


def without(found: Products, taken: Floats) -> Products:
    """The same after taking out combinations of the columns as well.

    Args:
        found: Of all columns.
        taken: One column a combination, one row a column of ``found``.
    """
    if taken.shape[1] == 0:
        return found
    crossed = found.matrices @ taken
    inner = np.swapaxes(taken, 0, 1) @ crossed
    values, vectors = np.linalg.eigh(inner)
    kept = values > _NO_VARIANCE * values.max(axis=1, keepdims=True)
    inverse = np.where(kept, 1 / np.where(kept, values, 1.0), 0.0)
    turned = crossed @ vectors
    matrices = found.matrices - (turned * inverse[:, None, :]) @ np.swapaxes(turned, 1, 2)
    lost = 0.5 * np.where(kept, np.log(np.where(kept, values, 1.0)), 0.0).sum(axis=1)
    return Products(
        matrices=matrices,
        log_likelihood=found.log_likelihood - lost,
        free=found.free - int(kept.sum(axis=1).max()),
    )
