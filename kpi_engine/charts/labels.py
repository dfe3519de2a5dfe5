"""Direct labels that do not lie on each other."""

from collections.abc import Sequence


def spread(places: Sequence[float], *, least: float) -> list[float]:
    """Places at least ``least`` apart, in the same order of height.

    The first label keeps its place as far as its neighbours allow: of every pair that is too
    close, the one further down the list moves.

    Examples:
        >>> spread([5.0, 5.5, 9.0], least=1.0)
        [5.0, 6.0, 9.0]
    """
    settled: list[float] = []
    for place in places:
        settled.append(_free(place, settled, least))
    return settled


def _free(place: float, taken: Sequence[float], least: float) -> float:
    """The nearest place to ``place`` that keeps its distance to all that are taken."""
    options = [place, *(one + least for one in taken), *(one - least for one in taken)]
    slack = least * 1e-9
    fitting = [
        option for option in options if all(abs(option - one) >= least - slack for one in taken)
    ]
    return min(fitting, key=lambda option: abs(option - place))
