"""Mistakes in one entry as findings: what was found, the whole rule, the nearest right word."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from kpi_engine.catalogue.declared import Declared, nearest, shown
from kpi_engine.findings import Finding
from kpi_engine.terms import Severity

_PATTERNS = {
    r"^(it|biz|base)\.[a-z0-9_]+$": (
        "a metric is called it.…, biz.… or base.…, in small letters, digits and underscores"
    ),
    r"^[a-z_]+\.[a-z0-9_]+$": (
        "a part is a counter of an event (ticket.resolved) or another metric (biz.orders)"
    ),
    r"^[a-z][a-z0-9_]*$": "a name has small letters, digits and underscores, a letter first",
}
_RULES = {
    "string_type": "text is expected; put it in quotes",
    "float_type": "a number is expected",
    "float_parsing": "a number is expected, with a point and without a sign of its unit",
    "finite_number": "a finite number is expected",
    "int_type": "a whole number is expected",
    "int_parsing": "a whole number is expected",
    "int_from_float": "a whole number is expected",
    "bool_type": "true or false is expected",
    "bool_parsing": "true or false is expected",
    "tuple_type": "a list in square brackets is expected",
    "dict_type": "a set of named fields is expected",
    "model_type": "a set of named fields is expected",
    "date_type": "a date such as 2026-01-01 is expected",
    "date_parsing": "a date such as 2026-01-01 is expected",
    "date_from_datetime_parsing": "a date such as 2026-01-01 is expected",
}
_NUMBER_OR_RANGE = "a number is expected, or two in square brackets for a range"


def model_findings(
    entry: Declared, model: type[BaseModel], error: ValidationError
) -> list[Finding]:
    """Every mistake pydantic found in one entry, one finding to a field."""
    found: dict[str, Finding] = {}
    for details in error.errors():
        path = _path(details["loc"], entry.content)
        field = ".".join(path)
        sentence, value = _sentence(details, path, entry, model)
        if field not in found:
            found[field] = entry.finding(Severity.ERROR, field, sentence, value=value)
    return list(found.values())


def _path(loc: tuple[int | str, ...], content: Mapping[str, Any]) -> tuple[str, ...]:
    """The part of a location that the author wrote; pydantic mixes in names of alternatives."""
    path: list[str] = []
    here: Any = content
    for step in loc:
        if isinstance(here, dict) and step in here:
            here = here[step]
            path.append(str(step))
        elif isinstance(here, list) and isinstance(step, int) and step < len(here):
            here = here[step]
            path.append(str(step + 1))
    last = str(loc[-1]) if loc else ""
    if isinstance(here, dict) and last and last not in path and "[" not in last:
        path.append(last)
    return tuple(path)


def _sentence(
    details: ErrorDetails, path: tuple[str, ...], entry: Declared, model: type[BaseModel]
) -> tuple[str, object]:
    """What was found with the rule, and the value where there is one."""
    kind, value, context = details["type"], details["input"], details.get("ctx", {})
    field = path[-1] if path else ""
    if kind == "missing":
        return f"Missing. Every {entry.kind} that has this part needs '{field}'.", None
    if kind == "extra_forbidden":
        known = _fields(model, path[:-1])
        return f"'{field}' is not a field here.{nearest(field, known)}", value
    if kind in ("enum", "literal_error", "union_tag_invalid"):
        wanted = _choices(str(context.get("expected", context.get("expected_tags", ""))))
        value = context.get("tag", value)
        listed = f"{shown(value)} is not one of {', '.join(wanted)}."
        close = get_close_matches(str(value), wanted, n=1)
        return f"{listed} Did you mean '{close[0]}'?" if close else listed, value
    if kind == "value_error":
        return f"{context.get('error', details['msg'])!s}.", None
    return f"{shown(value)} found: {_rule(details, path, entry)}.", value


def _rule(details: ErrorDetails, path: tuple[str, ...], entry: Declared) -> str:
    if entry.kind == "target" and path[0] in ("target", "red_line"):
        return _NUMBER_OR_RANGE
    if details["type"] == "string_pattern_mismatch":
        return _PATTERNS[details["ctx"]["pattern"]]
    if details["type"] == "string_too_short":
        fewest = details["ctx"]["min_length"]
        return f"at least {fewest} letters are expected" if fewest > 1 else "text is expected"
    plain = details["msg"].removeprefix("Input ").replace("should", "it should", 1)
    return _RULES.get(details["type"], plain)


def _choices(expected: str) -> list[str]:
    """The words pydantic lists as "'a', 'b' or 'c'", with names of ours around them."""
    return re.findall(r"'([^']*)'", expected) or expected.split(", ")


def _fields(model: Any, path: tuple[str, ...]) -> list[str]:
    """The fields that may stand at ``path`` below a model."""
    models = [model]
    for step in path:
        annotations = [
            m.model_fields[step].annotation if step in m.model_fields else None for m in models
        ]
        models = [found for note in annotations for found in _models_in(note)] or models
    return [name for found in models for name in found.model_fields]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """The models an annotation may hold."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) is None and not isinstance(annotation, (UnionType, type(Union))):
        return []
    return [found for part in get_args(annotation) for found in _models_in(part)]
