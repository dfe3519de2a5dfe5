"""One number beside another: changes and shares of a change."""


def difference(now: float | None, before: float | None) -> float | None:
    """The change from ``before`` to ``now``; None when either is not known."""
    return None if now is None or before is None else now - before


def change_of_rate(
    now: float | None, before: float | None, *, length: float, length_before: float
) -> float | None:
    """How much more came in a day (or week) of one period than of another, as a fraction.

    Args:
        now: A sum.
        before: The sum it is held against.
        length: Days, working days or weeks of its period.
        length_before: ... of the other.

    Returns:
        None where either is not known, or there is nothing to divide by.

    Examples:
        >>> change_of_rate(44.0, 42.0, length=22, length_before=21)
        0.0
    """
    if now is None or before is None or before == 0 or length <= 0 or length_before <= 0:
        return None
    return now * length_before / (before * length) - 1


def share_explained(part: float | None, whole: float | None) -> float | None:
    """How much of a movement one part accounts for.

    Returns:
        A fraction: 0.6 when the part is 60 % of the movement, above 1 when other parts pull
        the other way, negative when the part itself does; None when nothing moved or nothing
        is known.

    Examples:
        >>> share_explained(-0.36, -0.6)
        0.6
    """
    if part is None or whole is None or whole == 0:
        return None
    return part / whole
