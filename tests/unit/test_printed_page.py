import re
from dataclasses import replace

from kpi_engine.render.page import scorecard_html
from tests.factories import explanation, metric, reading, scorecard
from tests.marlow_finch import october

SCRIPT = '<script>alert("x")</script>'


def test_the_file_is_whole_and_loads_nothing():
    html = scorecard_html(october())
    assert html.startswith("<!doctype html>")
    assert "<title>Scorecard October 2026, Marlow &amp; Finch (sample data)</title>" in html
    assert not re.search(r"https?:|src=|@import|url\(|<script", html)


def test_it_says_what_the_page_says_with_amounts_in_bold():
    html = scorecard_html(october())
    assert "<h2>1 of 5 complete outcomes is on target." in html
    assert "Over the month that is <b>about 1,240 lost orders</b>, <b>about $86k lost</b>" in html
    assert html.count("<dt>") == 6
    assert "Data to 31 Oct 2026" in html


def test_paper_is_landscape_light_and_can_be_signed():
    html = scorecard_html(october())
    assert "size: A4 landscape" in html
    assert "color-scheme: light;" in html
    assert "IT owner ____" in html
    assert "break-inside: avoid" in html


def test_foreign_names_are_escaped_everywhere():
    company = replace(
        october(), organisation=scorecard().organisation.model_copy(update={"name": SCRIPT})
    )
    assert "<script" not in scorecard_html(company)
    evil = explanation(reading(0.9, of=metric(label=SCRIPT), past=[0.97, 0.972] * 8))
    html = scorecard_html(scorecard(evil))
    assert "<script" not in html
    assert "&lt;script&gt;" in html
