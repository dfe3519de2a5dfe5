"""How good a range was once the value is known."""


def interval_score(low: float, high: float, value: float, *, level: float) -> float:
    """The width of a range, and a penalty for a value that it missed; smaller is better.

    The penalty is so high that nobody gains by claiming to know more, or less, than he does
    (Gneiting and Raftery 2007, eq. 43): for an 80 % range ten times what it missed by.

    Args:
        low: Lower end.
        high: Upper end, in the same unit.
        value: What came.
        level: Share of the values that the range should hold.

    Examples:
        >>> interval_score(2.0, 5.0, 4.0, level=0.8)
        3.0
        >>> round(interval_score(2.0, 5.0, 5.5, level=0.8), 9)
        8.0
    """
    missed = max(low - value, 0.0) + max(value - high, 0.0)
    return high - low + 2 / (1 - level) * missed
