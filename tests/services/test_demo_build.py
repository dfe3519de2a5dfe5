"""The sample company is built by those who may, and only where nothing can be lost."""

from pathlib import Path

import pytest

from kpi_engine.actors import Actor, local_actor
from kpi_engine.demo.build import DEFINITIONS, load_demo
from kpi_engine.errors import DefinitionError, NotAllowedError, StoreError
from kpi_engine.terms import Role
from kpi_engine.workspace import Workspace
from tests.desk import ME, Desk

OWN = "organisation:\n  name: Ours\n"


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
