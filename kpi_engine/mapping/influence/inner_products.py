"""What columns have in common once memory and background are out, for many memories at once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kpi_engine.mapping.influence.background import Floats, Ints
from kpi_engine.mapping.influence.memory import Memory
from kpi_engine.mapping.influence.whitening import Whitening, orthonormal

_NO_VARIANCE = 1e-8
"""Of the largest; what has less adds nothing."""
_ROUNDING = 1e-14
"""Share of a column's length that is left where nothing should be."""
_CHANGES = (0, 1, 2)
"""Periods over which changes are taken; 0: levels."""
_NOTHING = 1e-200
"""Sum of squares of what the background leaves nothing of."""


@dataclass(frozen=True, kw_only=True)
class Products:
    """Inner products of the columns of interest, for each way in which errors may remember.

    Attributes:
        matrices: One matrix a memory; drivers' shapes in order, the outcome last, after whitening
            and without the background.
        log_likelihood: The part of the restricted log likelihood that does not depend on what is
            left, to a constant: of the errors' and the background's determinants.
        memories: Those ways.
        free: Degrees of freedom left by the background.
    """

    matrices: Floats
    log_likelihood: Floats
    memories: tuple[Memory, ...]
    free: int

    def of(self, columns: Ints) -> "Products":
        """Those of some columns, in the order given."""
        return replace(self, matrices=self.matrices[:, columns[:, None], columns])


@dataclass(frozen=True, kw_only=True)
class Whitened:
    """Inner products of all columns, the background's first, for each way to remember.

    Attributes:
        matrices: One matrix a memory.
        determinants: Logarithms of the determinants of the errors' correlations.
        memories: Those ways.
        always: How many columns belong to the background whatever the data look like.
        parts: Those that follow, an orthonormal basis each: of what the background may do without.
        rows: Periods that count.
    """

    matrices: Floats
    determinants: Floats
    memories: tuple[Memory, ...]
    always: int
    parts: tuple[slice, ...]
    rows: int

    @property
    def width(self) -> int:
        """How many columns the background has."""
        return self.parts[-1].stop if self.parts else self.always

    def beyond(self, parts: Collection[int]) -> Products:
        """Shapes and outcome once the background is out.

        Args:
            parts: Of it, beside what is always there.
        """
        rank, matrices = self._ordered(parts, np.arange(self.width, self.matrices.shape[1]))
        triangle, left = _cleared(matrices, rank)
        diagonals = np.diagonal(triangle, axis1=1, axis2=2)
        return Products(
            matrices=left,
            log_likelihood=-0.5 * self.determinants - np.log(diagonals).sum(axis=1),
            memories=self.memories,
            free=self.rows - rank,
        )

    def log_evidence(self, columns: Ints, spreads: Mapping[int, float]) -> Floats:
        """How well columns agree with a background whose parts are random; logarithms.

        Restricted likelihood with each part's coefficients normal, equally so in every direction:
        that it does not matter how many columns a part has. To a constant.

        Args:
            columns: Of shapes and outcome.
            spreads: Standard deviation of what each part brings, in that of the errors; parts that
                are not named are not there.

        Returns:
            One row a memory, one column each.
        """
        rank, matrices = self._ordered(spreads, self.width + columns)
        expected = np.zeros(rank)
        start = self.always
        for part, spread in sorted(spreads.items()):
            wide = self.parts[part].stop - self.parts[part].start
            expected[start : start + wide] = spread**2 * self.rows / wide
            start += wide
        loose = expected[self.always :]
        within = np.arange(self.always, rank)
        matrices[:, within, within] += 1 / loose
        triangle, left = _cleared(matrices, rank)
        diagonals = np.diagonal(triangle, axis1=1, axis2=2)
        determinants = self.determinants + np.log(loose).sum()
        squares = np.maximum(np.einsum("rkk->rk", left), _NOTHING)
        found = -0.5 * determinants - np.log(diagonals).sum(axis=1)
        return np.asarray(found[:, None] - 0.5 * (self.rows - self.always) * np.log(squares))

    def of_memories(self, places: Ints) -> "Whitened":
        """The same for some ways to remember."""
        return replace(
            self,
            matrices=self.matrices[places],
            determinants=self.determinants[places],
            memories=tuple(self.memories[place] for place in places),
        )

    def _ordered(self, parts: Iterable[int], columns: Ints) -> tuple[int, Floats]:
        """How many columns the background has with some parts, and the matrices of both."""
        chosen = [
            np.arange(part.start, part.stop) for part in (self.parts[k] for k in sorted(parts))
        ]
        background = np.concatenate([np.arange(self.always), *chosen])
        every = np.concatenate([background, columns])
        return len(background), self.matrices[:, every[:, None], every]


class InnerProducts:
    """Inner products of columns, without whitening them for each memory anew.

    Inverse correlations q of second-order errors have five bands, each the same all along but for
    its ends. With r what a row of them adds up to,

        x'Qy = sum r(t) x(t) y(t) - sum q(t, t+1) dx(t) dy(t) - sum q(t, t+2) ddx(t) ddy(t)

    where d and dd are changes over one and over two periods. So three products of all columns, made
    once, serve every memory. (Products of lagged columns would do as well, and cancel each other
    out where memory is long.) Periods left out are filled as :class:`Whitening` does.

    Args:
        background: One row a period.
        columns: Shapes and outcome, one row a period; only ``rows`` need to be known.
        rows: The periods that may count, in order of time.
        parts: Columns of the background that it may do without, group by group.
    """

    def __init__(
        self,
        background: Floats,
        columns: Floats,
        rows: Ints,
        *,
        parts: Sequence[Sequence[int]] = (),
    ) -> None:
        self._stretch = int(rows[0]), int(rows[-1])
        known = background[rows]
        doubtful = [place for part in parts for place in part]
        basis, _ = orthonormal(np.delete(known, doubtful, axis=1))
        bases, stop = [basis], basis.shape[1]
        self._always, self._parts = stop, []
        for part in parts:
            own, _ = orthonormal(_beyond(basis, known[:, list(part)]))
            bases.append(own)
            self._parts.append(slice(stop, stop + own.shape[1]))
            stop += own.shape[1]
        left = _beyond(basis, columns[rows])
        count = self._stretch[1] - self._stretch[0] + 1
        self._every = np.zeros((count, stop + left.shape[1]))
        self._every[rows - rows[0]] = np.column_stack([*bases, left])
        pieces: list[Floats] = []
        for over in _CHANGES:
            changes = _changes(self._every, over)
            at_ends = changes[_ends(len(changes), over)]
            pieces += [changes.T @ changes, *(np.outer(one, one) for one in at_ends)]
        self._pieces = np.stack(pieces)

    def whitened(self, rows: Ints, memories: Sequence[Memory]) -> Whitened:
        """Those of all columns.

        Args:
            rows: The periods that count, of those given.
            memories: Ways to remember to do it for.
        """
        whitenings = [Whitening(rows, memory, stretch=self._stretch) for memory in memories]
        matrices = self._as_if_whole(whitenings)
        for matrix, whitening in zip(matrices, whitenings, strict=True):
            matrix -= whitening.of_missing(self._every)
        return Whitened(
            matrices=matrices,
            determinants=np.asarray([one.log_determinant for one in whitenings]),
            memories=tuple(memories),
            always=self._always,
            parts=tuple(self._parts),
            rows=len(rows),
        )

    def of(self, rows: Ints, memories: Sequence[Memory]) -> Products:
        """Those of some periods, without the whole background."""
        return self.whitened(rows, memories).beyond(range(len(self._parts)))

    def _as_if_whole(self, whitenings: Sequence[Whitening]) -> Floats:
        """Those of all columns, background first, were no period missing."""
        shares = [
            np.concatenate(
                [_shares(one, over) for over, one in zip(_CHANGES, each.of_changes(), strict=True)]
            )
            for each in whitenings
        ]
        return np.asarray(np.tensordot(np.asarray(shares), self._pieces, axes=1))


def _cleared(matrices: Floats, rank: int) -> tuple[Floats, Floats]:
    """Cholesky factors of what is taken out, and what it leaves of the other columns."""
    triangle = np.linalg.cholesky(matrices[:, :rank, :rank])
    along = np.linalg.solve(triangle, matrices[:, :rank, rank:])
    left = matrices[:, rank:, rank:] - np.swapaxes(along, 1, 2) @ along
    return np.asarray(triangle), np.asarray(left)


def _beyond(basis: Floats, columns: Floats) -> Floats:
    """What columns have beyond a basis; exactly nothing where only rounding errors are left."""
    left = columns - basis @ (basis.T @ columns)
    is_more = (left**2).sum(axis=0) > _ROUNDING**2 * (columns**2).sum(axis=0)
    return np.where(is_more, left, 0.0)


def _changes(values: Floats, over: int) -> Floats:
    return values[over:] - values[:-over] if over else values


def _shares(weights: Floats, over: int) -> Floats:
    """What the product of all changes counts, and what each at the ends counts beyond that."""
    usual = weights[len(weights) // 2]
    return np.append(usual, weights[_ends(len(weights), over)] - usual)


def _ends(count: int, over: int) -> Ints:
    """Places where weights are not what they are all along."""
    places, reach = np.arange(count), max(_CHANGES) - over
    return places[(places < reach) | (places >= count - reach)]


def without(found: Products, crossed: Floats, inner: Floats) -> Products:
    """The same after taking out further columns as well.

    Args:
        found: Of the columns wanted.
        crossed: What these have in common with those taken out; by memory, one row each of those.
        inner: What those taken out have in common with each other; by memory.
    """
    values, vectors = np.linalg.eigh(inner)
    kept = values > _NO_VARIANCE * values.max(axis=1, keepdims=True)
    inverse = np.where(kept, 1 / np.where(kept, values, 1.0), 0.0)
    turned = np.swapaxes(vectors, 1, 2) @ crossed
    lost = 0.5 * np.where(kept, np.log(np.where(kept, values, 1.0)), 0.0).sum(axis=1)
    return Products(
        matrices=found.matrices - np.swapaxes(turned, 1, 2) @ (turned * inverse[:, :, None]),
        log_likelihood=found.log_likelihood - lost,
        memories=found.memories,
        free=found.free - int(kept.sum(axis=1).max()),
    )
