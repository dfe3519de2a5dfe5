import re
from dataclasses import replace

import pytest

from kpi_engine.render.addresses import rows_address, rows_query
from kpi_engine.render.ledger import ledger_html
from kpi_engine.render.sparkline import HEIGHT, WIDTH, sparkline
from kpi_engine.terms import Direction, EvidenceGrade
from kpi_engine.words.drivers import leading_drivers
from tests.factories import driver, explanation, metric, reading, scorecard
from tests.html import SCRIPT, Page, words
from tests.marlow_finch import checkout, october, satisfaction, shipped, unmeasured

T = "\u202f"


@pytest.fixture(scope="module")
def page():
    return Page(ledger_html(october()))


def test_every_element_is_closed(page):
    assert page.open == []


def test_it_is_a_table_with_caption_headers_and_roles_that_survive_stacking(page):
    assert page.all("table") == [{"role": "table"}]
    assert len(page.all("caption")) == 1
    assert all(row["role"] == "row" for row in page.all("tr"))
    assert all(cell["role"] == "cell" for cell in page.all("td"))
    headers = page.all("th")
    assert {head["role"] for head in headers} == {"columnheader", "rowheader"}
    assert all(head["scope"] in ("col", "row", "rowgroup") for head in headers)
    assert len(page.all("tbody")) == len(october().rows)


def test_every_row_fills_seven_columns(page):
    spans, rows = 0, []
    for tag, attrs in page.elements:
        if tag == "tr":
            rows.append(spans)
            spans = 0
        if tag in ("td", "th"):
            spans += int(attrs.get("colspan", 1))
    assert {*rows[1:], spans} == {7}


def test_an_outcome_links_to_its_page_and_month(page):
    first = page.all("a")[0]
    assert first == {
        "data-o": "biz.tx_success",
        "href": "outcome?outcome=biz.tx_success&month=2026-10",
    }


def test_a_drawing_has_a_name_and_a_mark_has_none(page):
    drawings = page.all("svg")
    named = [one for one in drawings if one.get("role") == "img"]
    assert len(named) == len(october().rows)
    assert named[0]["aria-label"].startswith("Checkout success from 96.8")
    assert all(one.get("aria-hidden") == "true" for one in drawings if one not in named)


def test_status_is_a_word_and_a_shape_in_every_row(page):
    shown = words(page)
    for word in ("On target", "Near target", "Off target", "No data"):
        assert word in shown


def test_rows_carry_tags_translations_and_the_remainder(page):
    shown = words(page)
    for text in (
        "IT on target, business off target",
        "IT target met, business target missed",
        "provisional",
        f"restated, was 96.1{T}%",
        "target not agreed",
        "worse for 10 months",
        "as of Sep 2026",
        f"−0.36{T}pp of the change; this month about 1,240 lost orders = about $86k lost "
        "($62k–$112k); evidence strong",
        f"+1.1{T}days of the change; this month about $21k lost ($4k–$41k); evidence moderate",
        "no clear cost ($27k lost to $4k saved); evidence weak",
        f"Other causes, not explained by IT −0.07{T}pp",
        "No IT measure is linked to this outcome yet",
    ):
        assert text in shown


def test_the_drivers_left_over_are_one_quiet_link_to_the_outcomes_own_page():
    one = driver(reading(0.9, of=metric("it.mttr", label="Time to resolve")))
    html = ledger_html(scorecard(explanation(reading(0.96), one, one, one, one)))
    assert html.count("Time to resolve") == 3
    assert Page(html).all("a")[-1] == Page(html).all("a")[0]
    assert "1 more on the outcome page" in words(Page(html))
    without = ledger_html(scorecard(explanation(reading(0.96), one, one, one)))
    assert len(Page(without).all("a")) == 1


@pytest.mark.parametrize(
    ("target", "said"),
    [
        pytest.param(0.90, "always met", id="below the usual range"),
        pytest.param(0.971, "hit and miss", id="within it"),
        pytest.param(0.99, "always missed", id="above it"),
    ],
)
def test_beside_the_target_stands_what_it_can_expect(target, said):
    one = reading(0.971, past=[0.97, 0.972] * 8, target=target, red_line=target - 0.01)
    assert said in words(Page(ledger_html(scorecard(explanation(one)))))


def test_two_baselines_are_two_bands():
    one = reading(0.98, past=[0.90, 0.91] * 6 + [0.97, 0.98] * 6, baseline_ago=11)
    first, second = sparkline(one).bands
    assert (first.x, first.x + first.width) == (0.0, second.x)
    assert second.x + second.width == pytest.approx(WIDTH)
    assert first.y > second.y + second.height


def test_a_restated_month_before_is_tagged_under_the_change():
    html = ledger_html(
        scorecard(explanation(reading(0.96, previous=0.95, previous_restated_from=1.0)))
    )
    assert "Sep restated" in words(Page(html))


def test_names_are_escaped_in_text_and_in_drawings():
    evil = metric(label=SCRIPT, goal=SCRIPT)
    html = ledger_html(
        scorecard(
            explanation(
                reading(0.962, of=evil, past=[0.97, 0.972] * 8),
                driver(
                    reading(0.9, of=metric("it.evil", label=SCRIPT)),
                    grade=EvidenceGrade.CONTRADICTED,
                    reason=SCRIPT,
                ),
                watermelon_sentence=SCRIPT,
            )
        )
    )
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 6
    drawing = next(one for one in Page(html).all("svg") if one.get("role") == "img")
    assert drawing["aria-label"].startswith(f"{SCRIPT} from 97.0")


def test_the_ledger_loads_nothing_from_anywhere():
    html = ledger_html(october())
    assert not re.search(r"https?:|src=|@import|url\(", html)


def test_goals_head_their_outcomes_and_attention_order_drops_them():
    by_goal = words(Page(ledger_html(october())))
    assert by_goal.count("Grow online revenue") == 1
    assert by_goal.index("Checkout success") < by_goal.index("Sales demos")
    by_attention = words(Page(ledger_html(october(), order="attention")))
    assert "Grow online revenue" not in by_attention
    assert by_attention.index("Sales demos") < by_attention.index("Checkout success")


def test_drivers_can_be_left_out():
    shown = words(Page(ledger_html(october(), show_drivers=False)))
    assert "Page load time" not in shown
    assert "Other causes" not in shown
    assert "IT on target, business off target" in shown


def test_only_signals_are_bold():
    html = ledger_html(scorecard(explanation(reading(0.9715, past=[0.97, 0.972] * 8))))
    assert re.search(r'class="n change"[^>]*><b>', ledger_html(scorecard(checkout())))
    assert not re.search(r'class="n change"[^>]*><b>', html)


def test_a_month_that_is_not_complete_is_hatched_and_its_point_hollow():
    html = ledger_html(scorecard(shipped()))
    assert 'class="n value open"' in html
    assert "s-on_target open" in html


def test_no_data_is_a_dash_and_never_a_zero():
    html = ledger_html(scorecard(unmeasured()))
    assert "<b>–</b>" in html
    assert "no_data" in html


def test_an_unsure_status_says_so():
    few = reading(0.95, numerator=38, denominator=40)
    assert "not distinguishable from target" in ledger_html(scorecard(explanation(few)))


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(checkout().outcome, id="many months"),
        pytest.param(satisfaction().outcome, id="quarters"),
        pytest.param(reading(0.5), id="one month"),
        pytest.param(reading(0.5, past=[0.5] * 20, target=0.5, red_line=0.4), id="never moves"),
    ],
)
def test_drawings_stay_in_their_box(one):
    drawn = sparkline(one)
    numbers = re.findall(r"-?\d+(?:\.\d+)?", "".join([*drawn.lines, *drawn.targets]))
    assert all(0 <= float(number) <= WIDTH for number in numbers)
    assert all(0 <= y <= HEIGHT for _, y in [*drawn.dots, drawn.last])


def test_a_gap_in_the_data_is_a_gap_in_the_line():
    assert len(sparkline(reading(0.5, past=[0.4, 0.5, None, 0.6])).lines) == 2
    assert len(sparkline(satisfaction().outcome).lines) == 1
    assert sparkline(unmeasured().outcome).last is None


def test_a_changed_target_steps_where_it_changed():
    one = reading(0.97, past=[0.97] * 3)
    moved = tuple(
        point if place < 2 else type(point)(**(vars(point) | {"target": 0.98}))
        for place, point in enumerate(one.history)
    )
    drawn = sparkline(type(one)(**(vars(one) | {"history": moved})))
    assert drawn.targets[0].count("V") == 1


def test_a_range_has_two_target_lines():
    inside = reading(
        0.5,
        of=metric(direction=Direction.IN_RANGE),
        target=(0.2, 0.7),
        red_line=(0.1, 0.8),
        past=[0.4, 0.5],
    )
    assert len(sparkline(inside).targets) == 2


def test_contradicted_links_are_named():
    row = explanation(reading(0.9), driver(reading(0.8), grade=EvidenceGrade.CONTRADICTED))
    assert "evidence contradicted" in ledger_html(scorecard(row))


def test_each_number_leads_to_its_rows_where_somebody_may_see_them():
    rows = october().rows
    anchors = Page(ledger_html(october(), leads_to_rows=True)).all("a")
    found = [one["href"] for one in anchors if one.get("class") == "rows"]
    shown = [
        one
        for row in rows
        for one in (row.outcome, *(driver.reading for driver in leading_drivers(row)))
        if one.value is not None
    ]
    assert found == [rows_address(one) for one in shown]
    assert found[0] == "explore?metric=biz.tx_success&only=none&look=rows&grain=month&at=2026-10-01"
    assert 'class="rows"' not in ledger_html(october())


def test_a_quarterly_number_leads_to_the_rows_of_its_quarter_and_segment():
    quarterly = metric("biz.nps", cadence="quarter")
    one = replace(reading(31.0, of=quarterly), segment={"country": "France"})
    assert rows_query(one) == {
        "metric": "biz.nps",
        "only": "country=France",
        "look": "rows",
        "grain": "quarter",
        "at": "2026-08-01",
    }
    assert rows_address(replace(one, value=None)) == ""
