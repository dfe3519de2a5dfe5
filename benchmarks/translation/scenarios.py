"""What a scenario is: how an outcome and its drivers come about, and what is true of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from benchmarks.translation.series import Floats, Maker
from kpi_engine.mapping.influence.scales import ScaleName

STANDARD = 0.65
"""Standard deviations of the errors that one standard deviation of the driver moves."""


class Kind(StrEnum):
    """What a scenario is there for."""

    NULL = "null"
    """No driver does anything: a claim is a false link."""
    APART = "apart"
    """What is needed to tell was not given: reported, without a bar."""
    EFFECT = "effect"
    """At least one driver does something."""


@dataclass(frozen=True, kw_only=True)
class Driver:
    """One driver and what is true of it.

    Attributes:
        effect: Of a sustained +1, on the outcome's scale; 0 for one that does nothing.
        lag: Periods until it is felt; None where it does nothing.
        sign: The direction that its link declares.
        name: Told apart in the table where there are several.
    """

    values: Floats
    effect: float = 0.0
    lag: int | None = None
    sign: int = 1
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Draw:
    """One simulated outcome.

    Attributes:
        controls: Declared further causes, one column each.
        scale: On which the outcome's metric declares that causes add up.
    """

    outcome: Floats
    drivers: tuple[Driver, ...]
    controls: Floats | None = None
    scale: ScaleName = "plain"


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One way in which outcomes and drivers come about.

    Attributes:
        name: On the command line.
        what: In words, for the table.
        make: One draw.
        is_core: Run by every grain and length; others by one length in months.
    """

    name: str
    what: str
    kind: Kind
    make: Callable[[Maker], Draw]
    is_core: bool


@dataclass(frozen=True)
class Scenarios:
    """Scenarios of one kind, in the order in which they were written down."""

    kind: Kind
    every: list[Scenario] = field(default_factory=list)

    def __iter__(self) -> Iterator[Scenario]:
        return iter(self.every)

    def add(
        self, name: str, what: str, *, core: bool = False, kind: Kind | None = None
    ) -> Callable[[Callable[[Maker], Draw]], Callable[[Maker], Draw]]:
        """Write a scenario down: stands above the function that makes its draws."""

        def added(make: Callable[[Maker], Draw]) -> Callable[[Maker], Draw]:
            self.every.append(
                Scenario(name=name, what=what, kind=kind or self.kind, make=make, is_core=core)
            )
            return make

        return added
