"""Other people's text, shown as it stands, and how fields write dates."""

import re

DATES = "YYYY-MM-DD"
"""How a field for a date writes it: no reader takes its month for its day."""
_JOINER = "\u2060"
"""Invisible and of no width; breaks what a backslash cannot: autolinks, arrows, icons."""
_BREAK_BEFORE = re.compile(
    r"(https?|ftp)(?=:)|(www)(?=\.)|(?<=\w)(?=@)|(?<=:)(?=material/|[a-z])|(?<=[-<>=])(?=[-<>=])"
)
_BLANKS = re.compile(r"[^\S\u00a0\u202f]+")
"""White space, but not the blanks that hold a number and its unit together."""
_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>$:&])")


def esc(text: object) -> str:
    r"""Text for any Streamlit element that reads Markdown, so that it shows literally.

    Labels, titles, boxes and table cells run Markdown: without this, a file name could load a
    remote image or turn into a formula. White space folds to single blanks.

    Examples:
        >>> esc("*new* $5")
        '\\*new\\* \\$5'
    """
    line = _BLANKS.sub(" ", str(text)).strip(" ")
    line = _BREAK_BEFORE.sub(lambda match: match.group(0) + _JOINER, line)
    return _MARKS.sub(r"\\\1", line)


def esc_bold(text: str) -> str:
    """Like ``esc``, but ``**bold**`` stays bold: for our own sentences about their names."""
    return "**".join(esc_keeping_edges(part) for part in text.split("**"))


def esc_keeping_edges(text: str) -> str:
    """Like ``esc``, but a blank at either end stays, so that pieces can be joined."""
    before = " " if text[:1].isspace() else ""
    after = " " if text[-1:].isspace() and text.strip() else ""
    return f"{before}{esc(text)}{after}"
