"""What is written about the product, held against the product."""

import inspect
import re
from enum import StrEnum
from pathlib import Path

import pytest
from typer.main import get_command

from kpi_engine import terms
from kpi_engine.__main__ import app
from kpi_engine.catalogue.load import load_catalogue
from kpi_engine.terms import Side
from kpi_engine.workspace import SHIPPED

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
CATALOGUE = load_catalogue(SHIPPED / "definitions", recipes=SHIPPED / "recipes")
LISTS = [
    found
    for _, found in inspect.getmembers(terms, inspect.isclass)
    if issubclass(found, StrEnum) and found is not StrEnum
]


def test_the_readme_names_every_page() -> None:
    shell = (ROOT / "pages" / "ui" / "shell.py").read_text(encoding="utf-8")
    titles = dict(re.findall(r'PAGES / "(\w+)\.py", title="([^"]+)"', shell))
    assert set(titles) == {path.stem for path in (ROOT / "pages").glob("[!_]*.py")}
    missing = [title for title in titles.values() if f"**{title}**" not in README]
    assert missing == []


@pytest.mark.parametrize("words", LISTS, ids=lambda words: words.__name__)
def test_the_glossary_explains_every_word_of_a_closed_list(words: type[StrEnum]) -> None:
    missing = [member.value for member in words if f"`{member.value}`" not in GLOSSARY]
    assert missing == []


@pytest.mark.parametrize("metric", CATALOGUE.metrics.values(), ids=lambda metric: metric.id)
def test_every_metric_has_a_unit_a_description_and_two_owners(metric) -> None:
    assert metric.unit in terms.Unit
    assert metric.sentence.endswith((".", ")."))
    assert metric.owners.business
    assert metric.owners.it
    if metric.side is not Side.BASE:
        assert metric.not_measured.strip()


def test_every_command_that_the_readme_names_exists() -> None:
    verbs = get_command(app).commands
    (named,) = re.findall(r"`python -m kpi_engine ((?:\w+ \| )+\w+)`", README)
    assert [verb for verb in named.split(" | ") if verb not in verbs] == []
    assert set(verbs) - set(named.split(" | ")) == {"recipe"}


def test_every_kind_of_file_the_readme_promises_has_a_recipe() -> None:
    labels = " ".join(recipe.label.lower() for recipe in CATALOGUE.recipes.values())
    (promise,) = re.findall(r"Recognised today: (.+?), and plain tables", README)
    for kind in promise.split(", "):
        last = kind.lower().split()[-1].rstrip("s")
        assert last in labels, kind


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_link_between_documents_leads_nowhere(document: Path) -> None:
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text)]
    local = [link for link in targets if link and not re.match(r"[a-z]+:", link)]
    missing = [link for link in local if not (document.parent / link).exists()]
    assert missing == []
