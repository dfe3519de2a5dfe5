"""docs/catalogue.md cannot rot: its examples load, its tables name every word there is."""

import re
from enum import StrEnum
from pathlib import Path

import pytest
from pydantic import BaseModel

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.initiatives import Expectation, Initiative
from kpi_engine.catalogue.links import Link, LostHours, LostOrders
from kpi_engine.catalogue.load import load_catalogue
from kpi_engine.catalogue.metrics import Measure, Metric
from kpi_engine.catalogue.targets import Baseline, Target
from kpi_engine.terms import (
    Direction,
    EvidenceGrade,
    Fold,
    Grain,
    LinkKind,
    Phasing,
    Side,
    Unit,
)

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "catalogue.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "words", [Direction, EvidenceGrade, Fold, Grain, LinkKind, Phasing, Side, Unit]
)
def test_every_word_an_author_may_choose_is_explained(words: type[StrEnum]) -> None:
    assert [word.value for word in words if f"`{word.value}`" not in GUIDE] == []


@pytest.mark.parametrize(
    "model", [Metric, Measure, Link, Target, Baseline, Initiative, Expectation]
)
def test_every_field_is_explained(model: type[BaseModel]) -> None:
    named = set(re.findall(r"`(\w+)[`:]|^ +-? ?(\w+):", GUIDE, re.MULTILINE))
    words = {word for pair in named for word in pair}
    assert set(model.model_fields) - words == set()


def test_every_way_of_counting_is_explained() -> None:
    kinds = [model.model_fields["kind"].annotation for model in (LostOrders, LostHours)]
    assert [str(kind) for kind in kinds] == [
        "typing.Literal['lost_orders']",
        "typing.Literal['lost_hours']",
    ]
    assert "`lost_orders`" in GUIDE
    assert "`lost_hours`" in GUIDE


def test_the_examples_load_on_top_of_what_is_shipped(tmp_path: Path) -> None:
    examples = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    (calendar,) = [one for one in examples if one.startswith("organisation:")]
    catalogue = _on_top([one for one in examples if one != calendar], tmp_path / "measures")
    assert catalogue.metrics["it.print_waits"].decimals == 1
    assert catalogue.assumptions["wait_minutes"].high == 12
    assert [
        target.red_line for target in catalogue.targets if target.metric == "it.print_waits"
    ] == [30]
    (baseline,) = catalogue.baselines_of("it.print_waits", segment={})
    assert baseline.valid_from.month == 4
    # Targets of a year above start with January, so another calendar stands by itself.
    organisation = _on_top([calendar], tmp_path / "calendar").organisation
    assert organisation.year_starts_in == 2


def _on_top(examples: list[str], folder: Path) -> Catalogue:
    folder.mkdir()
    for position, example in enumerate(examples):
        (folder / f"example_{position}.yaml").write_text(example)
    definitions, recipes = ROOT / "data" / "definitions", ROOT / "data" / "recipes"
    return load_catalogue(definitions, folder, recipes=recipes)
