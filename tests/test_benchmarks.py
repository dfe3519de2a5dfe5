"""`make bench` works: every part runs on small sizes. How fast is not asserted."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import __main__ as bench
from benchmarks import explore, importing
from benchmarks import scorecard as measured_scorecard
from benchmarks.facts import fill
from benchmarks.report import Line
from kpi_engine.services import scorecard
from kpi_engine.services.doctor import examine
from kpi_engine.workspace import Workspace
from tests.sample import copy_of_sample


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measured in this process, and twice: how much it takes does not matter here."""
    for module in (explore, importing, measured_scorecard):
        monkeypatch.setattr(module, "in_own_process", lambda work, *args: work(*args))
    monkeypatch.setattr(measured_scorecard, "_RUNS", 2)
    monkeypatch.setattr(explore, "_RUNS", 1)


@pytest.mark.usefixtures("at_once")
def test_imports_and_the_scorecard_service_are_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = ["--tickets", "500", "--gigabytes", "0.001", "--facts", "20000", "40000"]
    lines = bench.main(["import", "large", "scorecard", *sizes, "--folder", str(tmp_path)])

    assert len(lines) == 10
    assert all(line.measured > 0 for line in lines)
    said = capsys.readouterr().out
    assert "scorecard service, 0.04 M / 0.02 M facts" in said
    assert "outcome service, 0.04 M / 0.02 M facts" in said
    assert list(tmp_path.iterdir()) == [], "what was made is removed"


def test_facts_made_in_bulk_fold_to_what_the_engine_folds(tmp_path: Path) -> None:
    ws = Workspace.open(tmp_path / "home")
    made = fill(ws, facts=100_000)

    assert made == pytest.approx(100_000, rel=0.1)
    assert scorecard.read(ws).on_target is not None
    assert examine(ws) == ()
    ws.close()


def test_ten_questions_have_the_answers_of_the_queries_by_hand(tmp_path: Path) -> None:
    ws = Workspace.open(tmp_path / "home")
    fill(ws, facts=100_000)
    for question in explore.QUESTIONS:
        answer, rows = explore.ask(ws, question), explore.by_hand(ws, question)
        ratio = answer.whole.points[-1].denominator is not None
        newest = answer.whole.points[-1].period
        mine = [row for row in rows if row.period == newest]
        above = sum(row.numerator for row in mine)
        below = sum(row.denominator for row in mine) if ratio else 1
        assert answer.whole.points[-1].value == pytest.approx(above / below), question.what
        if answer.by:
            assert answer.board is not None
            assert answer.board.members == len({row.part for row in rows})
    ws.close()


@pytest.mark.usefixtures("at_once")
def test_questions_are_measured_beside_queries_by_hand(tmp_path: Path) -> None:
    lines = bench.main(["explore", "--facts", "20000", "--folder", str(tmp_path)])
    assert len(lines) == len(explore.QUESTIONS)
    assert all(line.measured > 0 for line in lines)


def test_pages_are_measured_in_a_browser(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = copy_of_sample(tmp_path_factory, "measured")
    measure = (
        "import sys; from pathlib import Path; from benchmarks.page import measure_pages\n"
        "for line in measure_pages(Path(sys.argv[1]), Path(sys.argv[2]), runs=2):\n"
        "    print(line.measured, line.unit)"
    )
    done = subprocess.run(  # a browser of its own: this process may drive one already
        [sys.executable, "-c", measure, str(home), str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
        check=True,
    )
    first_start, rerun = done.stdout.splitlines()
    assert first_start.endswith(" s")
    assert float(rerun.split()[0]) > 0


def test_an_unknown_part_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        bench.main(["scorcard"])
    assert "there is no part scorcard" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("measured", "at_least", "is_met"),
    [
        pytest.param(3.0, False, True, id="exactly at the ceiling"),
        pytest.param(3.1, False, False, id="above the ceiling"),
        pytest.param(3.1, True, True, id="above the floor"),
        pytest.param(2.9, True, False, id="below the floor"),
    ],
)
def test_a_budget_is_a_ceiling_or_a_floor(measured, at_least, is_met):
    line = Line(what="x", measured=measured, unit="×", limit=3, at_least=at_least)
    assert line.is_met is is_met
