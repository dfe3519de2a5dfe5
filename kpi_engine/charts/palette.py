"""Colours and shapes, once: the ledger, the charts and the theme file agree with this table.

Every colour is a pair. ``light-dark()`` lets the browser choose, so that charts and tables
follow the theme menu without being drawn again, and print light.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from kpi_engine.terms import Status


@dataclass(frozen=True, kw_only=True)
class Tone:
    """One colour in both themes, as ``#RRGGBB``."""

    light: str
    dark: str

    @property
    def css(self) -> str:
        """For CSS and for charts drawn as SVG."""
        return f"light-dark({self.light}, {self.dark})"


PAGE = Tone(light="#FCFBF8", dark="#14171B")
WIDGET = Tone(light="#F3F1EB", dark="#20252B")
TEXT = Tone(light="#22262B", dark="#E9E7E2")
SECONDARY = Tone(light="#5A616A", dark="#A9AFB7")
ACCENT = Tone(light="#1D4F7C", dark="#8FBCE6")
LINE = Tone(light="#3B4754", dark="#C6CCD3")
REFERENCE = Tone(light="#7B828B", dark="#868D96")
BAND = Tone(light="#E7E4DA", dark="#2A3037")
HAIRLINE = Tone(light="#D9D6CD", dark="#3A4048")

SERIES = (
    LINE,
    ACCENT,
    Tone(light="#966300", dark="#F0BE5A"),
    Tone(light="#0A6E78", dark="#7FD8CC"),
    Tone(light="#7A4B94", dark="#C9A3E0"),
    Tone(light="#8B0A2A", dark="#EE6C80"),
)
"""Of lines that are told apart by their dashes too."""

STATUS_TONES: Mapping[Status, Tone] = {
    Status.ON_TARGET: Tone(light="#0A6E78", dark="#7FD8CC"),
    Status.NEAR_TARGET: Tone(light="#966300", dark="#F0BE5A"),
    Status.OFF_TARGET: Tone(light="#8B0A2A", dark="#EE6C80"),
    Status.NO_DATA: SECONDARY,
    Status.NOT_JUDGED: SECONDARY,
}
"""For shapes and lines."""

STATUS_TEXT: Mapping[Status, Tone] = {
    **STATUS_TONES,
    Status.OFF_TARGET: Tone(light="#8B0A2A", dark="#F49AA7"),
}
"""For words: the dark red of shapes would be too dim to read."""

STATUS_TINTS: Mapping[Status, Tone] = {
    Status.ON_TARGET: Tone(light="#E2EEEE", dark="#1B302F"),
    Status.NEAR_TARGET: Tone(light="#FBF3E2", dark="#332916"),
    Status.OFF_TARGET: Tone(light="#F6E3E4", dark="#3A1D24"),
    Status.NO_DATA: Tone(light="#EFEDE6", dark="#262B31"),
    Status.NOT_JUDGED: Tone(light="#EFEDE6", dark="#262B31"),
}
"""Ground of badges."""

STATUS_SHAPES: Mapping[Status, str] = {
    Status.ON_TARGET: "circle",
    Status.NEAR_TARGET: "triangle-up",
    Status.OFF_TARGET: "diamond",
    Status.NO_DATA: "circle",
    Status.NOT_JUDGED: "stroke",
}
"""Vega's names; the one of NO_DATA is drawn hollow."""
