from dataclasses import replace
from datetime import date

import pytest

from kpi_engine.mapping.coverage import Coverage
from kpi_engine.mapping.influence.grading import Finding
from kpi_engine.mapping.influence.link_estimate import Influence
from kpi_engine.mapping.influence.prior import combined
from kpi_engine.services.map import LinkMap, MapLink
from kpi_engine.terms import EvidenceGrade, LinkKind
from kpi_engine.words import map as words
from kpi_engine.words.doubt import doubts
from kpi_engine.words.influence import Sides
from kpi_engine.words.remarks import remarks
from tests.factories import (
    contribution,
    influence,
    link,
    link_map,
    map_link,
    map_outcome,
    metric,
    per_step,
    reading,
)
from tests.marlow_finch import checkout, demos, estimate, satisfaction

T = "\u202f"
RELEASES = metric("it.cfr", label="Releases that had to be undone")


def coverage(mapped: int, orphans: int = 0, without: int = 0) -> Coverage:
    def names(count: int) -> tuple[str, ...]:
        return tuple(f"m{number}" for number in range(count))

    return Coverage(
        mapped=names(mapped), orphans=names(orphans), activities=(), without_driver=names(without)
    )


@pytest.mark.parametrize(
    ("of", "said"),
    [
        pytest.param(
            coverage(16, 3, 1),
            "16 of 19 IT measures serve a business outcome; 1 outcome has no IT measure behind it.",
            id="both gaps",
        ),
        pytest.param(
            coverage(2, 0, 2),
            "2 of 2 IT measures serve a business outcome; 2 outcomes have no IT measure behind "
            "them.",
            id="two outcomes",
        ),
        pytest.param(
            coverage(0, 1),
            "None of 1 IT measure serves a business outcome; every outcome has an IT measure "
            "behind it.",
            id="one measure",
        ),
        pytest.param(
            coverage(0, 0, 1),
            "No IT measure is declared; 1 outcome has no IT measure behind it.",
            id="nothing",
        ),
    ],
)
def test_coverage_is_one_sentence_everywhere(of, said):
    assert words.coverage_line(of) == said
    first, second = said.removesuffix(".").split("; ")
    assert words.headline(link_map(coverage=of)) == f"{first}. {second[0].upper()}{second[1:]}."


def linked(
    grade: EvidenceGrade = EvidenceGrade.E,
    seen: Finding | None = None,
    *,
    of: str = "it.cfr",
    is_overdue: bool = False,
    is_pending: bool = False,
    **fields: object,
) -> MapLink:
    """A link into checkout success; an influence with a finding, unless counted (A)."""
    kind = LinkKind.IMPACT if grade is EvidenceGrade.A else LinkKind.INFLUENCE
    declared = link(of, kind=kind, grade=grade, **fields)
    found: Influence | None = None
    if seen is not None or is_pending:
        found = influence(
            declared, seen or Finding.TOO_SHORT, is_overdue=is_overdue, is_pending=is_pending
        )
    measure = metric(of, label=of.removeprefix("it.").capitalize())
    shown = reading(0.05, of=measure)
    return map_link(shown, contribution(declared, found=found), is_overdue=is_overdue)


def of_checkout(*links: MapLink, **fields: object) -> LinkMap:
    return link_map(map_outcome(checkout(), *links), **fields)


def test_how_sure_we_are_counts_links_by_evidence_the_best_first():
    found = of_checkout(
        linked(EvidenceGrade.E, of="it.uptime"),
        linked(EvidenceGrade.A, of="it.speed"),
        linked(EvidenceGrade.E, of="it.calls"),
    )
    assert words.how_sure(found) == "Evidence of the 3 links: 1 strong, 2 assumed."
    assert words.how_sure(of_checkout(linked())) == "Evidence of the one link: 1 assumed."
    assert words.how_sure(link_map()) == words.NO_LINKS


def test_the_legend_names_only_what_there_is_to_see():
    small = of_checkout(linked(EvidenceGrade.A, of="it.speed"))
    assert words.legend(small) == (
        "Evidence: solid line strong. No link could be valued this month, so all lines are thin."
    )
    gaps = of_checkout(
        linked(EvidenceGrade.E, of="it.speed"),
        linked(EvidenceGrade.E, of="it.speed"),
        orphans=(RELEASES,),
        money_steps=(10_000, 50_000),
    )
    said = words.legend(gaps)
    assert "dots assumed" in said
    assert "Width: this month's effect under $10k, $10k to $50k, over $50k." in said
    assert "A box without ground: the measure stands further up already." in said
    assert said.endswith("Dashed box: gap.")


def test_who_does_not_see_the_map_hears_what_moves_each_outcome():
    found = link_map(
        map_outcome(checkout(), linked(of="it.uptime"), linked(EvidenceGrade.A, of="it.speed")),
        map_outcome(demos()),
        coverage=coverage(2),
    )
    assert words.alt(found).endswith(
        "Checkout success: moved by Uptime (assumed) and Speed (strong). "
        "Sales demos without interruption: no IT measure linked."
    )


def test_a_link_reads_across_with_everything_there_is_to_know():
    agreed = {
        "low": -0.002,
        "high": -0.001,
        "agreed_on": date(2026, 1, 15),
        "source": "workshop",
    }
    declared = link(
        "it.cfr",
        sign=-1,
        lag_days=(0, 7),
        prior=agreed,
        agreed_by={"business": "M. Okafor", "it": "D. Lindqvist"},
    )
    data = estimate(-0.55, -0.46, -0.37, 0.01)
    prior = combined(estimate(0.1, 0.3, 0.5, 0.01), data, disagreement=2.5)
    found = map_link(
        reading(0.05, of=RELEASES),
        contribution(declared, found=influence(declared, prior=prior)),
        step=per_step(data),
    )
    (line,) = words.lines(of_checkout(found))
    assert line.effect == f"per 1{T}pp: −0.46{T}pp (−0.55 to −0.37)"
    assert line.own_data == "", "the effect is what own data say"
    assert (line.felt, line.felt_declared) == ("same day", "same week")
    assert line.agreed_before == "Agreed on 15 Jan 2026 (workshop)"
    assert line.sides == Sides(
        when="Agreed Jan 2026",
        agreed=f"+0.30{T}pp (0.10 to 0.50)",
        data=f"−0.46{T}pp (−0.55 to −0.37)",
        together="",
    )
    assert line.disagrees
    assert (line.evidence, line.grade) == ("moderate", "C")
    assert line.agreed == "M. Okafor and D. Lindqvist"
    assert line.expected == "the outcome falls as it rises"


def test_a_link_without_a_number_says_what_own_data_say():
    (line,) = words.lines(of_checkout(linked(EvidenceGrade.E, Finding.NOT_SEEN)))
    assert (line.effect, line.own_data) == ("", "no clear effect in own data")
    assert (line.agreed, line.sides, line.disagrees) == ("nobody yet", None, False)
    (early,) = words.lines(of_checkout(linked(is_pending=True)))
    assert early.own_data == "being worked out"


def test_an_overdue_review_is_told_and_weakens_the_evidence():
    (late,) = words.lines(of_checkout(linked(EvidenceGrade.D, Finding.HINT, is_overdue=True)))
    assert (late.review, late.is_overdue) == ("overdue since 1 Apr 2027", True)
    assert late.evidence == "assumed"
    assert late.why.startswith("Its review is overdue, so it counts for less.")
    (fine,) = words.lines(of_checkout(linked(EvidenceGrade.D, Finding.HINT)))
    assert fine.review == "by 1 Apr 2027"


@pytest.mark.parametrize(
    ("agreed_on", "label"),
    [
        pytest.param(date(2023, 10, 31), "Agreed before", id="before the first data"),
        pytest.param(date(2026, 1, 15), "Agreed Jan 2026", id="with some of them in"),
        pytest.param(date(2026, 10, 1), "Agreed Oct 2026", id="with the last data"),
        pytest.param(date(2026, 11, 30), "Agreed (after data)", id="when they were in"),
    ],
)
def test_what_is_agreed_when_the_data_are_in_does_not_pass_for_agreed_before(agreed_on, label):
    declared = link(
        "it.cfr",
        prior={"low": 0.1, "high": 0.2, "agreed_on": agreed_on, "source": "workshop"},
    )
    data = estimate(-0.55, -0.46, -0.37, 0.01)
    prior = combined(estimate(0.1, 0.3, 0.5, 0.01), data, disagreement=2.5)
    found = map_link(
        reading(0.05, of=RELEASES),
        contribution(declared, found=influence(declared, prior=prior)),
        step=per_step(data),
    )
    (line,) = words.lines(of_checkout(found))
    assert line.sides is not None
    assert line.sides.when == label


def test_what_to_look_at_names_only_what_there_is():
    assert remarks(of_checkout(linked())).keys() == {"Where IT and the business disagree"}
    found = link_map(
        map_outcome(satisfaction(), linked(EvidenceGrade.E, Finding.STILL)),
        without_driver=(metric(),),
        orphans=(RELEASES, metric("it.calls", label="Calls")),
        activities=(metric("it.work", label="Work done"),),
    )
    told = remarks(found)
    assert [remark.text for remark in told["Links in doubt"]] == [
        "Staff satisfaction with tools. Hardly moved: Cfr. The measure hardly moved, so nothing "
        "can be learnt from it."
    ]
    assert [remark.text for remark in told["What is tied to nothing"]] == [
        "Checkout success. Gap: no IT measure linked yet.",
        "Releases that had to be undone and Calls. Gap: serves no outcome. Link it or stop "
        "reporting it.",
        "Work done. Counts work done; it serves no outcome by itself.",
    ]
    assert len(told) == 2


def test_where_it_and_business_disagree_the_worst_stands_first():
    found = link_map(map_outcome(demos()), map_outcome(checkout()))
    (told,) = remarks(found).values()
    worst_last = replace(found, watermelons=tuple(reversed(found.watermelons)))
    assert remarks(worst_last)["Where IT and the business disagree"] == tuple(reversed(told))
    assert {remark.about: remark.why for remark in told} == {
        "Checkout success": "99.50 % allows 223 minutes of downtime a month, too much.",
        "Sales demos without interruption": "Both linked IT measures look fine while demos keep "
        "failing.",
    }
    assert all(remark.is_alarm for remark in told)


def test_an_agreement_that_data_dispute_and_an_overdue_review_are_doubts():
    declared = link(
        "it.cfr",
        prior={"low": 0.1, "high": 0.2, "agreed_on": date(2026, 1, 15), "source": "workshop"},
    )
    data = estimate(-0.55, -0.46, -0.37, 0.01)
    prior = combined(estimate(0.1, 0.3, 0.5, 0.01), data, disagreement=2.5)
    disputed = map_link(
        reading(0.05, of=RELEASES),
        contribution(declared, found=influence(declared, prior=prior)),
        step=per_step(data),
    )
    late = linked(EvidenceGrade.D, Finding.NOT_SEEN, of="it.late", is_overdue=True)
    assert [(one.title, one.why) for one in doubts(of_checkout(late, disputed))] == [
        (
            "Agreed and own data disagree",
            f"Agreed Jan 2026: +0.30{T}pp (0.10 to 0.50). Own data: −0.46{T}pp (−0.55 to −0.37).",
        ),
        ("Review overdue", "It was due on 1 Apr 2027, so it counts for less."),
    ]


def test_doubts_stand_the_gravest_first_with_the_reason():
    found = of_checkout(
        linked(EvidenceGrade.E, Finding.STILL, of="it.still"),
        linked(EvidenceGrade.E, Finding.TOO_SHORT, of="it.short"),
        linked(EvidenceGrade.E, Finding.TOO_SHORT, of="it.brief"),
        linked(EvidenceGrade.E, Finding.NOT_SEEN, of="it.nothing"),
        linked(EvidenceGrade.C, Finding.CONTRADICTED, of="it.against", sign=-1),
        linked(EvidenceGrade.E, is_pending=True, of="it.pending"),
        linked(EvidenceGrade.CONTRADICTED, of="it.work", sign=0, grade_reason="It is an activity."),
    )
    told = doubts(found)
    assert [(one.title, one.measures, one.why) for one in told] == [
        ("Contradicted", ("Against",), "Own data say the opposite of what was expected."),
        ("Contradicted", ("Work",), "It is an activity."),
        (
            "Hardly moved",
            ("Still",),
            "The measure hardly moved, so nothing can be learnt from it.",
        ),
        (
            "Not enough data",
            ("Short", "Brief"),
            "730 days have data, too few to tell 6 measures apart.",
        ),
    ]
    assert {one.outcome for one in told} == {"Checkout success"}


@pytest.mark.parametrize(
    ("periods", "others", "said"),
    [
        pytest.param(11, 0, "11 days have data; it takes at least 180 to tell.", id="too few"),
        pytest.param(1, 0, "1 day has data; it takes at least 180 to tell.", id="one"),
        pytest.param(180, 0, "180 days have data, too few.", id="for one measure"),
        pytest.param(180, 1, "180 days have data, too few to tell 2 measures apart.", id="several"),
        pytest.param(0, 0, "There are no data yet.", id="none"),
        pytest.param(None, 0, "There are no data yet.", id="no model"),
    ],
)
def test_not_enough_data_says_how_much_there_is_and_how_much_it_takes(periods, others, said):
    one = linked(EvidenceGrade.E, Finding.TOO_SHORT)
    found = one.contribution.influence
    model = None if periods is None else replace(found.model, periods=periods)
    changed = replace(one.contribution, influence=replace(found, model=model))
    more = [linked(EvidenceGrade.E, Finding.NOT_SEEN, of="it.more")] * others
    (told,) = doubts(of_checkout(replace(one, contribution=changed), *more))
    assert told.why == said
