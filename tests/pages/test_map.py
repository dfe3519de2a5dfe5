"""The map of the sample company: narrowed by its address, and while links are worked out."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from kpi_engine.services.estimate_keeper import HowFar
from kpi_engine.services.estimates import estimate_all, estimated_outcomes
from pages.ui.resources import workspace
from tests.desk import Desk
from tests.pages.conftest import RunPage, html_blocks


def test_the_map_draws_every_link_and_lists_it_in_full(
    run_page: RunPage, sample_home: Path
) -> None:
    app = run_page("map", home=sample_home)
    assert app.header[0].value.startswith("23 of 27 IT measures serve a business outcome")
    assert [heading.value for heading in app.subheader] == [
        "Where IT and the business disagree",
        "Links in doubt",
        "What is tied to nothing",
        "All links",
        "Do the links predict?",
    ]
    drawing, table = (json.loads(one.proto.json)["html"] for one in html_blocks(app))
    assert table.count('class="link ') == 38
    assert "Agreed and own data disagree" in table
    assert drawing.count('<path class="link') == 38
    assert "Savings from automation: moved by Hours of work done by software" in drawing
    assert 'href="outcome?outcome=biz.auto_saving&amp;month=2026-10"' in drawing
    assert 'href="explore?metric=it.page_load' in drawing
    assert not told(app, "being worked out")


@pytest.mark.parametrize(
    ("query", "links", "charts"),
    [
        pytest.param({"into": "biz.conversion"}, 1, 1, id="one outcome"),
        pytest.param({"evidence": "moderate"}, 4, 1, id="one evidence"),
        pytest.param({"into": "biz.conversion", "evidence": "weak"}, 0, 0, id="none"),
    ],
)
def test_the_address_says_which_links_are_shown(
    run_page: RunPage, sample_home: Path, query: dict[str, str], links: int, charts: int
) -> None:
    app = run_page("map", home=sample_home, query=query)
    assert not app.error
    assert dict(app.query_params).items() >= query.items()
    assert app.query_params["month"] == "2026-10"
    blocks = html_blocks(app)
    shown = json.loads(blocks[-1].proto.json)["html"] if blocks else ""
    assert shown.count('class="link ') == links
    assert len(app.get("vega_lite_chart")) == charts
    assert bool(links) is not told(app, "No link leads there")
    app.selectbox(key="into").select("all").run()
    app.selectbox(key="evidence").select("all").run()
    assert app.query_params["evidence"] == "all"
    assert not app.info


def test_forecasts_are_shown_with_what_came_one_link_at_a_time(
    run_page: RunPage, sample_home: Path
) -> None:
    app = run_page("map", home=sample_home, query={"into": "biz.conversion"})
    assert told(app, "No month that was forecast beforehand is in yet")
    table = app.dataframe[0].value
    assert list(table["Forecast by"]) == ["Its own past alone", "Page load time"]
    assert table["Does it predict?"][1].startswith("closer with it, by ")
    assert app.selectbox(key="forecast").value == "Visits that end in an order: Page load time"
    app.selectbox(key="forecast").select_index(0).run()
    (chart,) = app.get("vega_lite_chart")
    assert "as forecast from its own past, month by month: " in str(chart.proto)


def test_an_address_that_asks_for_what_is_not_there_says_so(
    run_page: RunPage, sample_home: Path
) -> None:
    app = run_page("map", home=sample_home, query={"into": "biz.nope", "evidence": "gut feeling"})
    said = [info.value.replace("\\", "") for info in app.info]
    assert "biz.nope, which is not on the map" in said[0]
    assert "gut feeling, which is not on the map" in said[1]
    assert html_blocks(app)


def test_while_links_are_worked_out_the_page_says_how_far_that_is(
    desk: Desk, run_page: RunPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kpi_engine.services.estimate_keeper._LOOK_SECONDS", 3600.0)
    desk.save("period,metric,value\n2026-09,biz.orders,100\n2026-10,biz.orders,110\n")
    desk.ws.close()
    app = run_page("map", home=desk.ws.home)
    total = len(estimated_outcomes(workspace().catalogue))
    assert told(app, f"Links are being worked out: 0 of {total} outcomes")
    with monkeypatch.context() as broken:
        failed = HowFar(done=0, total=0, has_failed=True)
        broken.setattr("pages.ui.estimating.how_far_estimates_are", lambda: failed)
        assert told(app.run(), "could not be worked out")
    estimate_all(workspace())
    app.run()
    assert not told(app, "being worked out")
    assert not told(app, "could not be worked out")
    assert not app.exception


def told(app: AppTest, words: str) -> bool:
    return any(words in text.value for text in app.markdown)
