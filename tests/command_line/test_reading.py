"""Numbers come out by the command line: as a table, as one JSON document, as a file."""

import csv
import json
from hashlib import sha256
from pathlib import Path

import pytest

from tests.command_line.conftest import Run, in_a_process
from tests.desk import Desk


def test_a_quarter_that_is_short_says_so(run: Run, desk: Desk) -> None:
    rows = ["2026-07,biz.orders,100", "2026-09,biz.orders,100", "2026-10,biz.orders,50"]
    desk.save("\n".join(["period,metric,value", *rows]) + "\n")
    desk.ws.close()
    printed = run("facts", "biz.orders", "--grain", "quarter", home=desk.ws.home).stdout
    assert [line.split() for line in printed.splitlines()[1:]] == [
        ["2026-07-01", "no", "data", "2", "of", "3", "months"],
        ["2026-10-01", "50", "1", "of", "3", "months"],
    ]


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
