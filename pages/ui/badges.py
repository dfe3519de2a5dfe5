"""A status as shape, word and colour, for elements that read Markdown."""

from kpi_engine.terms import Status
from kpi_engine.words.judgement import STATUS

_COLOUR = {
    Status.ON_TARGET: "green",
    Status.NEAR_TARGET: "orange",
    Status.OFF_TARGET: "red",
    Status.NO_DATA: "gray",
    Status.NOT_JUDGED: "gray",
}


def status_badge(status: Status, word: str = "") -> str:
    """On a tint, to stand in front of a sentence; ``word`` stands for the usual one."""
    said = STATUS[status]
    return f":{_COLOUR[status]}-badge[{said.shape} {word or said.word}]"


def status_text(status: Status) -> str:
    """In colour, for a table cell."""
    return f":{_COLOUR[status]}[{STATUS[status].text}]"
