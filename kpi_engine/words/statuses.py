"""How a status comes about: every edge, judged by the rule that judges the scorecard."""

from dataclasses import dataclass
from typing import Any

from kpi_engine.maths.status import Bound, Judgement, judge
from kpi_engine.terms import Direction, Unit
from kpi_engine.units import DASH, format_share, format_target, format_value
from kpi_engine.words.judgement import STATUS, UNCERTAIN


@dataclass(frozen=True, kw_only=True)
class Edge:
    """One case somebody may wonder about.

    Attributes:
        case: In words.
        parts: Numerator and denominator of a share; None for anything else.
        note: What else is said of it.
    """

    case: str
    value: float | None
    target: Bound | None
    red_line: Bound | None
    direction: Direction = Direction.HIGHER_IS_BETTER
    unit: Unit = Unit.PERCENT
    decimals: int = 1
    failure_space: bool = False
    parts: tuple[float, float] | None = None
    is_placeholder: bool = False
    note: str = ""


def _share(case: str, value: float | None, **more: Any) -> Edge:
    return Edge(case=case, value=value, target=0.975, red_line=0.965, **more)


def _hours(case: str, value: float) -> Edge:
    return Edge(
        case=f"Lower is better, {case}",
        value=value,
        target=24.0,
        red_line=28.0,
        direction=Direction.LOWER_IS_BETTER,
        unit=Unit.HOURS,
    )


def _range(case: str, value: float) -> Edge:
    return Edge(
        case=f"A range, {case}",
        value=value,
        target=(0.2, 0.7),
        red_line=(0.1, 0.85),
        direction=Direction.IN_RANGE,
    )


def _uptime(case: str, value: float) -> Edge:
    return Edge(
        case=f"Near 100 %, {case}",
        value=value,
        target=0.999,
        red_line=0.998,
        decimals=2,
        failure_space=True,
    )


EDGES: tuple[Edge, ...] = (
    _share("Better than its target", 0.976),
    _share("Exactly on its target", 0.975),
    _share("Just short of it", 0.9749, note="printed with the digits it takes"),
    _share("Exactly on the red line", 0.965),
    _share("Just past the red line", 0.9649),
    _share("Zero", 0.0, note="a number like any other"),
    _share("Missing", None, note="never red, never zero"),
    _hours("exactly on its target", 24.0),
    _hours("exactly on the red line", 28.0),
    _hours("just past the red line", 28.01),
    _range("at its lower end", 0.2),
    _range("above its upper end", 0.75),
    _range("on its outer red line", 0.85),
    _range("past its outer red line", 0.851),
    _uptime("exactly on its target", 0.999),
    _uptime("half as much again failed", 0.9985),
    _uptime("three times as much failed", 0.997),
    _share("A share of few", 38 / 40, parts=(38, 40)),
    _share("The same share of many", 38 / 40, parts=(38_000, 40_000)),
    _share("Nobody agreed the target", 0.95, is_placeholder=True, note="drives no headline"),
    Edge(case="No target", value=0.95, target=None, red_line=None),
    Edge(
        case="No direction is good",
        value=12.0,
        target=None,
        red_line=None,
        direction=Direction.NONE,
        unit=Unit.COUNT,
        decimals=0,
    ),
)


def status_rows(*, currency: str = "$") -> list[dict[str, str]]:
    """One row a case, each judged as the scorecard judges."""
    return [_row(edge, currency) for edge in EDGES]


def judged(edge: Edge) -> Judgement:
    """One case, judged as the scorecard judges."""
    numerator, denominator = edge.parts or (None, None)
    return judge(
        edge.value,
        target=edge.target,
        red_line=edge.red_line,
        direction=edge.direction,
        failure_space=edge.failure_space,
        numerator=numerator,
        denominator=denominator,
        is_placeholder=edge.is_placeholder,
    )


def _row(edge: Edge, currency: str) -> dict[str, str]:
    found = judged(edge)
    notes = [edge.note]
    if found.budget_used is not None:
        notes.append(f"{format_share(found.budget_used)} of the failures that the target allows")
    if found.is_uncertain:
        notes.append(UNCERTAIN)
    bounds = [
        DASH
        if bound is None
        else format_target(
            bound,
            unit=edge.unit,
            decimals=edge.decimals,
            direction=edge.direction,
            currency=currency,
        )
        for bound in (edge.target, edge.red_line)
    ]
    ends = [end for bound in (edge.target, edge.red_line) for end in _ends(bound)]
    value = format_value(
        edge.value, unit=edge.unit, decimals=edge.decimals, currency=currency, bounds=ends
    )
    return {
        "Case": edge.case,
        "Value": value,
        "Target": bounds[0],
        "Red line": bounds[1],
        "Status": STATUS[found.status].text,
        "Also said": "; ".join(note for note in notes if note),
    }


def _ends(bound: Bound | None) -> tuple[float, ...]:
    if bound is None:
        return ()
    return bound if isinstance(bound, tuple) else (bound,)
