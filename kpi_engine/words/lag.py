"""How long after it happens something is felt."""

_STEPS = ((365, "year"), (30, "month"), (7, "week"), (1, "day"))


def felt_after(lag_days: tuple[int, int]) -> str:
    """The delay of a link in the largest step that fits it.

    Args:
        lag_days: Shortest and longest delay.

    Examples:
        >>> felt_after((0, 0)), felt_after((0, 7)), felt_after((14, 60)), felt_after((7, 7))
        ('same day', 'same week', '2 weeks to 2 months', '1 week')
        >>> felt_after((30, 90))
        '1 to 3 months'
    """
    low, high = lag_days
    if low == 0:
        return _within(high)
    if low == high:
        return _span(low)
    least, most = _span(low), _span(high)
    same_step = least.split()[1].rstrip("s") == most.split()[1].rstrip("s")
    return f"{least.split()[0] if same_step else least} to {most}"


def _within(days: int) -> str:
    for longest, words in ((1, "same day"), (7, "same week"), (31, "same month")):
        if days <= longest:
            return words
    return f"within {_span(days)}"


def _span(days: int) -> str:
    size, word = next((size, word) for size, word in _STEPS if days >= size)
    count = round(days / size)
    return f"{count} {word}{'' if count == 1 else 's'}"
