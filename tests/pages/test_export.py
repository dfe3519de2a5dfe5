"""The files a reader can take along, as the page offers them."""

from pathlib import Path

from tests.pages.conftest import RunPage


def test_the_scorecard_offers_every_format_and_the_link_to_the_view(
    run_page: RunPage, sample_home: Path
) -> None:
    app = run_page("scorecard", home=sample_home, query={"month": "2026-08"})
    assert not app.exception
    offered = [button.proto.label for button in app.get("download_button")]
    assert offered == ["PDF", "PowerPoint", "Excel", "HTML", "CSV"]
    assert "?month=2026-08" in app.code[0].value
