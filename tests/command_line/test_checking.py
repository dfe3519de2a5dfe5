"""``check``: every mistake of the definitions at once."""

import json
from pathlib import Path

import pytest
import yaml

from kpi_engine.workspace import SHIPPED
from tests.command_line.conftest import ROOT, Done, Run

WRONG_TARGET = (
    "targets:\n"
    "  - {metric: it.mtr, valid_from: 2026-01-01, target: 1, red_line: 2, provenance: test}\n"
)


@pytest.fixture
def check(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """``check``, away from the repository's own data folder."""
    monkeypatch.chdir(ROOT)

    def verb(*arguments: object, home: str | None = None) -> Done:
        monkeypatch.delenv("PLUMBLINE_HOME", raising=False)
        if home:
            monkeypatch.setenv("PLUMBLINE_HOME", home)
        return run("check", *arguments)

    return verb


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A data folder with a mistake in its own definitions, and no store."""
    definitions = tmp_path / "home" / "definitions"
    definitions.mkdir(parents=True)
    (definitions / "targets.yaml").write_text(WRONG_TARGET)
    return definitions.parent


def test_every_mistake_of_a_broken_catalogue_is_printed_at_once(check: Run, tmp_path: Path) -> None:
    (tmp_path / "metrics.yaml").write_text(
        "metrics:\n"
        "  - {id: it.one, label: One, colour: red}\n"
        "targets:\n"
        "  - {metric: it.mtr, valid_from: 2026-01-01, target: 1, red_line: 2, provenance: test}\n"
    )
    done = check("data/definitions", tmp_path)
    said = " ".join(done.stderr.split())
    assert done.returncode == 1
    assert "it.one" in said
    assert "colour" in said
    assert "it.mttr" in said, "the nearest name"


def test_the_definitions_of_a_data_folder_are_checked_on_top_of_the_shipped(
    check: Run, own: Path
) -> None:
    done = check("--home", own)
    assert (done.returncode, done.stdout) == (1, "1 mistake.\n")
    assert "it.mttr" in done.stderr, "the nearest name is a shipped one"
    (found,) = json.loads(check("--home", own, "--json").stdout)
    assert found["place"].startswith("targets.yaml, it.mtr")
    (own / "definitions" / "targets.yaml").write_text(WRONG_TARGET.replace("it.mtr", "it.mttr"))
    assert check("--home", own).returncode == 0
    assert [path.name for path in own.iterdir()] == ["definitions"], "nothing was opened"


def test_folders_that_are_named_are_checked_without_the_usual_data_folder(
    check: Run, own: Path, tmp_path: Path
) -> None:
    draft = tmp_path / "draft"
    draft.mkdir()
    shipped = ROOT / "data" / "definitions"
    assert check(shipped, draft, home=str(own)).returncode == 0
    assert check(home=str(own)).returncode == 1
    assert check(shipped, draft, "--home", own).returncode == 1


def test_what_has_run_out_is_a_warning_and_no_mistake(check: Run, tmp_path: Path) -> None:
    own = tmp_path / "home"
    (own / "definitions").mkdir(parents=True)
    links = yaml.safe_load((SHIPPED / "definitions" / "links.yaml").read_text())["links"]
    first = links[0] | {"review_by": "2026-01-31"}
    (own / "definitions" / "links.yaml").write_text(yaml.safe_dump({"links": [first]}))
    done = check("--home", own, "--json")
    assert done.returncode == 0
    (warning,) = [one for one in json.loads(done.stdout) if one["severity"] == "warning"]
    assert warning["place"] == f"link {first['id']}"
    assert warning["sentence"].endswith("this link was to be looked at again by 31 Jan 2026.")


def test_a_data_folder_without_definitions_is_the_shipped_ones(check: Run, tmp_path: Path) -> None:
    assert check("--home", tmp_path).stdout == "0 mistakes.\n"
    done = check("--home", tmp_path / "nowhere")
    assert done.returncode == 1
    assert "There is no data folder" in done.stderr
