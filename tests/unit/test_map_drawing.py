import itertools

from kpi_engine.render.link_lines import LINK_LOOKS
from kpi_engine.render.map import map_html
from kpi_engine.render.map_layout import (
    BOX_HEIGHT,
    COLUMNS,
    MEASURES,
    OUTCOMES,
    WIDTH,
    Box,
    LinkTexts,
    MapTexts,
    laid_out,
)
from kpi_engine.services.map import LinkMap
from kpi_engine.terms import EvidenceGrade, LinkKind
from kpi_engine.words.judgement import STATUS
from tests.factories import (
    contribution,
    explanation,
    link,
    link_map,
    map_link,
    map_outcome,
    metric,
    reading,
)
from tests.html import SCRIPT, Page, words
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


def page(found: LinkMap, **how) -> Page:
    return Page(map_html(found, texts(found), alt="The map.", **how))


def boxes(found: LinkMap):
    return [one for one in laid_out(found, texts(found)).placed if isinstance(one, Box)]


def of_class(found: Page, name: str):
    return [attrs for _, attrs in found.elements if name in attrs.get("class", "").split()]


def test_each_link_is_drawn_as_it_is_known_and_as_wide_as_its_money():
    drawn = [
        (attrs.get("stroke-dasharray", ""), attrs["class"].split()[-1])
        for attrs in of_class(page(october()), "link")
    ]
    assert drawn == [
        (LINK_LOOKS[EvidenceGrade.B].dash, "w2"),
        (LINK_LOOKS[EvidenceGrade.C].dash, "w1"),
        (LINK_LOOKS[EvidenceGrade.D].dash, "w0"),
        (LINK_LOOKS[EvidenceGrade.E].dash, "w0"),
        (LINK_LOOKS[EvidenceGrade.CONTRADICTED].dash, "w0"),
        (LINK_LOOKS[EvidenceGrade.E].dash, "w0"),
    ]
    assert len(of_class(page(october()), "goal")) == len(october().outcomes)


def test_every_evidence_word_has_a_dash_of_its_own():
    by_word = {
        EvidenceGrade.A: EvidenceGrade.B,
        EvidenceGrade.B: EvidenceGrade.A,
    }
    for one, other in itertools.combinations(EvidenceGrade, 2):
        same = LINK_LOOKS[one].dash == LINK_LOOKS[other].dash
        assert same is (by_word.get(one) is other)


def test_lines_meet_the_boxes_they_tie():
    layout = laid_out(october(), texts(october()))
    ends = {(column.left + column.width) for column in COLUMNS[:2]} | {
        OUTCOMES.left,
        MEASURES.left,
    }
    middles = {box.y for box in boxes(october())}
    for curve in layout.curves:
        for x, y in (curve.start, curve.end):
            assert x in ends
            assert y in middles


def test_nothing_lies_on_anything_else():
    layout = laid_out(october(), texts(october()))
    for column in COLUMNS:
        places = sorted(box.y for box in boxes(october()) if box.column is column)
        assert all(b - a > BOX_HEIGHT for a, b in itertools.pairwise(places))
        assert column.left + column.width <= WIDTH
    for one, following in itertools.pairwise(COLUMNS):
        assert one.left + one.width < following.left
    assert max(box.y for box in boxes(october())) + BOX_HEIGHT / 2 <= layout.height


def test_a_measure_that_stands_further_up_has_no_ground_and_a_gap_is_dashed():
    found = boxes(october())
    assert [box.label for box in found if box.is_repeat] == ["Uptime"]
    gaps = ["Orders shipped on time", "Patches on time"]
    assert [box.label for box in found if box.is_gap] == gaps
    shown = page(october())
    assert [attrs["title"].split(".")[0] for attrs in of_class(shown, "gap")] == gaps
    assert [attrs["title"].split(".")[0] for attrs in of_class(shown, "repeat")] == ["Uptime"]


def test_a_status_is_a_shape_and_a_word_in_its_box():
    shown = page(october())
    readings = [one.reading for one in (*october().outcomes, *october().links)]
    statuses = [one.judgement.status for one in readings]
    assert len(of_class(shown, "sh")) == len(of_class(shown, "st")) == len(readings)
    for status in set(statuses):
        assert len(of_class(shown, f"s-{status.value}")) == statuses.count(status)
        assert words(shown).count(STATUS[status].word) == statuses.count(status)


def test_boxes_lead_to_outcomes_rows_and_definitions():
    ways = {
        attrs["title"].split(".")[0]: attrs["href"]
        for attrs in of_class(page(october(), leads_to_rows=True), "box")
        if "href" in attrs
    }
    assert ways["Checkout success"] == "outcome?outcome=biz.tx_success&month=2026-10"
    assert ways["Uptime"] == (
        "explore?metric=it.uptime&only=none&look=rows&grain=month&at=2026-10-01"
    )
    assert ways["Patches on time"] == "catalogue?metric=it.patches"
    assert "Grow online revenue" not in ways


def test_without_leave_to_explore_or_without_a_number_a_measure_leads_to_what_it_means():
    empty = reading(None, of=metric("it.uptime", label="Uptime"), target=0.98, red_line=0.9)
    found = link_map(
        map_outcome(checkout(), map_link(empty, contribution(link("it.uptime", "biz.tx_success"))))
    )
    for shown in (page(october()), page(found, leads_to_rows=True)):
        (first, *_) = [one for one in of_class(shown, "box") if one["title"].startswith("Uptime")]
        assert first["href"] == "catalogue?metric=it.uptime"


def test_an_outcome_that_moves_another_leads_to_its_own_page():
    found = link_map(
        map_outcome(demos(), linked("it.tickets", "biz.demo_ok", EvidenceGrade.E)),
        map_outcome(satisfaction(), linked("biz.demo_ok", "biz.tool_sat", EvidenceGrade.E)),
    )
    ways = [
        attrs["href"]
        for attrs in of_class(page(found, leads_to_rows=True), "box")[1:]
        if "demo_ok" in attrs.get("href", "")
    ]
    assert ways == ["outcome?outcome=biz.demo_ok&month=2026-10"] * 2


def test_nobody_elses_text_becomes_an_element():
    evil = metric(label=SCRIPT, goal=SCRIPT)
    declared = link(mechanism=SCRIPT)
    driver = reading(of=metric("it.availability", label=SCRIPT))
    found = link_map(
        map_outcome(explanation(reading(of=evil)), map_link(driver, contribution(declared)))
    )
    shown = Page(map_html(found, texts(found, SCRIPT), alt=SCRIPT))
    assert not shown.all("script")
    assert shown.text.count(SCRIPT) == 4


def test_it_is_read_goal_by_goal_and_outcome_by_outcome():
    text = words(page(october()))
    places = [
        text.index(name)
        for name in ("Grow online revenue", "Checkout success", "Uptime", "Weak", "Sales demos")
    ]
    assert places == sorted(places)


def test_gaps_and_missing_goals_are_said():
    found = link_map(map_outcome(satisfaction()), activities=(metric("it.work", label="Work"),))
    (goal,) = found.goals
    bare = link_map(*goal.outcomes, goals=(type(goal)(name="", outcomes=goal.outcomes),))
    text = words(page(bare))
    assert "No goal" in text
    assert "No measure" in text
    assert "Only work" in words(page(found))


def test_a_map_without_anything_can_be_drawn():
    assert words(page(link_map())).strip().startswith("Strategic goal")


def test_an_outcome_that_moves_another_is_not_headed_as_an_it_measure() -> None:
    among = link_map(
        map_outcome(shipped(), linked("biz.demo_ok", "biz.shipped", EvidenceGrade.E)),
    )
    of_it = link_map(map_outcome(shipped(), linked("it.mttr", "biz.shipped", EvidenceGrade.E)))
    headings = [words(page(one)) for one in (among, of_it)]
    assert ["IT measure or outcome" in said for said in headings] == [True, False]
