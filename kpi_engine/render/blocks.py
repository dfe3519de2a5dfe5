"""What blocks of HTML share: templates that escape everything, and the palette as properties."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from kpi_engine.charts import palette
from kpi_engine.terms import Status


@cache
def environment() -> Environment:
    """Templates that escape everything and stumble over names they do not know."""
    return Environment(
        loader=PackageLoader("kpi_engine.render", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def styles(block: str) -> Markup:
    """A block's style sheet with the palette in front: our own text, hence not escaped."""
    loader = environment().loader
    if loader is None:
        raise RuntimeError("the template environment has no loader")
    sheet, _, _ = loader.get_source(environment(), f"{block}.css")
    root = f".pl-{block}"
    statuses = "".join(
        f"{root} .s-{status.value}"
        f"{{--shape:{palette.STATUS_TONES[status].css};--word:{palette.STATUS_TEXT[status].css};}}"
        for status in Status
    )
    return Markup(f"{root}{{{_properties()}}}\n{statuses}\n{sheet}")  # noqa: S704 - no foreign text


def _properties() -> str:
    tones = {
        "page": palette.PAGE,
        "widget": palette.WIDGET,
        "text": palette.TEXT,
        "secondary": palette.SECONDARY,
        "accent": palette.ACCENT,
        "line": palette.LINE,
        "reference": palette.REFERENCE,
        "band": palette.BAND,
        "hairline": palette.HAIRLINE,
        "alarm": palette.STATUS_TEXT[Status.OFF_TARGET],
        "gap": palette.STATUS_TONES[Status.OFF_TARGET],
        "near": palette.STATUS_TONES[Status.NEAR_TARGET],
    }
    return "".join(f"--pl-{name}:{tone.css};" for name, tone in tones.items())
