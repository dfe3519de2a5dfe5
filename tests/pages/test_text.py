"""Other people's text shows as it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pages.ui.text import esc

JOINER = "\u2060"


@pytest.mark.parametrize(
    "hostile",
    [
        "![x](http://evil.example/p.png)",
        "[click](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        ":red[alarm]",
        ":material/delete:",
        "$\\frac{1}{2}$",
        "**bold** _it_ `code`",
        "a -> b <= c",
        "https://evil.example",
        "www.evil.example",
        "mail@evil.example",
        "# heading",
        "| a | b |",
        "&lt;b&gt;",
    ],
)
def test_hostile_text_renders_as_nothing_but_itself(hostile: str) -> None:
    html = MarkdownIt("commonmark", {"linkify": False}).render(esc(hostile)).strip()
    inner = html.removeprefix("<p>").removesuffix("</p>")
    assert "<" not in inner
    plain = inner.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert plain.replace("&quot;", '"').replace(JOINER, "") == hostile


@given(st.text())
def test_no_mark_of_markdown_survives_unescaped(text: str) -> None:
    escaped = esc(text)
    for place, mark in enumerate(escaped):
        if mark in "*_[]<$:`!|~":
            assert escaped[place - 1] == "\\"


def test_a_number_and_its_unit_stay_together() -> None:
    assert esc("96.2\u202f%\n or  more") == "96\\.2\u202f% or more"
