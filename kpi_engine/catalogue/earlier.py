"""Definitions as they once were, from the texts that were kept of them."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.events import EventKind
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.fiscal import FiscalCalendar

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CUTS_DAYS = ("time_zone", "year_starts_in", "weeks")
"""Fields of the organisation by which days, months and years are cut."""
_MODELS: dict[str, type[BaseModel]] = {
    "metric": Metric,
    "event": EventKind,
    "organisation": Organisation,
}


def fields_of(text: str) -> dict[str, Any]:
    """The fields of a definition as they were written; none where it was not declared."""
    content = yaml.load(text, Loader=_Loader) if text else {}  # noqa: S506  # a safe loader
    return content if isinstance(content, dict) else {}


@lru_cache(maxsize=2048)
def _entry(kind: str, text: str) -> BaseModel | None:
    """The entry that a text declares; None where it cannot be read, or is not asked for.

    The same text gives the same entry, which nobody changes: it is made once.
    """
    if kind not in _MODELS or not text:
        return None
    try:
        return _MODELS[kind].model_validate(fields_of(text))
    except ValidationError:
        return None


@lru_cache(maxsize=16)
def weeks_then(text: str) -> FiscalCalendar | None:
    """The calendar that an organisation declared, where its months were made of weeks."""
    try:
        calendar = Organisation.model_validate(fields_of(text)).calendar
    except ValidationError:
        return None
    return calendar if calendar.weeks else None


def catalogue_then(catalogue: Catalogue, texts: Mapping[tuple[str, str], str]) -> Catalogue:
    """The catalogue with only those metrics and event kinds that ``texts`` declare, as they do.

    What this version of Plumbline cannot read is left out. Days are cut and years begin as they
    did then; everything else (links, targets, people) is that of ``catalogue``.

    Args:
        catalogue: Definitions in force.
        texts: YAML by kind and id.
    """
    read = {(kind, name): _entry(kind, text) for (kind, name), text in texts.items()}
    found: dict[tuple[str, str], Any] = {key: one for key, one in read.items() if one is not None}
    then = found.get(("organisation", "organisation"), catalogue.organisation)
    organisation = catalogue.organisation.model_copy(
        update={name: getattr(then, name) for name in _CUTS_DAYS}
    )
    return replace(
        catalogue,
        organisation=organisation,
        metrics={name: one for (kind, name), one in found.items() if kind == "metric"},
        events={name: one for (kind, name), one in found.items() if kind == "event"},
    )
