"""Parts and the whole: links share a movement, they never add up to more than it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kpi_engine.maths.intervals import Estimate


@dataclass(frozen=True, kw_only=True)
class Shares:
    """One movement shared out.

    Attributes:
        effects: In the order given; None where a link carries no number.
        is_capped: For each effect, whether it was scaled down.
        remainder: The movement less every effect; None when the movement is not known.
    """

    effects: tuple[Estimate | None, ...]
    is_capped: tuple[bool, ...]
    remainder: float | None


def share_movement(counted: Sequence[Estimate | None], movement: float | None) -> Shares:
    """Share a movement among links so that effects plus remainder are the movement.

    Where the effects in the direction of the movement, net of those against it, come to more
    than the movement, those in its direction are scaled down pro rata until the net is the
    movement and the remainder nothing. Effects against the movement stand as counted.

    Args:
        counted: What each link counted by itself, in the outcome's unit; None for no number.
        movement: What the outcome did; None when a month is missing: nothing can be shared.
    """
    if movement is None:
        return Shares(
            effects=tuple(counted), is_capped=tuple(False for _ in counted), remainder=None
        )
    factor = _factor([one.mid for one in counted if one is not None], movement)
    capped = [
        one is not None and factor < 1 and _same_direction(one.mid, movement) for one in counted
    ]
    effects = tuple(
        one * factor if one is not None and is_capped else one
        for one, is_capped in zip(counted, capped, strict=True)
    )
    parts = [one.mid for one in effects if one is not None]
    remainder = 0.0 if any(capped) else math.fsum([movement, *(-part for part in parts)])
    return Shares(effects=effects, is_capped=tuple(capped), remainder=remainder)


def _factor(mids: Sequence[float], movement: float) -> float:
    """What effects in the direction of the movement are multiplied by, 1 when all fit in."""
    along = math.fsum(mid for mid in mids if _same_direction(mid, movement))
    against = math.fsum(mid for mid in mids if not _same_direction(mid, movement))
    if along == 0 or abs(along + against) <= abs(movement):
        return 1.0
    if not _same_direction(along + against, movement):
        return 1.0
    return min(1.0, (movement - against) / along)


def _same_direction(one: float, other: float) -> bool:
    return (one > 0 and other > 0) or (one < 0 and other < 0)
