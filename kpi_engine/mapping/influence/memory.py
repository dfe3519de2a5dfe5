"""How errors remember those before them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Memory:
    """How errors remember: their first two partial autocorrelations.

    Attributes:
        first: Correlation with the error one period earlier.
        second: Correlation with the one two periods earlier, the one between given. Below 0 the
            errors swing, as business cycles do.
    """

    first: float
    second: float = 0.0
