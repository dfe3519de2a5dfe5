"""Definitions as they once were, from the texts that were kept of them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.events import EventKind
from kpi_engine.catalogue.models import Metric, Organisation

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MODELS: dict[str, type[BaseModel]] = {
    "metric": Metric,
    "event": EventKind,
    "organisation": Organisation,
}


def fields_of(text: str) -> dict[str, Any]:
    """The fields of a definition as they were written; none where it was not declared."""
    content = yaml.load(text, Loader=_Loader) if text else {}  # noqa: S506  # a safe loader
    return content if isinstance(content, dict) else {}


def catalogue_then(catalogue: Catalogue, texts: Mapping[tuple[str, str], str]) -> Catalogue:
    """The catalogue with only those metrics and event kinds that ``texts`` declare, as they do.

    What this version of Plumbline cannot read is left out. Days are cut and years begin as they
    did then; everything else (links, targets, people) is that of ``catalogue``.

    Args:
        catalogue: Definitions in force.
        texts: YAML by kind and id.
    """
    found: dict[tuple[str, str], Any] = {}
    for (kind, name), text in texts.items():
        if kind in _MODELS:
            try:
                found[kind, name] = _MODELS[kind].model_validate(fields_of(text))
            except ValidationError:
                continue
    then = found.get(("organisation", "organisation"), catalogue.organisation)
    organisation = catalogue.organisation.model_copy(
        update={"time_zone": then.time_zone, "year_starts_in": then.year_starts_in}
    )
    return replace(
        catalogue,
        organisation=organisation,
        metrics={name: one for (kind, name), one in found.items() if kind == "metric"},
        events={name: one for (kind, name), one in found.items() if kind == "event"},
    )
