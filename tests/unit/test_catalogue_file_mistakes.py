"""Mistakes in a file, a folder or the organisation: all of them are found in one pass."""

from pathlib import Path

import pytest

from kpi_engine.catalogue.load import BrokenCatalogueError, load_catalogue
from kpi_engine.errors import DefinitionError
from kpi_engine.terms import Severity
from tests.unit.definitions import (
    ASSUMPTION,
    DRIVER,
    LINK,
    METRICS,
    ORGANISATION,
    OUTCOME,
    TARGET,
    errors_of,
    findings_of,
)


def test_the_starting_point_of_these_tests_holds_no_mistake(tmp_path: Path) -> None:
    assert errors_of(tmp_path) == []


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        pytest.param(
            "biz.revenu",
            "There is no metric called 'biz.revenu'. Did you mean 'biz.revenue'?",
            id="unknown",
        ),
        pytest.param(
            "it.lead_time",
            "it.lead_time is on the side 'it'. Rows of the scorecard are business outcomes; IT "
            "measures stand beneath them.",
            id="not an outcome",
        ),
        pytest.param(
            "biz.revenue, biz.revenue",
            "biz.revenue stands twice. An outcome has one row.",
            id="twice",
        ),
    ],
)
def test_rows_of_the_scorecard_are_outcomes_once_each(
    tmp_path: Path, row: str, sentence: str
) -> None:
    text = ORGANISATION.replace("[biz.revenue]", f"[{row}]")
    assert errors_of(tmp_path, organisation=text) == [
        ("organisation.yaml, organisation, scorecard", sentence)
    ]


def test_a_catalogue_without_organisation_is_refused(tmp_path: Path) -> None:
    sentence = "No organisation is declared. One file starts with organisation: and a name."
    assert ("organisation.yaml", sentence) in errors_of(tmp_path, organisation="targets: []\n")


def test_an_entry_that_stands_twice_in_a_folder_is_named_with_both_lines(tmp_path: Path) -> None:
    text = OUTCOME + DRIVER + DRIVER
    assert errors_of(tmp_path, metrics=text) == [
        (
            "metrics.yaml, it.lead_time, id",
            "'it.lead_time' stands twice: in metrics.yaml line 13 and in metrics.yaml line 23. "
            "Within a folder every metric stands once.",
        )
    ]


def test_a_field_that_stands_twice_would_silently_win_and_is_refused(tmp_path: Path) -> None:
    text = METRICS + "    unit: days\n"
    found = findings_of(tmp_path, metrics=text)
    assert [(f.place, f.sentence) for f in found if f.severity is Severity.ERROR] == [
        (
            "metrics.yaml",
            "The field 'unit' stands twice in one entry: the last one would silently win. Keep "
            "one of them.",
        )
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param("", "The file is empty. Write a definition or delete it.", id="empty"),
        pytest.param(
            "- one\n",
            "['one'] is not a set of named fields. A file of definitions starts with one of "
            "metrics:, links:, targets:, baselines:, assumptions:, events:, initiatives:, "
            "organisation:",
            id="a list",
        ),
        pytest.param(
            "linsk: []\n",
            "'linsk' is not a kind of definition. Did you mean 'links'?",
            id="an unknown section",
        ),
        pytest.param(
            "links: none\n",
            "links: 'none' found, a list, '- id: …' expected.",
            id="a section that is no list",
        ),
        pytest.param(
            "links:\n  - lead_time\n",
            "links, entry 1: 'lead_time' is not a set of fields.",
            id="an entry that is no set",
        ),
    ],
)
def test_a_file_that_is_no_definition_says_why(tmp_path: Path, text: str, sentence: str) -> None:
    assert ("links.yaml", sentence) in errors_of(tmp_path, links=text)


def test_broken_yaml_names_line_and_column(tmp_path: Path) -> None:
    ((place, sentence),) = errors_of(tmp_path, links=LINK + "    counting: {kind: [\n")
    assert place == "links.yaml"
    assert sentence.startswith("Not valid YAML at line 14, column 1: ")
    assert sentence.endswith(". The rest of this file was not checked.")


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "zone.yaml").write_bytes("# Zürich".encode("latin-1"))
    sentence = "Not UTF-8 text at byte 3: save it as UTF-8."
    assert ("zone.yaml", sentence) in errors_of(tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenCatalogueError) as caught:
        load_catalogue(tmp_path / "nowhere", recipes=tmp_path)
    assert caught.value.findings[0].place == str(tmp_path / "nowhere")
    assert "There is no such folder." in caught.value.findings[0].sentence


def test_all_mistakes_of_all_files_come_at_once(tmp_path: Path) -> None:
    found = errors_of(
        tmp_path,
        metrics=METRICS.replace("fold: median", "fold: medain").replace("unit: currency\n", "\n"),
        links=LINK.replace("biz.revenue", "biz.revenu").replace("kind: influence", "kinds: a"),
        targets=TARGET.replace("24", "a day").replace("provenance", "provenience"),
        assumptions=ASSUMPTION.replace("    owner: Ann\n", "").replace("low: 0.2", "low: 0.9"),
        organisation=ORGANISATION.replace("biz.revenue", "biz.reveneu") + "  clock: UTC\n",
        recipe="{",
    )
    assert [place for place, _ in found] == [
        "recipe.yaml",
        "assumptions.yaml, margin_share, owner",
        "links.yaml, lead_time_to_revenue, kind",
        "links.yaml, lead_time_to_revenue, kinds",
        "metrics.yaml, biz.revenue, unit",
        "metrics.yaml, it.lead_time, measure.fold",
        "organisation.yaml, organisation, clock",
        "targets.yaml, it.lead_time, target",
        "targets.yaml, it.lead_time, provenance",
        "targets.yaml, it.lead_time, provenience",
    ]


def test_the_error_says_how_many_mistakes_there_are_and_shows_the_first(tmp_path: Path) -> None:
    (tmp_path / "organisation.yaml").write_text(ORGANISATION.replace("[biz.revenue]", "[]"))
    recipes = tmp_path / "recipes"
    with pytest.raises(DefinitionError, match=r"1 mistake\. .*recipes: There is no") as caught:
        load_catalogue(tmp_path, recipes=recipes)
    assert "python -m kpi_engine check" in caught.value.hint


def test_a_finding_names_the_line_its_entry_stands_on(tmp_path: Path) -> None:
    found = findings_of(tmp_path, metrics=METRICS.replace("fold: median", "fold: medain"))
    assert [(f.line, f.value) for f in found] == [(13, "'medain'")]


def test_references_that_unfold_to_billions_of_values_are_refused(
    tmp_path: Path,
) -> None:
    doubled = "".join(f"      - &l{i} [*l{i - 1}, *l{i - 1}]\n" for i in range(1, 60))
    text = METRICS + "    sources:\n      - &l0 [a, a]\n" + doubled
    sentence = (
        "It unfolds to more than 100,000 values: write them out instead of referring to others "
        "with '*'."
    )
    assert ("metrics.yaml", sentence) in errors_of(tmp_path, metrics=text)
