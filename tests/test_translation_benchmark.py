"""`python -m benchmarks translation` works, and a reduced run of it keeps what it found.

``DRAWS=400`` makes a night of it; then chance alone sets the bars.
"""

import os
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

from benchmarks.translation import command
from benchmarks.translation.cells import CELLS, problem
from benchmarks.translation.contenders import CONTENDERS, Answer
from benchmarks.translation.running import run_batch
from benchmarks.translation.tables import OURS, sheets
from benchmarks.translation.tally import Tally, counted

FEW = 50
DRAWS = int(os.environ.get("DRAWS", str(FEW)))
RARE = 0.003


def ours(key: str) -> Tally:
    return run_batch(key, range(DRAWS), [OURS])[OURS, 0]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        pytest.param("ar0.6 36 months", 0, id="nothing in common"),
        pytest.param("walks 36 months", 1, id="random walks"),
        pytest.param("season 36 months", 0, id="a shared season"),
    ],
)
def test_a_coincidence_is_hardly_ever_taken_for_a_link(key: str, expected: int) -> None:
    """A test at 5 % may claim one draw in twenty."""
    found = ours(key)
    assert found.claims <= binom.ppf(1 - RARE, DRAWS, 0.05)
    assert found.covered >= binom.ppf(RARE, DRAWS, 0.95)
    if DRAWS == FEW:
        assert found.claims == expected, "another number is another estimator: look at the table"


@pytest.mark.parametrize(
    ("key", "power", "lag_found"),
    [
        pytest.param("effect0.6 60 months", 0.85, 0.90, id="the standard effect"),
        pytest.param("opposite 60 months", 0.85, 0.90, id="the other way"),
    ],
)
def test_an_effect_is_found_with_its_size_and_lag(key: str, power: float, lag_found: float) -> None:
    found = ours(key)
    assert found.power >= power
    assert found.lag_found is not None
    assert found.lag_found >= lag_found
    assert found.sign_errors <= 0.02
    assert found.covered >= binom.ppf(RARE, DRAWS, 0.95)
    assert found.bias == pytest.approx(0.0, abs=0.2)


def test_what_an_analyst_would_do_finds_every_shared_season() -> None:
    """The scenarios can fail a method: that ours does not is no property of theirs."""
    found = run_batch("season 36 months", range(10), ["Pearson"])["Pearson", 0]
    assert found.claims >= 9


def test_every_contender_finds_what_is_plain_to_see() -> None:
    found = run_batch("effect0.6 365 days", range(4))
    for name in CONTENDERS:
        assert found[name, 0].claims >= 3, name
        assert found[name, 0].right_lags >= 3, name


@pytest.mark.parametrize("key", CELLS)
def test_every_cell_makes_the_same_series_again(key: str) -> None:
    one, same, other = (problem(CELLS[key], draw) for draw in (0, 0, 1))
    assert len(one.periods) == len(one.outcome) == len(one.drivers[0])
    assert np.array_equal(one.outcome, same.outcome, equal_nan=True)
    assert not np.array_equal(one.outcome, other.outcome, equal_nan=True)


def test_answers_are_counted_against_the_truth() -> None:
    series = problem(CELLS["effect0.6 60 months"], 0)
    truth = series.draw.drivers[0]
    assert truth.lag is not None
    right = Answer(effect=truth.effect, wide=(0.1, 2.0), lag=truth.lag, is_claim=True)
    wrong = Answer(effect=-truth.effect, wide=(-2.0, -0.1), lag=truth.lag + 1, is_claim=True)
    silent = Answer(effect=None, wide=None, lag=None, is_claim=False)
    found = sum((counted(series, 0, one, 0.5) for one in (right, wrong, silent)), Tally())
    assert (found.draws, found.claims, found.wrong_way) == (3, 2, 1)
    assert (found.coverage, found.lag_found, found.bias) == (0.5, 0.5, -1.0)
    assert found.power == pytest.approx(1 / 3)
    assert found.seconds_each == pytest.approx(0.5)


def test_the_command_fills_the_tables_of_a_document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "translation.md"
    document.write_text(f"before\n\n{command.BEGIN}\nold\n{command.END}\n\nafter\n")
    asked = ["--only", "three", "--draws", "1", "--kept", str(tmp_path / "kept.jsonl")]
    results = command.main([*asked, "--into", str(document)])
    text = document.read_text()
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    assert [line for line in text.splitlines() if line.startswith("### ")] == [
        f"### {sheet.title}" for sheet in sheets(results)
    ]
    assert "| three drivers that move along, one idle: idle | 24, 36, 60 months |" in text
    assert "[1/7]" in capsys.readouterr().out
    command.main([*asked, "--into", str(document)])
    assert document.read_text() == text, "what is kept is not run again"
    assert "[1/7]" not in capsys.readouterr().out


def test_an_unknown_scenario_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["--only", "wlaks"])
    assert "there is no scenario wlaks; there are adoption," in capsys.readouterr().err


def test_a_quick_run_takes_a_few_cells() -> None:
    assert {cell.key for cell in command.chosen(None, is_quick=True)} == set(command.REDUCED)
