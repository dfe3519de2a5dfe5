"""Links, forecasts, what-ifs and definitions by the command line."""

import json
from pathlib import Path

import pytest
import yaml

from tests.command_line.conftest import ROOT, Run
from tests.sample import copy_of_sample


def test_forecasts_are_printed_month_by_month(run: Run, home: Path, tmp_path: Path) -> None:
    assert "Nothing is forecast yet" in run("ledger", home=home).stdout
    file = tmp_path / "hours.csv"
    months = [f"{2024 + n // 12}-{n % 12 + 1:02d}" for n in range(26)]
    rows = [f"{month},biz.op_delay,{20 + n % 12 + n % 2 / 2}" for n, month in enumerate(months)]
    file.write_text("\n".join(["period,metric,value", *rows]) + "\n")
    assert run("import", file, home=home).returncode == 0
    said = run("ledger", "biz.op_delay", home=home).stdout.splitlines()
    assert said[0].startswith("No month that was forecast beforehand is in yet. Made afterwards,")
    assert [line.split(":")[0].strip() for line in said[-3:]] == [
        "Jan 2026, afterwards",
        "Feb 2026, afterwards",
        "Mar 2026, beforehand",
    ]
    found = json.loads(run("ledger", "--json", home=home).stdout)
    assert found["made_before"]["scored"] == 0
    assert found["made_afterwards"]["scored"] == 2
    assert run("ledger", "biz.op_dela", home=home).returncode == 1


def test_an_initiative_is_held_against_what_was_expected(
    run: Run, home: Path, tmp_path: Path
) -> None:
    """Five hours less a month from January 2026 on, and nothing else."""
    assert "No initiative is declared" in run("initiatives", home=home).stdout
    own = home / "definitions"
    own.mkdir()
    (own / "initiatives.yaml").write_text(
        "initiatives:\n  - {id: a_change, label: A change, sentence: Something is done otherwise., "
        "starts: 2026-01-01, due: 2026-04-30, owner: Ann, "
        "moves: [{metric: biz.op_delay, sign: -1, change: {low: -6, high: -4}}]}\n"
    )
    file = tmp_path / "hours.csv"
    months = [f"{2023 + n // 12}-{n % 12 + 1:02d}" for n in range(42)]
    hours = [30 + n % 12 - 5 * (n >= 36) + n * 7 % 5 / 10 for n in range(42)]
    rows = [f"{month},biz.op_delay,{one}" for month, one in zip(months, hours, strict=True)]
    file.write_text("\n".join(["period,metric,value", *rows]) + "\n")
    assert run("import", file, home=home).returncode == 0
    said = run("initiatives", home=home).stdout
    assert said.startswith("1 initiative: 1 worked.")
    assert "Hours that operations had to wait fell by 5." in said
    (judged,) = json.loads(run("initiatives", "--json", home=home).stdout)["initiatives"]
    (verdict,) = judged["verdicts"]
    assert judged["is_final"]
    assert verdict["change"]["low"] < -5 < verdict["change"]["high"]
    assert (verdict["before"], verdict["after"]) == (36, 4)
    early = run("initiatives", "--month", "2026-02", home=home).stdout
    assert "2 of the 3 whole months that it takes are in" in early


def test_links_need_no_data_and_what_is_tied_to_nothing_is_named(run: Run, home: Path) -> None:
    done = run("links", "--month", "2026-10", home=home)
    assert done.returncode == 0
    first, *rest = done.stdout.splitlines()
    assert first.startswith("October 2026: 23 of 27 IT measures serve a business outcome.")
    row = next(line for line in rest if "Visits that end in an order" in line)
    assert [cell.strip() for cell in row.split("  ") if cell.strip()] == [
        "Visits that end in an order",
        "Page load time",
        "weak",
        "same week",
        "not enough data to tell",
    ]
    assert "Problems solved at the first contact" in rest[-1]


def test_links_are_changed_added_and_retired_with_a_reason(run: Run, home: Path) -> None:
    why = ["--because", "The workshop of November said so."]
    link, lag = "page_load_to_conversion", "lag_days=[0, 14]"
    tried = run("links", "change", link, "--set", lag, "--dry-run", *why, home=home)
    assert tried.stdout.startswith("Nothing is written yet.")
    assert "when it is felt: [0, 7] → [0, 14]" in tried.stdout
    wrong = run("links", "change", link, "--set", "sign=2", *why, home=home)
    assert (wrong.returncode, "Nothing is saved." in wrong.stdout) == (1, True)
    assert "2 is not one of -1, 0 or 1" in " ".join((wrong.stdout + wrong.stderr).split())
    unasked = run("links", "change", link, "--set", lag, "--because", "so", home=home)
    assert (unasked.returncode, "The reason is missing" in unasked.stderr) == (1, True)
    done = run("links", "change", link, "--set", lag, "--json", *why, home=home)
    assert json.loads(done.stdout)["changes"] == [
        {"field": "lag_days", "before": [0, 7], "after": [0, 14]}
    ]
    added = ["it.mttr", "biz.conversion", "--set", "mechanism=While it is broken nobody orders."]
    reason = ["--set", "grade_reason=Judged by both owners.", "--set", "sign=-1"]
    assert run("links", "add", *added, *reason, *why, home=home).returncode == 0
    gone = run("links", "retire", "mttr_to_conversion", *why, home=home)
    assert "no longer counts" in gone.stdout
    assert run("links", "change", link, "--set", "lag", *why, home=home).returncode == 2
    assert run("links", "retire", "nope", *why, home=home).returncode == 1


def test_scenarios_are_listed_and_what_is_not_there_is_named(run: Run, home: Path) -> None:
    assert run("scenarios", home=home).stdout.startswith("No scenario is saved yet.")
    assert json.loads(run("scenarios", "--json", home=home).stdout) == []
    missing = run("scenarios", "compare", "Faster pages", home=home)
    assert "There is no scenario called 'Faster pages'" in missing.stderr
    assert run("scenarios", "drop", "Faster pages", home=home).returncode == 1


def test_what_it_would_take_is_saved_compared_and_planned(
    run: Run, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = copy_of_sample(tmp_path_factory, "goal")
    pages = "page_load_to_conversion"
    done = run("whatif", "biz.conversion", "--goal", "target", home=home)
    assert "To bring visits that end in an order to 2.50" in done.stdout
    found = json.loads(
        run("whatif", "biz.conversion", "--goal", "0.03", "--json", home=home).stdout
    )
    assert [one["likely"]["reach"] for one in found["goal"]] == ["unseen"]
    assert run("whatif", "biz.conversion", "--goal", "soon", home=home).returncode == 2
    saved = run("scenarios", "save", "biz.conversion", "Fast", "--set", f"{pages}=2500", home=home)
    assert saved.stdout.startswith("Saved. Visits that end in an order would be about")
    compared = run("scenarios", "compare", "fast", home=home).stdout
    assert "numbers as they were" in compared
    who = ["--owner", "Head of development", "--business", "Ann", "--it", "Bob"]
    days = ["--starts", "2099-01-01", "--due", "2099-12-31"]
    what = ["--label", "Smaller pictures", "--what", "Pictures are sent in the size that is shown."]
    plan = run("scenarios", "plan", "Fast", *what, *days, *who, home=home)
    assert "Smaller pictures is written to initiatives.yaml" in plan.stdout
    listed = json.loads(run("initiatives", "--month", "2026-10", "--json", home=home).stdout)
    assert [one["id"] for one in listed["planned"]] == ["smaller_pictures"]
    assert "off the list" in run("scenarios", "drop", "Fast", home=home).stdout


def test_a_changed_definition_is_told_with_its_shift(run: Run, home: Path, tmp_path: Path) -> None:
    file, own = tmp_path / "demos.csv", home / "definitions"
    months = [f"2026-{month:02},biz.demo_ok,90,100" for month in range(1, 4)]
    file.write_text("\n".join(["period,metric,numerator,denominator", *months]) + "\n")
    assert run("import", file, home=home).returncode == 0
    told = "No definition has changed since the first data came in."
    assert told in run("definitions", "biz.demo_ok", home=home).stdout
    own.mkdir(exist_ok=True)
    shipped = (ROOT / "data/definitions/metrics_business.yaml").read_text()
    (demos,) = [one for one in yaml.safe_load(shipped)["metrics"] if one["id"] == "biz.demo_ok"]
    changed = demos | {
        "measure": demos["measure"] | {"scale": 0.5},
        "since": "2026-03-01",
        "because": "Only half of each is ours.",
    }
    (own / "own.yaml").write_text(yaml.safe_dump({"metrics": [changed]}))
    printed = run("definitions", "biz.demo_ok", home=home).stdout
    assert "measure, scale: 0.5" in printed
    assert "until 1 Mar 2026 the months Jan 2026 to Feb 2026 read 45.0\u202fpp higher." in printed
    (one,) = json.loads(run("definitions", "biz.demo_ok", "--json", home=home).stdout)["earlier"]
    assert (one["until"], one["shift"]["mid"]) == ("2026-03-01", pytest.approx(0.45))
    assert json.loads(run("batches", "--json", home=home).stdout)[0]["kind"] == "edit"
    assert run("definitions", "--again", home=home).returncode == 0


def test_the_shape_of_a_year_is_printed_as_it_is_declared(
    run: Run, home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "revenue.csv"
    months = [f"2025-{month:02},biz.revenue,{month}" for month in range(1, 13)]
    file.write_text("\n".join(["period,metric,value", *months]) + "\n")
    assert run("import", file, home=home).returncode == 0
    printed = run("shape", "biz.revenue", "--year", "2026-01", home=home).stdout
    assert "valid_from: 2026-01-01\nperiod: year\nphasing: by_shares\nshares: [12.8," in printed
    assert run("shape", "biz.revenue", "--year", "2025-01", home=home).returncode == 1
