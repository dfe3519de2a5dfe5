"""One number beside another: changes and shares of a change."""


def difference(now: float | None, before: float | None) -> float | None:
    """The change from ``before`` to ``now``; None when either is not known."""
    return None if now is None or before is None else now - before


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
