"""Charts as they go into files: nothing is fetched, and labels have the room they need."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import altair as alt
import pytest

from kpi_engine.charts.theme import FONT
from kpi_engine.charts.waterfall import movement_chart
from kpi_engine.render.documents.stills import chart_svg
from tests.marlow_finch import checkout


@pytest.fixture
def watched() -> Iterator[tuple[str, list[str]]]:
    """An address, and what was asked of it."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/rows.json", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_nothing_is_fetched(watched: tuple[str, list[str]]) -> None:
    address, asked = watched
    chart = alt.LayerChart(layer=[alt.Chart(alt.UrlData(url=address)).mark_bar()])
    with pytest.raises(ValueError, match="url"):
        chart_svg(chart, width=100)
    assert asked == []


def test_a_name_that_has_room_is_not_cut() -> None:
    svg = chart_svg(movement_chart(checkout()), width=250)
    assert "Online shop availability" in svg
    assert "…" not in svg


def test_text_is_set_in_the_font_that_comes_along() -> None:
    svg = chart_svg(movement_chart(checkout()), width=250)
    assert set(re.findall(r"font-family='([^']+)'", svg)) == {FONT}
    assert 'font-family="' not in svg
