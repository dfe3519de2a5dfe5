"""Explore: every way to look has an address, and says what it cannot show."""

import html
import io
import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from openpyxl import load_workbook

from kpi_engine.actors import local_actor
from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.render.documents.explored import Seen, seen_file
from kpi_engine.services.saved_views import save_view
from kpi_engine.workspace import Workspace
from pages.ui import explore_share
from tests.pages.conftest import RunPage

MARLOW = Organisation(name="Marlow & Finch", is_sample=True)
NOW = datetime(2026, 11, 30, 14, 2, tzinfo=UTC)
SLICES = {"look": "slices", "metric": "biz.revenue", "by": "country", "grain": "month"}


def headings(app) -> list[str]:
    return [one.value for one in (*app.header, *app.subheader)]


def shown(app, key: str) -> str:
    """What the address says; a single value, however it is kept."""
    found = app.query_params[key]
    return found[0] if isinstance(found, list) else found


def drawing(seen: Seen) -> str:
    """Its words, without the shapes between them."""
    svg = seen_file(seen, "svg", organisation=MARLOW, as_of=23, now=NOW).decode()
    return html.unescape(re.sub(r"\s*<[^>]+>\s*", " ", svg))


def about(seen: Seen) -> str:
    """What a workbook says of itself."""
    book = seen_file(seen, "xlsx", organisation=MARLOW, as_of=23, now=NOW)
    rows = load_workbook(io.BytesIO(book))["About"].iter_rows(values_only=True)
    return " ".join(str(cell) for row in rows for cell in row)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        pytest.param(
            SLICES | {"compare": "target"},
            ["Net revenue by country", "Net revenue was $", "Dashed: the target that held then."],
            id="by segment",
        ),
        pytest.param(
            {"look": "limits", "metric": "it.availability"},
            ["Service availability, usual range", "Range of shares"],
            id="usual range",
        ),
        pytest.param(
            {"look": "together"},
            ["Checkout success, Service availability", "r = ", "Evidence strong (A)", "no proof"],
            id="side by side",
        ),
    ],
)
def test_a_file_says_what_it_shows_of_whom_and_of_when(
    run_page: RunPage,
    sample_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    query: dict[str, str],
    words: list[str],
) -> None:
    """A picture is handed on alone: without the page that said what a dashed line is."""
    handed: list[Seen] = []
    monkeypatch.setattr(explore_share, "share_menu", lambda _, seen, **__: handed.append(seen))
    run_page("explore", home=sample_home, query=query)
    for said in (drawing, about):
        text = said(handed[-1])
        for expected in (*words, "Marlow & Finch (sample data), as of batch 23, drawn on 30 Nov"):
            assert expected in text


def test_a_drawing_of_segments_has_them_all(
    run_page: RunPage,
    sample_home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handed: list[Seen] = []
    monkeypatch.setattr(explore_share, "share_menu", lambda _, seen, **__: handed.append(seen))
    run_page("explore", home=sample_home, query=SLICES)
    text = drawing(handed[-1])
    assert all(member in text for member in ("All", "United Kingdom", "France", "Germany"))


def test_measures_stand_side_by_side_with_what_is_declared_of_them(
    run_page: RunPage, sample_home: Path
) -> None:
    app = run_page("explore", home=sample_home)
    assert not app.exception
    assert "Drag across any chart to select weeks" in headings(app)
    said = " ".join(one.value for one in app.caption)
    assert "Moving together is no proof of cause" in said.replace("\\", "")
    assert "Declared" in said
    assert shown(app, "grain") == "week"
    assert {"measures", "driver", "follower", "from", "to"} <= set(app.query_params)


def test_a_link_has_the_grade_that_it_has_on_the_outcome_page(
    run_page: RunPage, sample_home: Path
) -> None:
    """It is declared weak; own data have made more of it."""
    query = {"look": "together", "driver": "it.page_load", "follower": "biz.conversion"}
    app = run_page("explore", home=sample_home, query=query)
    said = " ".join(one.value for one in app.caption)
    assert "Evidence moderate (C): seen in our own data" in said.replace("\\", "")


def test_an_address_opens_the_same_view_in_a_fresh_session(
    run_page: RunPage, sample_home: Path
) -> None:
    query = SLICES | {"from": "2025-11", "to": "2026-09", "compare": "last_year"}
    app = run_page("explore", home=sample_home, query=query)
    assert not app.exception
    (headline,) = [one.value for one in app.header]
    assert "September 2026" in headline
    assert "September 2025" in headline
    assert {key: shown(app, key) for key in query} == query
    again = run_page(
        "explore", home=sample_home, query={k: shown(app, k) for k in app.query_params}
    )
    assert [one.value for one in again.header] == [headline]


def test_a_selection_of_weeks_is_part_of_the_address(run_page: RunPage, sample_home: Path) -> None:
    window = "2025-06-02..2026-06-01"
    app = run_page("explore", home=sample_home, query={"look": "together", "window": window})
    assert not app.exception
    said = " ".join(one.value for one in app.caption)
    assert "53 weeks selected, 2 Jun 2025 to 1 Jun 2026" in said.replace("\\", "")
    assert "Here: 53 weeks" in said.replace("\\", "")
    assert "12 Oct 2026, Online shop down 142 min" in said.replace("\\", "")
    assert shown(app, "window") == window


def test_a_delay_is_part_of_the_address(run_page: RunPage, sample_home: Path) -> None:
    app = run_page("explore", home=sample_home, query={"look": "together", "lag": "2"})
    assert not app.exception
    assert any("delay looked at, 2 weeks later" in one.value for one in app.markdown)
    app.slider(key="lag_slider").set_value(-3).run()
    assert not app.exception
    assert shown(app, "lag") == "-3"


def test_too_short_a_time_is_refused_with_a_reason(run_page: RunPage, sample_home: Path) -> None:
    query = {"look": "together", "grain": "month", "from": "2026-01", "to": "2026-10"}
    app = run_page("explore", home=sample_home, query=query)
    assert not app.exception
    assert any("Too little to compare" in one.value for one in app.markdown)


def test_the_usual_range_says_which_limits_it_has(run_page: RunPage, sample_home: Path) -> None:
    query = {"look": "limits", "metric": "it.sla", "grain": "week"}
    app = run_page("explore", home=sample_home, query=query)
    assert not app.exception
    assert any(one.value.startswith("Range of shares") for one in app.caption)
    app = run_page("explore", home=sample_home, query=query | {"limits": "values"})
    assert not app.exception
    assert any(one.value.startswith("Range of values") for one in app.caption)


def test_a_number_leads_to_its_rows_and_their_query(run_page: RunPage, sample_home: Path) -> None:
    query = {"look": "rows", "metric": "biz.nps", "grain": "month", "at": "2026-09-01"}
    app = run_page("explore", home=sample_home, query=query)
    assert not app.exception
    (headline,) = [one.value for one in app.header]
    assert headline.endswith("added up and divided, give exactly that\\.")
    assert len(app.dataframe) == 3
    queries = [one.value for one in app.code if "SELECT" in one.value]
    assert len(queries) == 3
    links = [one.proto for one in app.get("page_link") if one.proto.label == "Open in SQL"]
    assert [parse_qs(one.query_string)["q"] for one in links] == [[text] for text in queries]


def test_a_grain_without_any_number_is_a_sentence(run_page: RunPage, sample_home: Path) -> None:
    query = {"look": "rows", "metric": "biz.demo_ok", "grain": "day"}
    app = run_page("explore", home=sample_home, query=query)
    assert not app.exception
    assert not app.error
    assert app.header[0].value.startswith("There is nothing to show of")
    said = "It is not known by the day; it is by the month, quarter and year\\."
    assert any(one.value == said for one in app.markdown)
    app.selectbox(key="grain").set_value("month").run()
    assert app.dataframe


@pytest.mark.parametrize("look", ["slices", "limits"])
def test_nothing_is_no_empty_chart_but_says_where_there_is_something(
    run_page: RunPage, sample_home: Path, look: str
) -> None:
    query = {"look": look, "metric": "it.incidents_per_100", "grain": "week", "by": "team"}
    app = run_page("explore", home=sample_home, query=query)
    assert not app.exception
    assert not app.error
    assert app.header[0].value.startswith("There is nothing to show of problems per 100 people")
    said = "It is not known by the week; it is by the month, quarter and year\\."
    assert any(one.value == said for one in app.markdown)
    assert not app.get("vega_lite_chart")
    app.segmented_control(key="grain").set_value("month").run()
    assert app.get("vega_lite_chart")


def test_side_by_side_says_what_is_not_known_by_its_periods(
    run_page: RunPage, sample_home: Path
) -> None:
    query = {"look": "together", "measures": "it.incidents_per_100,biz.revenue", "grain": "week"}
    app = run_page("explore", home=sample_home, query=query)
    said = " ".join(one.value for one in app.caption).replace("\\", "")
    assert "There is nothing to show of problems per 100 people. It is not known by" in said


def test_a_year_that_is_not_whole_is_said_to_be_left_out(
    run_page: RunPage, sample_home: Path
) -> None:
    query = SLICES | {"by": "none", "grain": "year", "from": "2023-11", "to": "2026-10"}
    for look in ("slices", "limits"):
        app = run_page("explore", home=sample_home, query=query | {"look": look})
        said = [one.value.replace("\\", "") for one in app.caption]
        assert "2023 is left out: not every month of it is in." in said


def test_pages_of_rows_begin_anew_with_another_number_and_with_the_page(
    run_page: RunPage, sample_home: Path
) -> None:
    def rows(app) -> str:
        return next(one.value for one in app.caption if "shown" in one.value)

    query = {"look": "rows", "metric": "biz.revenue", "grain": "month", "at": "2026-09-01"}
    app = run_page("explore", home=sample_home, query=query)
    app.selectbox(key="only").set_value("country=United Kingdom").run()
    app.number_input(key="rows_page").set_value(30).run()
    assert " 5,801 to 6,000 shown" in rows(app)
    app.selectbox(key="only").set_value("country=EIRE").run()
    assert " 1 to 200 shown" in rows(app)
    app.number_input(key="rows_page").set_value(2).run()
    app.switch_page("../scorecard.py").run()
    app.switch_page("../explore.py").run()
    assert not app.exception
    assert not app.error
    assert " 1 to 200 shown" in rows(app)


@pytest.mark.parametrize("lag", ["--5", "\u00b2", "nine"])
def test_a_delay_that_is_no_number_is_left_aside(
    run_page: RunPage, sample_home: Path, lag: str
) -> None:
    app = run_page("explore", home=sample_home, query={"look": "together", "lag": lag})
    assert not app.exception
    assert not app.error
    assert "lag" in app.query_params
    assert shown(app, "lag") != lag


def test_availability_opens_on_rows_that_name_their_file(
    run_page: RunPage, sample_home: Path
) -> None:
    query = {"look": "rows", "metric": "it.availability", "grain": "month", "at": "2026-09-01"}
    app = run_page("explore", home=sample_home, query=query)
    assert not app.exception
    assert all("file" in one.value for one in app.dataframe)


def test_what_cannot_be_answered_is_a_sentence(run_page: RunPage, sample_home: Path) -> None:
    query = {"look": "slices", "metric": "it.mttr", "grain": "day"}
    app = run_page("explore", home=sample_home, query=query)
    assert not app.exception
    assert any("too few to rank" in one.value for one in app.error)


def test_a_saved_view_is_offered_to_those_it_is_for(run_page: RunPage, own_sample: Path) -> None:
    ws = Workspace.open(own_sample)
    save_view(
        ws,
        "explore",
        "Revenue by country",
        address="look=slices&metric=biz.revenue",
        is_shared=True,
        actor=local_actor("ann"),
        now=datetime(2026, 11, 2, tzinfo=UTC),
    )
    ws.close()
    app = run_page("explore", home=own_sample, query=SLICES)
    assert not app.exception
    links = [one.label for one in app.button if str(one.key).startswith("open-")]
    assert any(label.startswith("Revenue by country") for label in links)
    app.button(key="open-0").click().run()
    assert not app.exception
    assert shown(app, "metric") == "biz.revenue"


def test_a_view_of_ones_own_is_replaced_only_when_that_is_asked_for_again(
    run_page: RunPage, own_sample: Path
) -> None:
    app = run_page("explore", home=own_sample, query=SLICES)
    for label, is_shared, told in (
        ("Mine", True, "for everybody who explores"),
        ("Mine", False, ""),
        ("Mine", False, "for you alone"),
    ):
        next(one for one in app.text_input if one.label == "Name of this view").set_value(label)
        next(one for one in app.toggle if one.label.startswith("Everybody")).set_value(is_shared)
        next(one for one in app.button if one.label == "Save this view").click().run()
        assert not app.exception
        assert [one.value.replace("\\", "") for one in app.toast] == (
            [f"Saved as “Mine”, {told}."] if told else []
        ), told
        asked = [one.value for one in app.warning if "You have a shared view" in one.value]
        assert len(asked) == (not told)


@pytest.mark.parametrize("role", ["viewer", "analyst"])
def test_only_an_analyst_may_explore(run_page: RunPage, sample_home: Path, role: str) -> None:
    app = run_page(
        "explore",
        home=sample_home,
        query=SLICES,
        secrets={"auth": {"client_id": "x"}, "roles": {role: ["ann@example.com"]}},
        user={"email": "ann@example.com", "email_verified": True, "exp": 4e9},
    )
    assert not app.exception
    assert bool(app.header) is (role == "analyst")
    assert any("may not open this page" in one.value for one in app.info) is (role == "viewer")


def test_an_empty_store_offers_the_first_step(run_page: RunPage, tmp_path: Path) -> None:
    app = run_page("explore", home=tmp_path / "home")
    assert not app.exception
    assert "No outcomes yet" in headings(app)


def test_an_outcome_links_to_its_rows_and_segments(run_page: RunPage, sample_home: Path) -> None:
    app = run_page("outcome", home=sample_home, query={"outcome": "biz.revenue"})
    labels = [one.proto.label for one in app.get("page_link")]
    assert "Rows behind this number" in labels
    assert "By segment" in labels


def test_the_two_that_are_compared_follow_the_measures_that_are_picked(
    run_page: RunPage, sample_home: Path
) -> None:
    app = run_page("explore", home=sample_home)
    picker = next(one for one in app.multiselect if one.label == "Measures")
    picker.set_value(["it.mttr", "biz.lost_hours"]).run()
    assert not app.exception
    assert (shown(app, "driver"), shown(app, "follower")) == ("it.mttr", "biz.lost_hours")
    next(one for one in app.multiselect if one.label == "Measures").set_value([]).run()
    assert not app.exception
    assert any("Nothing is chosen yet" in one.value for one in app.markdown)


@pytest.mark.parametrize(
    ("look", "key", "asked", "shown"),
    [
        ("rows", "only", "team=Nowhere", "All"),
        ("rows", "at", "hello", "October 2026"),
        ("slices", "grain", "nope", "Month"),
        ("slices", "by", "nope", "Country"),
        ("slices", "compare", "zz", "Nothing"),
    ],
)
def test_whatever_a_link_asks_for_that_is_not_here_is_said(
    run_page: RunPage, sample_home: Path, look: str, key: str, asked: str, shown: str
) -> None:
    query = {"look": look, "metric": "biz.revenue", key: asked}
    app = run_page("explore", home=sample_home, query=query)
    (said,) = [one.value.replace("\\", "") for one in app.info]
    assert said == f"**The link asks for {asked}, which is not here.** Shown is {shown}."
    app.run()
    assert not app.info


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (
            SLICES | {"from": "2031-01"},
            "**The link asks for 2031-01, which is not here.** Shown is Nov 2023 to Oct 2026.",
        ),
        (
            {"look": "limits", "from": "2026-01", "to": "tomorrow"},
            "**The link asks for 2026-01 to tomorrow, which is not here.** "
            "Shown is Nov 2023 to Oct 2026.",
        ),
        (
            {"look": "together", "window": "hello"},
            "**The link asks for hello, which is not here.** Shown is the whole time.",
        ),
        (
            {"look": "together", "window": "1999-01-04..1999-03-01"},
            "**The link asks for 1999-01-04..1999-03-01, which is not here.** "
            "Shown is the whole time.",
        ),
        (
            {"look": "together", "lag": "soon"},
            "**The link asks for a delay of soon, which is not here.** Shown is the delay at which "
            "the two go together most.",
        ),
        (
            {"look": "together", "measures": "it.nope"},
            "**The link asks for it.nope, which is not here.** Shown is no measure.",
        ),
        (
            {"look": "rows", "metric": "it.automatoin"},
            "**The link asks for it.automatoin, which is not here.** Closest to it is Hours of "
            "work done by software. Shown is Checkout success.",
        ),
    ],
)
def test_a_time_a_selection_and_a_name_that_are_not_here_are_said(
    run_page: RunPage, sample_home: Path, query: dict[str, str], said: str
) -> None:
    app = run_page("explore", home=sample_home, query=query)
    assert [one.value.replace("\\", "") for one in app.info] == [said]
    app.run()
    assert not app.info


def test_a_selection_of_another_time_is_let_go(run_page: RunPage, sample_home: Path) -> None:
    query = {"look": "together", "grain": "day", "window": "2025-03-17..2025-09-15"}
    app = run_page("explore", home=sample_home, query=query)
    assert not app.exception
    assert not any("selected" in one.value for one in app.caption)


def test_a_measure_is_not_compared_with_itself(run_page: RunPage, sample_home: Path) -> None:
    query = {"look": "together", "driver": "biz.tx_success", "follower": "biz.tx_success"}
    app = run_page("explore", home=sample_home, query=query)
    assert app.selectbox(key="driver").value != app.selectbox(key="follower").value


def test_a_measure_that_is_not_here_is_said(run_page: RunPage, sample_home: Path) -> None:
    app = run_page("explore", home=sample_home, query=SLICES | {"metric": "nonsense"})
    assert not app.exception
    assert any("nonsense, which is not here" in one.value for one in app.info)
