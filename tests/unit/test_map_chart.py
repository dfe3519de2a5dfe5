import itertools

import pytest

from kpi_engine.charts.map import LOOKS, map_chart
from kpi_engine.charts.map_layout import (
    BOX_HEIGHT,
    COLUMNS,
    MEASURES,
    OUTCOMES,
    WIDTH,
    LinkTexts,
    MapTexts,
    laid_out,
)
from kpi_engine.charts.palette import STATUS_SHAPES
from kpi_engine.services.map import LinkMap
from kpi_engine.terms import EvidenceGrade, LinkKind, Status
from tests.factories import contribution, link, link_map, map_link, map_outcome, metric, reading
from tests.marlow_finch import checkout, demos, estimate, satisfaction, shipped

LONG = "A bad release makes checkouts fail for hours while the service counts as up all day."


def linked(driver: str, outcome: str, grade: EvidenceGrade, money: float | None = None):
    of = metric(driver, label=driver.removeprefix("it.").capitalize())
    worth = estimate(1.2 * money, money, 0.8 * money) if money else None
    kind = LinkKind.IMPACT if grade is EvidenceGrade.B else LinkKind.INFLUENCE
    found = contribution(link(driver, outcome, grade=grade, kind=kind), money=worth)
    return map_link(reading(0.99, of=of, target=0.98, red_line=0.9), found)


def october() -> LinkMap:
    """Every grade and every width, a shared measure, and gaps on both sides."""
    return link_map(
        map_outcome(
            checkout(),
            linked("it.uptime", "biz.tx_success", EvidenceGrade.B, -60_000),
            linked("it.pages", "biz.tx_success", EvidenceGrade.C, -20_000),
            linked("it.errors", "biz.tx_success", EvidenceGrade.D, -500),
        ),
        map_outcome(
            demos(),
            linked("it.uptime", "biz.demo_ok", EvidenceGrade.E),
            linked("it.tickets", "biz.demo_ok", EvidenceGrade.CONTRADICTED),
        ),
        map_outcome(shipped()),
        map_outcome(satisfaction(), linked("it.mttr", "biz.tool_sat", EvidenceGrade.E)),
        orphans=(metric("it.patches", label="Patches on time"),),
        activities=(metric("it.work", label="Tickets closed"),),
        money_steps=(10_000, 50_000),
    )


def texts(found: LinkMap, how: str = LONG) -> MapTexts:
    return MapTexts(
        links={
            one.link.id: LinkTexts(how=how, felt="same day", evidence="Weak") for one in found.links
        },
        gap_outcome="No measure",
        gap_measure="No outcome",
        activity="Only work",
        no_goal="No goal",
    )


def spec(found: LinkMap):
    return map_chart(found, texts(found)).to_dict()


def rows(layer, whole):
    return layer.get("data", {}).get("values") or whole["datasets"][layer["data"]["name"]]


def layers(whole, mark: str):
    return [layer for layer in whole["layer"] if layer["mark"]["type"] == mark]


def test_each_link_is_drawn_as_it_is_known_and_as_wide_as_its_money():
    whole = spec(october())
    drawn = [
        (tuple(layer["mark"]["strokeDash"]), layer["mark"]["strokeWidth"])
        for layer in layers(whole, "line")
    ]
    thin, some, much = sorted({width for _, width in drawn})
    assert sorted(drawn) == sorted(
        [
            ((), thin),  # goals to outcomes
            (LOOKS[EvidenceGrade.B].dash, much),
            (LOOKS[EvidenceGrade.C].dash, some),
            (LOOKS[EvidenceGrade.D].dash, thin),
            (LOOKS[EvidenceGrade.E].dash, thin),
            (LOOKS[EvidenceGrade.CONTRADICTED].dash, thin),
        ]
    )


def test_every_evidence_word_has_a_dash_of_its_own():
    by_word = {
        EvidenceGrade.A: EvidenceGrade.B,
        EvidenceGrade.B: EvidenceGrade.A,
    }
    for one, other in itertools.combinations(EvidenceGrade, 2):
        same = LOOKS[one].dash == LOOKS[other].dash
        assert same is (by_word.get(one) is other)


def test_lines_meet_the_boxes_they_tie():
    layout = laid_out(october(), texts(october()))
    ends = {(column.left + column.width) for column in COLUMNS[:2]} | {
        OUTCOMES.left,
        MEASURES.left,
    }
    middles = {box.y for box in layout.boxes}
    for curve in layout.curves:
        for x, y in (curve.points[0], curve.points[-1]):
            assert x in ends
            assert y in middles


def test_nothing_lies_on_anything_else():
    layout = laid_out(october(), texts(october()))
    for column in COLUMNS:
        places = sorted(box.y for box in layout.boxes if box.column is column)
        assert all(b - a > BOX_HEIGHT for a, b in itertools.pairwise(places))
        assert column.left + column.width <= WIDTH
    for one, following in itertools.pairwise(COLUMNS):
        assert one.left + one.width < following.left
    assert max(box.y for box in layout.boxes) + BOX_HEIGHT / 2 <= layout.height


def test_a_measure_that_stands_further_up_has_no_ground_and_a_gap_is_dashed():
    boxes = laid_out(october(), texts(october())).boxes
    assert [box.label for box in boxes if box.is_repeat] == ["Uptime"]
    assert [box.label for box in boxes if box.is_gap] == [
        "Orders shipped on time",
        "Patches on time",
    ]
    marks = [layer["mark"] for layer in layers(spec(october()), "rect")]
    dashed = [mark for mark in marks if mark["strokeDash"]]
    hollow = [mark for mark in marks if mark["fill"] is None]
    assert len(marks) == 3
    assert len(dashed) == 1
    assert dashed[0] in hollow


def test_a_status_is_a_shape_as_everywhere():
    whole = spec(october())
    found = {layer["mark"]["shape"]: len(rows(layer, whole)) for layer in layers(whole, "point")}
    statuses = [one.reading.judgement.status for one in (*october().outcomes, *october().links)]
    assert sum(found.values()) == len(statuses)
    for status in (Status.ON_TARGET, Status.OFF_TARGET):
        assert found[STATUS_SHAPES[status]] == statuses.count(status)


@pytest.mark.parametrize(
    ("how", "lines"),
    [
        pytest.param("Slow pages make shoppers give up.", 1, id="short"),
        pytest.param(LONG, 2, id="long"),
    ],
)
def test_how_one_leads_to_the_other_takes_two_lines_at_most(how, lines):
    found = october()
    notes = laid_out(found, texts(found, how)).notes
    told = [note.lines for note in notes if " ".join(note.lines) == how.removesuffix(".")]
    assert len(told) == len(found.links)
    assert {len(one) for one in told} == {lines}


def test_gaps_and_missing_goals_are_said():
    found = link_map(map_outcome(satisfaction()), activities=(metric("it.work", label="Work"),))
    (goal,) = found.goals
    bare = link_map(*goal.outcomes, goals=(type(goal)(name="", outcomes=goal.outcomes),))
    layout = laid_out(bare, texts(bare))
    assert "No goal" in [box.label for box in layout.boxes]
    assert ("No measure",) in [note.lines for note in layout.notes]
    assert ("Only work",) in [note.lines for note in laid_out(found, texts(found)).notes]


def test_a_map_without_anything_can_be_drawn():
    assert spec(link_map())["height"] > 0


def test_pointing_at_the_map_tells_no_pixels():
    found = october()
    assert map_chart(found, texts(found)).to_dict()["config"]["mark"] == {"tooltip": None}
