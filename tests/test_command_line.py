"""``python -m kpi_engine``: one JSON document, messages apart, exit statuses."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
import yaml

from kpi_engine import terminal
from kpi_engine.__main__ import main
from kpi_engine.workspace import SHIPPED
from tests.desk import Desk
from tests.sample import copy_of_sample

ROOT = Path(__file__).parents[1]
Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


def in_a_process(*arguments: object, home: Path) -> Done:
    """A verb as a user starts it."""
    return subprocess.run(
        [sys.executable, "-m", "kpi_engine", *map(str, arguments), "--home", str(home)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200"},
        check=False,
    )


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same in this process, which need not start."""
    monkeypatch.setenv("COLUMNS", "200")
    for console in (terminal._OUT, terminal._ERR):
        monkeypatch.setattr(console, "width", 200)

    def verb(*arguments: object, home: Path | None = None) -> Done:
        asked = [*map(str, arguments), *(["--home", str(home)] if home else [])]
        monkeypatch.setattr(sys, "argv", ["kpi_engine", *asked])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        status = ended.value.code
        assert isinstance(status, int)
        return Done(asked, status, *capfd.readouterr())

    return verb


@pytest.fixture
def home(desk: Desk) -> Path:
    desk.ws.close()
    return desk.ws.home


def test_a_file_goes_in_and_out_again(run: Run, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("period,metric,value\n2026-09,biz.orders,100\n2026-10,biz.orders,x\n")
    done = run("import", file, "--json", home=home)
    (answer,) = json.loads(done.stdout)
    assert done.returncode == 1, "a row was refused"
    assert answer["batch"]["counts"]["new"] == 1
    assert "line 3 (x): This cannot be read as a number." in done.stderr
    values = json.loads(run("facts", "biz.orders", "--json", home=home).stdout)
    assert [v["value"] for v in values["values"]] == [100]
    looked = run("undo", 1, "--preview", home=home)
    assert "Its 1 new row will no longer count." in looked.stdout
    assert "no data" in looked.stdout
    assert len(json.loads(run("batches", "--json", home=home).stdout)) == 1, "nothing is undone"
    assert run("undo", 1, home=home).returncode == 0
    assert json.loads(run("facts", "biz.orders", "--json", home=home).stdout)["values"] == []
    earlier = run("facts", "biz.orders", "--as-of", 1, "--json", home=home)
    assert len(json.loads(earlier.stdout)["values"]) == 1
    assert [b["id"] for b in json.loads(run("batches", "--json", home=home).stdout)] == [2, 1]
    assert json.loads(run("doctor", "--json", home=home).stdout) == []
    assert run("doctor", home=home).stdout.strip() == "Everything holds."


def test_a_snapshot_takes_out_what_it_lacks(run: Run, home: Path, tmp_path: Path) -> None:
    head = "period,metric,value\n"
    whole, part = tmp_path / "figures_1.csv", tmp_path / "figures_2.csv"
    whole.write_text(head + "2026-10,biz.orders,100\n2026-10,base.headcount,5\n")
    part.write_text(head + "2026-10,biz.orders,100\n")
    assert run("import", whole, home=home).returncode == 0
    shown = run("preview", part, "--replace", home=home).stdout
    assert "but 1 row brought earlier is missing here and will be taken out." in shown
    done = run("import", part, "--replace", "--json", home=home)
    assert json.loads(done.stdout)[0]["batch"]["gone"] == 1
    values = json.loads(run("facts", "base.headcount", "--json", home=home).stdout)
    assert values["values"] == []


def test_a_quarter_that_is_short_says_so(run: Run, desk: Desk) -> None:
    rows = ["2026-07,biz.orders,100", "2026-09,biz.orders,100", "2026-10,biz.orders,50"]
    desk.save("\n".join(["period,metric,value", *rows]) + "\n")
    desk.ws.close()
    printed = run("facts", "biz.orders", "--grain", "quarter", home=desk.ws.home).stdout
    assert [line.split() for line in printed.splitlines()[1:]] == [
        ["2026-07-01", "no", "data", "2", "of", "3", "months"],
        ["2026-10-01", "50", "1", "of", "3", "months"],
    ]


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


def test_a_month_is_commented_signed_published_read_and_opened_again(
    run: Run, home: Path, tmp_path: Path
) -> None:
    definitions = home / "definitions"
    definitions.mkdir(exist_ok=True)
    (definitions / "own.yaml").write_text(
        "organisation: {name: Tiny, scorecard: [biz.demo_ok]}\n"
        "targets:\n"
        "  - {metric: biz.demo_ok, valid_from: 2026-01-01, target: 0.95, red_line: 0.9,\n"
        "     agreed_by: {business: Ann, it: Bob}, provenance: agreed}\n"
    )
    file = tmp_path / "demos.csv"
    file.write_text("period,metric,numerator,denominator\n2026-03,biz.demo_ok,80,100\n")
    assert run("import", file, home=home).returncode == 0

    shown = json.loads(run("close", "show", "2026-03", "--json", home=home).stdout)
    assert [one["point"] for one in shown["points"] if not one["is_done"]] == [
        "comments",
        "signatures",
    ]
    refused = run("close", "publish", "2026-03", home=home)
    assert (refused.returncode, "cannot be signed yet" in refused.stderr) == (1, True)

    said = ["The conference service was down.", "--cause", "supplier", "--action", "Change it"]
    who = ["--owner", "Ann", "--due", "2026-05-01"]
    commented = run("close", "comment", "2026-03", "biz.demo_ok", *said, *who, home=home)
    assert run("close", "comment", "2026-03", "it.cfr", *said, home=home).returncode == 1
    assert commented.stdout.startswith("Supplier: The conference service was down. Action:")
    unknown = run("close", "sign", "2026-03", "it", "Nobody", home=home)
    owners = unknown.stderr.partition("Known: ")[2].strip().rstrip(".")
    assert run("close", "sign", "2026-03", "it", owners, home=home).returncode == 0
    business = run("close", "sign", "2026-03", "business", "Nobody", home=home).stderr
    name = business.partition("Known: ")[2].strip().rstrip(".")
    assert "can be published" in run("close", "sign", "2026-03", "business", name, home=home).stdout
    published = json.loads(run("close", "publish", "2026-03", "--json", home=home).stdout)
    assert published["edition"] == 1

    read = json.loads(run("close", "edition", "2026-03", "--json", home=home).stdout)
    assert read == published
    assert json.loads(run("close", "restated", "2026-03", "--json", home=home).stdout) == []
    assert "Edition 1" in run("close", "edition", "2026-03", home=home).stdout
    assert "is closed" in run("close", "publish", "2026-03", home=home).stderr
    why = "A second provider's figures were missing."
    assert "for edition 2" in run("close", "reopen", "2026-03", why, home=home).stdout
    assert run("close", "show", "march", home=home).returncode == 2


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


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        pytest.param(["facts", "biz.ordrs"], 1, "Did you mean 'biz.orders'?", id="unknown"),
        pytest.param(["preview", "nowhere.csv"], 1, "There is no file nowhere.csv", id="no file"),
        pytest.param(["undo", "7"], 1, "There is no batch called '7'", id="no batch"),
        pytest.param(["scorecard"], 1, "", id="empty store"),
        pytest.param(
            ["scorecard", "--month", "2030-01"],
            1,
            "No outcome has data for January 2030.",
            id="far",
        ),
        pytest.param(["scorecard", "--month", "October"], 2, "2026-10", id="wrong month"),
        pytest.param(["fly"], 2, "No such command", id="wrong verb"),
    ],
)
def test_what_goes_wrong_is_a_sentence(
    run: Run, home: Path, arguments: list[str], status: int, sentence: str
) -> None:
    done = run(*arguments, home=home)
    assert done.returncode == status
    assert sentence in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("arguments", [["facts", "biz.ordrs"], ["batches", "--json"]])
def test_a_process_of_its_own_answers_the_same(run: Run, home: Path, arguments: list[str]) -> None:
    here, there = run(*arguments, home=home), in_a_process(*arguments, home=home)
    assert (here.returncode, here.stdout, here.stderr) == (
        there.returncode,
        there.stdout,
        there.stderr,
    )


def test_a_preview_names_the_quarter_of_what_is_kept_by_the_quarter(
    run: Run, home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "figures.csv"
    file.write_text("period,metric,value\n2025-Q3,biz.tool_sat,0.8\n2025-07,biz.orders,40\n")
    done = run("preview", file, home=home)
    assert done.returncode == 0
    rows = {line.split("  ")[0].strip(): line for line in done.stdout.splitlines()}
    assert " Q3 2025 " in rows["Staff satisfaction with tools"]
    assert " Jul 2025 " in rows["Orders"]


HOLDER = """
import sys, time
from pathlib import Path
from kpi_engine.services.inbox import InboxWatcher
from kpi_engine.workspace import Workspace
ws = Workspace.open(Path(sys.argv[1]))
watcher = InboxWatcher(ws)
watcher.start()
print("open", flush=True)
sys.stdin.readline()
watcher.close()
ws.close()
"""


def test_a_store_that_is_held_is_left_to_its_holder(run: Run, home: Path, tmp_path: Path) -> None:
    file, shared = tmp_path / "orders.csv", tmp_path / "cases.yaml"
    file.write_text("period,metric,value\n2026-10,biz.orders,5\n")
    recipe = run("recipe", "show", "servicenow_incidents", home=home).stdout
    shared.write_text(recipe.replace("id: servicenow_incidents", "id: cases", 1))
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        done = run("import", file, home=home)
        assert (done.returncode, done.stdout) == (0, "orders.csv: 1 new; saved as batch 1.\n")
        assert "handed over" in done.stderr
        done = run("recipe", "add", shared, home=home)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("ServiceNow incident export is known from now on.")
        shared.write_text(shared.read_text().replace("event: ticket", "event: tickets"))
        done = run("recipe", "add", shared, home=home)
        assert done.returncode == 1
        assert "cases.yaml, cases, event" in done.stderr
        done = run("batches", home=home)
        assert done.returncode == 1
        assert "in use by another process" in done.stderr
        holder.communicate("\n")


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


def test_a_column_is_named_and_a_wrong_name_is_refused(
    run: Run, home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "cases.csv"
    file.write_text("Case,Raised\nC-1,2026-10-31 09:00:00\n")
    said = ["--recipe", "servicenow_incidents", "--column", "number=Case"]
    wrong = run("import", file, *said, "--column", "opened_at=Raisd", home=home)
    assert wrong.returncode == 1
    assert "no column called 'Raisd'. Did you mean 'Raised'?" in wrong.stderr
    assert run("import", file, "--column", "number", home=home).returncode == 2
    done = run("import", file, *said, "--column", "opened_at=Raised", "--json", home=home)
    assert json.loads(done.stdout)[0]["batch"]["counts"]["new"] == 1


def test_a_recipe_is_shown_changed_added_and_checked(run: Run, home: Path, tmp_path: Path) -> None:
    shown = run("recipe", "show", "servicenow_incidents", home=home).stdout
    own = shown.replace("id: servicenow_incidents", "id: cases", 1)
    file = tmp_path / "cases.yaml"
    file.write_text(own.replace("event: ticket", "event: tickt"))
    wrong = run("recipe", "add", file, home=home)
    assert wrong.returncode == 1
    assert "cases.yaml, cases, event" in wrong.stderr
    assert "Did you mean 'ticket'?" in wrong.stderr
    file.write_text(own)
    assert json.loads(run("recipe", "add", file, "--json", home=home).stdout)["is_own"]
    kept = home / "recipes" / "cases.yaml"
    kept.write_text(kept.read_text().replace("event: ticket", "event: tickt"))
    found = json.loads(run("check", "--json", home=home).stdout)
    wrong_at = [finding["place"] for finding in found if finding["severity"] == "error"]
    assert wrong_at == ["cases.yaml, cases, event"]


def test_ctrl_c_cancels_an_import_and_leaves_nothing(run: Run, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "attempts.csv"
    rows = "".join(f"{n},2026-09-{1 + n % 28:02d} 10:00:00,completed\n" for n in range(2000))
    file.write_text("checkout_id,started_at,status\n" + rows * 1000)
    # Whoever runs the tests in the background may have Ctrl-C ignored, which is handed down.
    heeding = (
        "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "runpy.run_module('kpi_engine', run_name='__main__')"
    )
    with subprocess.Popen(
        [sys.executable, "-c", heeding, "import", str(file), "--home", str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        while not list((home / "staging").glob("stage_*.duckdb")):
            assert process.poll() is None
            time.sleep(0.02)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        said, complained = process.communicate(timeout=30)
    assert (process.returncode, said) == (130, "")
    assert " ".join(complained.split()) == (
        "Cancelled: nothing was saved, and nothing is left of it here. "
        "The same file can be added again at any time."
    )
    assert list((home / "staging").iterdir()) == []
    assert json.loads(run("batches", "--json", home=home).stdout) == []


def test_a_month_is_written_to_a_file(run: Run, home: Path, tmp_path: Path) -> None:
    figures, out = tmp_path / "orders.csv", tmp_path / "month.csv"
    figures.write_text("period,metric,value\n2026-10,biz.ttm,34\n")
    assert run("import", figures, home=home).returncode == 0
    done = run("export", "csv", "--out", out, "--json", home=home)
    answer = json.loads(done.stdout)
    assert answer["file"] == str(out.resolve())
    assert (answer["month"], answer["as_of"]) == ("2026-10", 1)
    assert answer["bytes"] == out.stat().st_size
    assert answer["sha256"] == sha256(out.read_bytes()).hexdigest()
    (row,) = [
        row
        for row in csv.DictReader(out.read_text("utf-8-sig").splitlines())
        if row["Id"] == "biz.ttm"
    ]
    assert row["Value"] == "34"
    for form, start in (("pdf", b"%PDF"), ("pptx", b"PK"), ("xlsx", b"PK"), ("html", b"<!doc")):
        file = tmp_path / f"month.{form}"
        assert str(file) in run("export", form, "--out", file, home=home).stdout
        assert file.read_bytes().startswith(start)


def test_an_export_that_cannot_be_made_says_why(run: Run, home: Path, tmp_path: Path) -> None:
    assert run("export", "docx", home=home).returncode == 2
    figures = tmp_path / "orders.csv"
    figures.write_text("period,metric,value\n2026-10,biz.ttm,34\n")
    run("import", figures, home=home)
    nowhere = run("export", "csv", "--out", tmp_path / "none" / "month.csv", home=home)
    assert nowhere.returncode == 1
    assert "There is no folder" in nowhere.stderr
    assert run("export", "csv", "--month", "2019-01", home=home).returncode == 1


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


def test_a_query_is_answered_as_a_table_as_json_and_as_csv(run: Run, home: Path) -> None:
    views = run("sql", home=home)
    assert "readings" in views.stdout
    asked = "SELECT 1 AS a, '=2' AS b, NULL AS c"
    table = run("sql", asked, home=home)
    assert table.stdout.split() == ["a", "b", "c", "1", "=2"]
    assert "1 row, as of batch 0" in table.stderr
    document = json.loads(run("sql", asked, "--json", home=home).stdout)
    assert document["rows"] == [[1, "=2", None]]
    as_csv = in_a_process("sql", asked, "--csv", home=home)
    assert list(csv.reader(as_csv.stdout.lstrip("\ufeff").splitlines())) == [
        ["a", "b", "c"],
        ["1", "'=2", ""],
    ]
    refused = run("sql", "DROP TABLE batch", home=home)
    assert refused.returncode == 1
    assert "DROP is refused" in refused.stderr


def test_a_measure_is_sliced_and_its_parts_add_up(run: Run, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "revenue.csv"
    rows = ["2026-09,Web,100", "2026-09,Shop,50", "2026-10,Web,90", "2026-10,Shop,75"]
    lines = [f"{m},biz.revenue,channel={c},{v}" for m, c, v in (row.split(",") for row in rows)]
    file.write_text("\n".join(["period,metric,segment,value", *lines]) + "\n")
    assert run("import", file, home=home).returncode == 0
    shown = run("explore", "biz.revenue", "--by", "channel", home=home).stdout.splitlines()
    assert shown[0] == (
        "Net revenue was $165 in October 2026, $15 more than in September 2026; "
        "Shop did +$25 of it."
    )
    assert shown[-1].endswith("All parts add up to the change of the whole: +$15.")
    only = run("explore", "biz.revenue", "--only", "channel=Shop", "--json", home=home)
    points = json.loads(only.stdout)["whole"]["points"]
    assert [point["value"] for point in points] == [50, 75]
    assert run("explore", "biz.revenue", "--only", "Shop", home=home).returncode == 2
    behind = run("rows", "biz.revenue", "--period", "2026-10-01", home=home).stdout
    assert "and the rows below add up to exactly that." in behind
    assert "2 rows; all of them add up to 165." in behind
    refused = run("explore", "biz.revenue", "--by", "team", home=home)
    assert (refused.returncode, refused.stdout) == (1, "")
