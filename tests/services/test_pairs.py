"""Two measures side by side: of the segment that is declared, from the delay that is known."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from kpi_engine.charts.together import scatter_chart
from kpi_engine.render.documents.explored import pair_tables
from kpi_engine.services.pairs import Pair, pair_segments, read_pair, read_standing
from kpi_engine.terms import Grain
from kpi_engine.words import together as words
from kpi_engine.workspace import Workspace
from tests.services.tiny import open_workspace, save

FIRST = date(2026, 7, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(90)]
LINK = {
    "kind": "influence",
    "mechanism": "What is tried more is liked more.",
    "sign": 1,
    "lag_days": [2, 4],
    "grade": "D",
    "reachable_grade": "C",
    "grade_reason": "Declared by a test.",
    "review_by": "2030-01-01",
}
DRIVER, OUTCOME = "biz.conversion", "biz.tool_sat"
WEB, SHOP = {"channel": "Web"}, {"channel": "Shop"}
NAME = "Visits that end in an order, Web"


def open_with(home: Path, *segments: Mapping[str, str], noise: float = 0.001) -> Workspace:
    """Conversion on the web is felt in how the tool is liked, three days later; the shop's is not.

    Args:
        home: The data folder to make.
        segments: One link each, of that segment of conversion.
        noise: In the outcome; much of it hides the effect.
    """
    links = [
        LINK | {"id": f"link_{n}", "driver": DRIVER, "outcome": OUTCOME, "driver_segment": segment}
        for n, segment in enumerate(segments)
    ]
    ws = open_workspace(home, links=links)
    random = np.random.default_rng(4)
    web, shop = (0.1 + random.normal(0, 0.01, len(DAYS)) for _ in "ws")
    liked = 0.5 + np.roll(web, 3) + random.normal(0, noise, len(DAYS))
    rows = [
        (day, metric, segment, value * 1000, 1000)
        for metric, segment, series in (
            (DRIVER, "channel=Web", web),
            (DRIVER, "channel=Shop", shop),
            (OUTCOME, "", liked),
        )
        for day, value in zip(DAYS, series, strict=True)
    ]
    save(ws, "period,metric,segment,numerator,denominator", rows)
    return ws


@pytest.fixture(scope="module")
def of_web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    ws = open_with(tmp_path_factory.mktemp("pairs") / "home", WEB)
    yield ws
    ws.close()


def pair(ws: Workspace, one: str = DRIVER, other: str = OUTCOME, lag: int | None = None) -> Pair:
    return read_pair(ws, one, other, grain=Grain.DAY, first=DAYS[0], last=DAYS[-1], lag=lag)


def test_the_segment_that_is_declared_is_drawn_scanned_and_named(of_web: Workspace) -> None:
    found = pair(of_web)
    assert found.segments == (WEB, {})
    assert found.lag == 3
    assert found.scan is not None
    assert found.scan.clearest.correlation > 0.9, "of both channels it would be hidden"
    assert words.headline(found).startswith("Visits that end in an order, Web, and ")
    known = words.known_text(found, read_standing(of_web, DRIVER, OUTCOME))
    assert "visits that end in an order, Web, moves" in known
    assert "(drawn here as it is declared)" in known
    assert "of everything" not in known
    chart = scatter_chart(found, of_web.catalogue.organisation).to_dict()
    assert chart["layer"][-1]["encoding"]["x"]["title"] == found.driver.label == NAME
    assert "biz.conversion; channel=Web" in pair_tables(found)[0].columns


def test_the_other_way_round_it_is_still_the_segment_of_its_driver(of_web: Workspace) -> None:
    found = pair(of_web, OUTCOME, DRIVER)
    assert found.segments == ({}, WEB)
    assert found.lag == -3
    assert words.axis_title(found) == "days by which visits that end in an order, Web, comes later"


@pytest.mark.parametrize(
    "segments",
    [
        pytest.param([WEB, SHOP], id="links of different segments"),
        pytest.param([WEB, {}], id="of one, and of everything"),
        pytest.param([{"channel": "Fax"}], id="a segment without data"),
        pytest.param([{}], id="of everything"),
    ],
)
def test_otherwise_everything_is_drawn(tmp_path: Path, segments: list[dict[str, str]]) -> None:
    ws = open_with(tmp_path / "home", *segments)
    found = pair(ws)
    assert found.segments == pair_segments(ws, DRIVER, OUTCOME) == ({}, {})
    known = words.known_text(found, read_standing(ws, DRIVER, OUTCOME))
    assert ("(drawn here: visits that end in an order of everything)" in known) == any(segments)
    ws.close()


@pytest.mark.parametrize(
    ("segments", "start"),
    [
        pytest.param([WEB], 2, id="the shortest that is declared"),
        pytest.param([], 0, id="none where nothing is declared"),
    ],
)
def test_where_all_is_chance_no_delay_is_picked_for_being_the_largest(
    tmp_path: Path, segments: list[dict[str, str]], start: int
) -> None:
    ws = open_with(tmp_path / "home", *segments, noise=0.5)
    found = pair(ws)
    assert found.scan is not None
    assert not found.scan.is_more_than_chance(found.scan.clearest)
    assert found.scan.clearest.lag != start
    assert found.lag == start
    assert pair(ws, OUTCOME, DRIVER).lag == -start
    assert pair(ws, lag=5).lag == 5, "one that is asked for wins"
    assert pair(ws, lag=99).lag == start
    assert words.here(found).startswith("At the delay looked at")
    assert words.start_text(found) == f"a delay of {start} days"
    ws.close()
