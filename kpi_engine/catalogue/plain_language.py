"""Plain language (E10): abbreviations that nobody explained are found and listed."""

import re
from collections.abc import Iterator

from kpi_engine.catalogue.draft import Draft
from kpi_engine.findings import Finding

_ABBREVIATION = re.compile(r"\b[A-Z]{2,5}s?\b")
_PROSE = {
    "metric": ("label", "sentence", "not_measured", "goal"),
    "link": ("mechanism", "grade_reason"),
    "assumption": ("label", "sentence"),
    "initiative": ("label", "sentence"),
}


def undefined_abbreviations(text: str, *, known: frozenset[str]) -> tuple[str, ...]:
    """Words in capitals of two to five letters that no glossary explains, each once.

    Examples:
        >>> undefined_abbreviations("MTTR of the IT desk", known=frozenset({"IT"}))
        ('MTTR',)
    """
    words = (word.removesuffix("s") for word in _ABBREVIATION.findall(text))
    return tuple(dict.fromkeys(word for word in words if word not in known))


def language_findings(draft: Draft) -> Iterator[Finding]:
    """A warning for every abbreviation in the prose of a definition."""
    known = frozenset(draft.organisation.glossary) if draft.organisation else frozenset()
    kinds = {
        "metric": draft.metrics,
        "link": draft.links,
        "assumption": draft.assumptions,
        "initiative": draft.initiatives,
    }
    for kind, entries in kinds.items():
        for key, entry in entries.items():
            for field in _PROSE[kind]:
                text = getattr(entry, field) or ""
                for word in undefined_abbreviations(text, known=known):
                    sentence = (
                        f"'{word}' is explained nowhere. Readers are not expected to know it."
                    )
                    cure = "Say it in words, or add it to the glossary of the organisation."
                    yield draft.warning(kind, key, field, sentence, cure=cure)
