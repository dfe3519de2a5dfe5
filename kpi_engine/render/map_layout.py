"""Where everything on the map stands: goals, outcomes, IT measures, and the lines between them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.services.map import LinkMap, MapGoal, MapOutcome
from kpi_engine.services.readings import Reading
from kpi_engine.terms import EvidenceGrade

WIDTH = 1290.0
HEADINGS_Y = 10.0
BOX_HEIGHT = 20.0
_FIRST_Y = 42.0
_ROW = 29.0
_AFTER_OUTCOME = 10.0
_AFTER_GOAL = 14.0


@dataclass(frozen=True, kw_only=True)
class Column:
    """Where one kind of thing stands; boxes fill ``width``, texts start at ``left``."""

    name: str
    left: float
    width: float


GOALS = Column(name="Strategic goal", left=0, width=146)
OUTCOMES = Column(name="Business outcome", left=182, width=256)
MEASURES = Column(name="IT measure", left=484, width=292)
HOW = Column(name="How one leads to the other", left=790, width=282)
FELT = Column(name="Felt after", left=1086, width=108)
EVIDENCE = Column(name="Evidence", left=1204, width=86)
COLUMNS = (GOALS, OUTCOMES, MEASURES, HOW, FELT, EVIDENCE)


@dataclass(frozen=True, kw_only=True)
class LinkTexts:
    """What is written beside one link."""

    how: str
    felt: str
    evidence: str


@dataclass(frozen=True, kw_only=True)
class MapTexts:
    """What is written on the map.

    Attributes:
        links: By link id.
        gap_outcome: Beside an outcome without any link.
        gap_measure: Beside an IT measure that serves no outcome.
        activity: Beside one that only counts work done.
        no_goal: In place of a goal.
    """

    links: Mapping[str, LinkTexts]
    gap_outcome: str
    gap_measure: str
    activity: str
    no_goal: str


@dataclass(frozen=True, kw_only=True)
class Box:
    """A named box; ``y`` is its middle.

    Attributes:
        of: Whose month it shows; the measure alone where nothing is judged, None for a goal.
        is_gap: Nothing is tied to it.
        is_repeat: The same measure stands further up already.
    """

    column: Column
    y: float
    label: str
    of: Reading | Metric | None = None
    is_gap: bool = False
    is_repeat: bool = False


@dataclass(frozen=True, kw_only=True)
class Note:
    """A text beside a box; ``y`` is its middle."""

    column: Column
    y: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A line from the right edge of one column to the left edge of another, flat at both ends.

    Attributes:
        grade: Of the link; None between a goal and its outcome.
        weight: 0 to 2, by how much money it moved.
    """

    start: tuple[float, float]
    end: tuple[float, float]
    grade: EvidenceGrade | None = None
    weight: int = 0


@dataclass(kw_only=True)
class Layout:
    """Everything with its place, in pixels of a map ``WIDTH`` wide.

    Attributes:
        placed: In the order in which it is read: a goal, an outcome, its links.
    """

    placed: list[Box | Note] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    height: float = _FIRST_Y


def laid_out(found: LinkMap, texts: MapTexts) -> Layout:
    """Place everything, a row for each link.

    A measure with several links has a row for each, so that how it works, when it is felt and how
    that is known read across; from its second row on it is marked as a repeat.
    """
    layout, seen = Layout(), set[tuple[object, ...]]()
    for goal in found.goals:
        _place_goal(layout, found, goal, texts, seen)
    loose = [(one, texts.gap_measure, True) for one in found.orphans]
    loose += [(one, texts.activity, False) for one in found.activities]
    for metric, said, is_gap in loose:
        _place_loose(layout, metric, said, is_gap=is_gap)
    layout.height = max((one.y for one in layout.placed), default=HEADINGS_Y) + BOX_HEIGHT
    return layout


def _place_goal(
    layout: Layout, found: LinkMap, goal: MapGoal, texts: MapTexts, seen: set[tuple[object, ...]]
) -> None:
    first = len(layout.placed)
    middles = [_place_outcome(layout, found, one, texts, seen) for one in goal.outcomes]
    middle = (middles[0] + middles[-1]) / 2
    layout.placed.insert(first, Box(column=GOALS, y=middle, label=goal.name or texts.no_goal))
    layout.curves += [_curve(GOALS, middle, OUTCOMES, end) for end in middles]
    layout.height += _AFTER_GOAL


def _place_outcome(
    layout: Layout,
    found: LinkMap,
    outcome: MapOutcome,
    texts: MapTexts,
    seen: set[tuple[object, ...]],
) -> float:
    """Place an outcome with its links below each other; the height of its middle."""
    rows = [layout.height + place * _ROW for place in range(max(1, len(outcome.links)))]
    middle = (rows[0] + rows[-1]) / 2
    layout.placed.append(
        Box(
            column=OUTCOMES,
            y=middle,
            label=outcome.reading.label,
            of=outcome.reading,
            is_gap=not outcome.has_driver,
        )
    )
    if not outcome.links:
        layout.placed.append(Note(column=HOW, y=middle, text=texts.gap_outcome))
    for y, one in zip(rows, outcome.links, strict=False):
        said, key = texts.links[one.link.id], (one.reading.metric.id, *one.reading.segment.items())
        layout.placed += [
            Box(
                column=MEASURES,
                y=y,
                label=one.reading.label,
                of=one.reading,
                is_repeat=key in seen,
            ),
            Note(column=HOW, y=y, text=said.how),
            Note(column=FELT, y=y, text=said.felt),
            Note(column=EVIDENCE, y=y, text=said.evidence),
        ]
        seen.add(key)
        layout.curves.append(
            _curve(
                OUTCOMES,
                middle,
                MEASURES,
                y,
                grade=one.contribution.grade,
                weight=found.weight(one),
            )
        )
    layout.height = rows[-1] + _ROW + _AFTER_OUTCOME
    return middle


def _place_loose(layout: Layout, metric: Metric, said: str, *, is_gap: bool) -> None:
    y = layout.height
    layout.placed += [
        Box(column=MEASURES, y=y, label=metric.label, of=metric, is_gap=is_gap),
        Note(column=HOW, y=y, text=said),
    ]
    layout.height += _ROW


def _curve(
    start: Column,
    y: float,
    end: Column,
    to: float,
    *,
    grade: EvidenceGrade | None = None,
    weight: int = 0,
) -> Curve:
    edges = (start.left + start.width, y), (end.left, to)
    return Curve(start=edges[0], end=edges[1], grade=grade, weight=weight)
