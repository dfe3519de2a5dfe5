"""Which source a file comes from."""

import re
from pathlib import Path

from kpi_engine.catalogue.recipes import EventRecipe, TableRecipe


def source_name(recipe: EventRecipe | TableRecipe, file_name: str) -> str:
    """The system a file comes from; for plain tables their own name without dates.

    Tables of one kind ("payments_2026-10.csv", "payments_2026-11.csv") are one source.
    """
    if isinstance(recipe, EventRecipe):
        return recipe.source
    stem = Path(file_name).name.split(".")[0]
    return re.sub(r"[\W_]*\d[\d\W_]*", " ", stem).strip(" _-") or recipe.source
