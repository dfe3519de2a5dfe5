import re
from datetime import date

from kpi_engine.mapping.influence.grading import Finding
from kpi_engine.mapping.influence.prior import combined
from kpi_engine.render.link_lines import LINK_LOOKS
from kpi_engine.render.links import links_html
from kpi_engine.terms import EvidenceGrade
from tests.factories import (
    contribution,
    explanation,
    influence,
    link,
    link_map,
    map_link,
    map_outcome,
    metric,
    per_step,
    reading,
)
from tests.html import SCRIPT, Page, words
from tests.marlow_finch import checkout, estimate, shipped

T = "\u202f"
RELEASES = metric("it.cfr", label="Releases that had to be undone")


def linked(seen: Finding = Finding.SEEN, *, disputed: bool = False, is_overdue: bool = False):
    prior = {"low": 0.1, "high": 0.2, "agreed_on": date(2026, 1, 15), "source": "workshop"}
    declared = link("it.cfr", grade=EvidenceGrade.D, lag_days=(0, 7), prior=prior)
    data = estimate(-0.55, -0.46, -0.37, 0.01)
    agreed = estimate(0.1, 0.3, 0.5, 0.01) if disputed else data
    found = influence(declared, seen, prior=combined(agreed, data, disagreement=2.5))
    return map_link(
        reading(0.05, of=RELEASES),
        contribution(declared, found=found),
        step=per_step(data),
        is_overdue=is_overdue,
    )


def of_checkout(*links):
    found = link_map(map_outcome(checkout(), *links))
    organisation = found.organisation.model_copy(update={"scorecard": ("biz.tx_success",)})
    return link_map(map_outcome(checkout(), *links), organisation=organisation)


def test_a_link_reads_across_and_its_line_is_the_one_on_the_map():
    page = Page(links_html(of_checkout(linked())))
    text = words(page)
    for said in (
        "Releases that had to be undone",
        "Without the service nobody completes a checkout.",
        "Moderate (C)",
        "same daydeclared: same week",
        f"per 1{T}pp: −0.46{T}pp (−0.55 to −0.37)",
        f"Agreed Jan 2026−0.46{T}pp",
        "Own data",
        "Together",
        "Agreed on 15 Jan 2026 (workshop).",
        "nobody yet",
        "again by 1 Apr 2027",
    ):
        assert said in text, said
    assert "disagree" not in text
    (dash,) = [
        attrs["stroke-dasharray"] for _, attrs in page.elements if "stroke-dasharray" in attrs
    ]
    assert dash == LINK_LOOKS[EvidenceGrade.C].dash


def test_a_dispute_and_an_overdue_review_are_marked():
    text = words(Page(links_html(of_checkout(linked(disputed=True, is_overdue=True)))))
    assert "Togethernot mixed Agreed and own data disagree" in text
    assert "review overdue since 1 Apr 2027" in text


def test_outcomes_open_their_page_with_the_month():
    page = Page(links_html(of_checkout(linked())))
    anchor, effect = page.all("a")
    assert anchor["data-o"] == "biz.tx_success"
    assert anchor["href"] == "outcome?outcome=biz.tx_success&month=2026-10"
    assert effect["href"] == f"{anchor['href']}&view=How+this+is+worked+out"


def test_a_goal_is_named_once_and_a_gap_is_said():
    page = Page(links_html(link_map(map_outcome(checkout(), linked()), map_outcome(shipped()))))
    text = words(page)
    assert text.count("Grow online revenue") == 1
    assert "Orders shipped on time" in text
    assert "Gap: no IT measure linked yet" in text


def test_nobody_elses_text_becomes_an_element():
    evil = metric(label=SCRIPT, goal=SCRIPT)
    declared = link(mechanism=SCRIPT, grade_reason=SCRIPT)
    of = metric("it.availability", label=SCRIPT)
    found = link_map(
        map_outcome(explanation(reading(of=evil)), map_link(reading(of=of), contribution(declared)))
    )
    page = Page(links_html(found))
    assert not page.all("script")
    assert page.text.count(SCRIPT) == 5


def test_a_row_has_as_many_cells_as_there_are_columns():
    html = links_html(of_checkout(linked()))
    columns = len(re.findall(r"<col ", html))
    page = Page(html)
    assert len([a for a in page.all("th") if a.get("scope") == "col"]) == columns
    spans = {a["colspan"] for a in [*page.all("th"), *page.all("td")] if "colspan" in a}
    assert spans == {str(columns)}
    (row,) = re.findall(r'<tr role="row" class="link.*?</tr>', html, flags=re.DOTALL)
    assert len(re.findall(r"<t[dh] ", row)) == columns
