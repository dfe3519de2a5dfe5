from kpi_engine.render.coverage import coverage_html
from tests.factories import health
from tests.html import SCRIPT, Page, words

ALT = "Two measures."


def test_coverage_says_in_words_and_letters_what_it_says_with_colours():
    page = Page(coverage_html(health(), alt=ALT))
    cells = page.all("td")
    assert [attrs["class"] for attrs in cells[-4:]] == ["late", "restated", "missing", "partial"]
    assert {attrs["class"] for attrs in cells[:12]} == {"complete"}
    assert [attrs["title"] for attrs in cells[-4:-2]] == [
        "arrived late, July 2026",
        "restated, August 2026",
    ]
    text = words(page)
    for letter, said in (("L", "arrived late"), ("R", "restated"), ("×", "missing")):
        assert f"{letter}{said}, " in text


def test_every_month_and_every_measure_is_named_in_full():
    page = Page(coverage_html(health(), alt=ALT))
    heads = [attrs["title"] for attrs in page.all("th") if "title" in attrs]
    assert heads == [month.strftime("%B %Y") for month in health().months]
    assert [attrs["href"] for attrs in page.all("a")] == [
        "catalogue?metric=it.mttr",
        "catalogue?metric=it.page_load",
    ]
    assert "Page load time" in words(page)


def test_without_months_or_measures_there_is_an_empty_table():
    page = Page(coverage_html(health(months=(), metrics=()), alt=SCRIPT))
    assert page.all("td") == []
    assert not page.all("script")
