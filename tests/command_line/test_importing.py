"""Files go in by the command line: seen first, saved, undone, cancelled, handed over."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.command_line.conftest import ROOT, Run


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
