"""The sample company is built by those who may, only where nothing can be lost, and to its end."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from kpi_engine.actors import Actor, local_actor
from kpi_engine.demo import build
from kpi_engine.demo.build import DEFINITIONS, Unfinished, load_demo, read_unfinished
from kpi_engine.demo.simulate import SEED
from kpi_engine.errors import DefinitionError, NotAllowedError, StoreError
from kpi_engine.services import imports
from kpi_engine.terms import Role
from kpi_engine.workspace import STORE_NAME, Workspace
from tests.desk import ME, NOW, Desk
from tests.sample import CutOffError, begin_sample, copy_of_sample

ROOT = Path(__file__).parents[2]
OWN = "organisation:\n  name: Ours\n"
BUILDER = """
import sys
from kpi_engine.actors import local_actor
from kpi_engine.demo.build import load_demo
from kpi_engine.workspace import Workspace
ws = Workspace.open(sys.argv[1])
print("open", flush=True)
load_demo(ws, actor=local_actor("sample"), progress=lambda done, _, __: print(done, flush=True))
"""


def of_role(role: Role) -> Actor:
    return Actor(name=role.value, roles=frozenset({role}))


def files_of(ws: Workspace) -> list[str]:
    return sorted(path.name for path in ws.home.glob("*/**/*") if path.is_file())


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST, Role.CONTRIBUTOR])
def test_whoever_may_not_change_definitions_builds_nothing(desk: Desk, role: Role) -> None:
    before = desk.ws.catalogue
    with pytest.raises(NotAllowedError, match="build the sample company"):
        load_demo(desk.ws, actor=of_role(role))
    assert desk.ws.catalogue is before
    assert files_of(desk.ws) == []


def test_a_store_with_data_is_left_alone(desk: Desk) -> None:
    desk.save("period,metric,segment,value\n2026-10,biz.orders,all,250\n")
    before = desk.ws.catalogue
    with pytest.raises(StoreError, match="is not empty"):
        load_demo(desk.ws, actor=local_actor("tester"))
    assert desk.ws.catalogue is before
    assert files_of(desk.ws) == []


def test_definitions_that_are_there_are_never_overwritten(desk: Desk) -> None:
    own = desk.ws.home / "definitions" / "organisation.yaml"
    own.parent.mkdir()
    own.write_text(OWN)
    with pytest.raises(DefinitionError, match=r"organisation\.yaml"):
        load_demo(desk.ws, actor=ME)
    assert own.read_text() == OWN
    assert files_of(desk.ws) == ["organisation.yaml"]


def test_a_file_with_a_name_of_its_own_stops_the_sample_too(desk: Desk) -> None:
    """It would join the sample company's definitions and might redefine them."""
    own = desk.ws.home / "definitions" / "mine.yaml"
    own.parent.mkdir()
    own.write_text("metrics: []\n")
    with pytest.raises(DefinitionError, match=r"mine\.yaml"):
        load_demo(desk.ws, actor=ME)
    assert files_of(desk.ws) == ["mine.yaml"]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CONTRIBUTOR])
def test_definitions_are_adopted_by_stewards_and_administrators(desk: Desk, role: Role) -> None:
    with pytest.raises(NotAllowedError, match="replace definitions"):
        desk.ws.adopt(DEFINITIONS, actor=of_role(role))
    assert files_of(desk.ws) == []
    desk.ws.adopt(DEFINITIONS, actor=of_role(Role.STEWARD))
    assert desk.ws.catalogue.organisation.is_sample


def test_broken_definitions_are_not_adopted(desk: Desk, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "organisation.yaml").write_text("organisation: {nme: Ours}\n")
    before = desk.ws.catalogue
    with pytest.raises(DefinitionError):
        desk.ws.adopt(broken, actor=ME)
    assert desk.ws.catalogue is before
    assert files_of(desk.ws) == []


def test_definitions_are_adopted_whole_or_not_at_all(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of them could not be opened again."""
    written, write = [], Path.write_bytes

    def full_disk(self: Path, content: bytes) -> int:
        written.append(self)
        if len(written) == 3:
            raise OSError("no space left on device")
        return write(self, content)

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(OSError, match="no space left"):
        desk.ws.adopt(DEFINITIONS, actor=ME)
    assert files_of(desk.ws) == []


@pytest.fixture(scope="module")
def begun_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build that was cut off after its first file; to be copied."""
    home = tmp_path_factory.mktemp("begun") / "home"
    begin_sample(home, files=1)
    return home


@pytest.fixture
def begun(begun_home: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(begun_home, tmp_path / "begun")
    ws = Workspace.open(tmp_path / "begun")
    yield ws
    ws.close()


def digests(ws: Workspace) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in ws.home.glob("*/**/*") if path.is_file()}


def test_a_build_that_was_cut_off_does_not_go_on_once_other_data_are_in(
    begun: Workspace, tmp_path: Path
) -> None:
    assert read_unfinished(begun) == Unfinished(done=1, total=22)
    own = tmp_path / "own.csv"
    own.write_text("period,metric,segment,value\n2026-10,biz.orders,all,250\n")
    imports.commit(begun, imports.preview(begun, own, actor=ME, now=NOW), actor=ME, now=NOW)
    before = digests(begun)
    with pytest.raises(StoreError, match="is not empty"):
        load_demo(begun, actor=ME)
    assert read_unfinished(begun) is None
    assert begun.newest() == 2
    assert digests(begun) == before


def test_another_company_is_not_added_to_one_that_was_begun(begun: Workspace) -> None:
    before = digests(begun)
    with pytest.raises(StoreError, match="is not empty"):
        load_demo(begun, actor=ME, seed=SEED + 1)
    assert begun.newest() == 1
    assert digests(begun) == before


def test_definitions_changed_since_stop_the_rest(begun: Workspace) -> None:
    targets = begun.home / "definitions" / "targets.yaml"
    targets.write_text("targets: []\n")
    with pytest.raises(DefinitionError, match=r"targets\.yaml"):
        load_demo(begun, actor=ME)
    assert begun.newest() == 1
    assert targets.read_text() == "targets: []\n"


def killed_build(home: Path, *, at: str, after: float) -> None:
    """Build in a process of its own, and kill it so many seconds after it has said ``at``."""
    process = subprocess.Popen(
        [sys.executable, "-c", BUILDER, str(home)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    with process:
        assert process.stdout is not None
        assert f"{at}\n" in iter(process.stdout.readline, ""), "it came so far"
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL, "it had not come to its end"


def rows_of(
    connection: duckdb.DuckDBPyConnection, store: str, table: str
) -> duckdb.DuckDBPyRelation:
    """A table's rows without what is no answer: the numbers of segments, the last bit of sums."""
    rows = connection.table(f"{store}.main.{table}")
    if table == "segment":
        return rows.project("members")
    doubles = [name for name, of in zip(rows.columns, rows.types, strict=True) if of == "DOUBLE"]
    if doubles:
        rounded = ", ".join(f"round({name}, 6) AS {name}" for name in doubles)
        rows = rows.project(f"* REPLACE ({rounded})")
    for column in {"segment_id", "whole_id"} & set(rows.columns):
        segments = connection.table(f"{store}.main.segment")
        named = segments.project(f"id AS {column}, members AS of_{column}")
        rows = rows.join(named, column).project(f"* EXCLUDE ({column})")
    return rows


def differing(one: Path, other: Path) -> dict[str, int]:
    """How many rows of each table stand in one store only; tables that are the same are left out.

    When the tables themselves were made is no answer either; estimates and forecasts are not
    part of a build, they are made from it when it stands.
    """
    found = {}
    with duckdb.connect() as connection:
        for name, home in (("one", one), ("other", other)):
            connection.execute(f"ATTACH '{home / STORE_NAME}' AS {name} (READ_ONLY)")
        tables = connection.sql("SELECT DISTINCT table_name FROM duckdb_tables()").fetchall()
        for (table,) in tables:
            if table in ("estimate", "prediction"):
                continue
            here, there = (rows_of(connection, name, table) for name in ("one", "other"))
            assert len(here) == len(there), table
            found[table] = len(here.except_(there)) + len(there.except_(here))
    assert len(found) > 10, "there is something to compare"
    return {table: rows for table, rows in found.items() if rows and table != "schema_version"}


def test_a_build_cut_off_anywhere_goes_on_to_the_same_store(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, me = tmp_path / "home", local_actor("sample")
    whole = copy_of_sample(tmp_path_factory, "whole")
    home.mkdir()
    shutil.copy(whole / "salt", home / "salt")  # or the hashes of the two could not be compared

    def standing() -> Unfinished | None:
        ws = Workspace.open(home)
        found = read_unfinished(ws)
        ws.close()
        return found

    killed_build(home, at="open", after=0.5)
    assert standing() is None, "nothing is in yet"

    def no_undo(*_: object, **__: object) -> None:
        raise CutOffError

    ws = Workspace.open(home)
    with monkeypatch.context() as patch:
        patch.setattr(build.undoing, "undo", no_undo)
        with pytest.raises(CutOffError):
            load_demo(ws, actor=me)
    ws.close()
    assert standing() == Unfinished(done=2, total=22), "the draft is in and not taken back"
    killed_build(home, at="9", after=0.7)
    found = standing()
    assert found is not None
    assert 9 <= found.done < found.total == 22
    told: list[int] = []
    ws = Workspace.open(home)
    truths = load_demo(ws, actor=me, progress=lambda done, _, __: told.append(done))
    assert told == [*range(found.done, 23)], "nothing is done twice"
    assert read_unfinished(ws) is None
    assert load_demo(ws, actor=me) == truths, "a second build finds everything done"
    assert ws.newest() == 23
    ws.close()
    assert differing(home, whole) == {}
