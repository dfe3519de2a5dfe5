import tomllib
from itertools import combinations
from pathlib import Path

import pytest

from kpi_engine.charts import palette
from kpi_engine.charts.palette import STATUS_SHAPES, STATUS_TEXT, STATUS_TINTS, STATUS_TONES
from kpi_engine.terms import Status
from tests.unit.colours import ciede2000, contrast, seen_distance

THEMES = ("light", "dark")
JUDGED = (Status.ON_TARGET, Status.NEAR_TARGET, Status.OFF_TARGET)
TEXTS = {
    "text": palette.TEXT,
    "secondary": palette.SECONDARY,
    "accent": palette.ACCENT,
    **{status.value: tone for status, tone in STATUS_TEXT.items()},
}
DRAWN = {
    "line": palette.LINE,
    "reference": palette.REFERENCE,
    **{status.value: tone for status, tone in STATUS_TONES.items()},
}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("role", TEXTS)
def test_text_can_be_read_on_page_and_widgets(role, theme):
    for ground in (palette.PAGE, palette.WIDGET):
        assert contrast(getattr(TEXTS[role], theme), getattr(ground, theme)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("role", DRAWN)
def test_drawings_stand_out_from_page_and_widgets(role, theme):
    for ground in (palette.PAGE, palette.WIDGET):
        assert contrast(getattr(DRAWN[role], theme), getattr(ground, theme)) >= 3.0


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("status", list(Status))
def test_badges_can_be_read_on_their_tint(status, theme):
    tint, text = STATUS_TINTS[status], STATUS_TEXT[status]
    assert contrast(getattr(text, theme), getattr(tint, theme)) >= 4.5


@pytest.mark.parametrize(
    ("theme", "vision", "least"),
    [
        pytest.param("light", "deutan", 16.9, id="light, deutan"),
        pytest.param("light", "protan", 23.3, id="light, protan"),
        pytest.param("light", "tritan", 15.3, id="light, tritan"),
        pytest.param("dark", "deutan", 17.9, id="dark, deutan"),
        pytest.param("dark", "protan", 21.3, id="dark, protan"),
        pytest.param("dark", "tritan", 17.7, id="dark, tritan"),
    ],
)
def test_status_colours_stay_apart_for_every_colour_vision(theme, vision, least):
    distances = [
        seen_distance(getattr(STATUS_TONES[a], theme), getattr(STATUS_TONES[b], theme), vision)
        for a, b in combinations(JUDGED, 2)
    ]
    assert round(min(distances), 1) >= least


def test_no_data_is_told_apart_by_shape_since_colour_alone_would_not_do():
    assert STATUS_TONES[Status.NO_DATA] == palette.SECONDARY
    shapes = [STATUS_SHAPES[status] for status in JUDGED]
    assert len(set(shapes)) == len(shapes)


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        pytest.param((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425, id="pair 1"),
        pytest.param((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792, id="pair 10"),
        pytest.param(
            (60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644, id="pair 17"
        ),
    ],
)
def test_the_colour_distance_is_the_published_one(one, other, distance):
    assert ciede2000(one, other) == pytest.approx(distance, abs=5e-5)


@pytest.mark.parametrize("theme", THEMES)
def test_the_theme_file_uses_the_same_colours(theme):
    text = (Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    found = tomllib.loads(text)["theme"][theme]
    assert found["backgroundColor"] == getattr(palette.PAGE, theme)
    assert found["secondaryBackgroundColor"] == getattr(palette.WIDGET, theme)
    assert found["textColor"] == getattr(palette.TEXT, theme)
    assert found["borderColor"] == getattr(palette.HAIRLINE, theme)
    assert found["linkColor"] == getattr(palette.ACCENT, theme)
    assert found["greenColor"] == getattr(STATUS_TONES[Status.ON_TARGET], theme)
    assert found["orangeColor"] == getattr(STATUS_TONES[Status.NEAR_TARGET], theme)
    assert found["redColor"] == getattr(STATUS_TONES[Status.OFF_TARGET], theme)
    assert found["redTextColor"] == getattr(STATUS_TEXT[Status.OFF_TARGET], theme)
