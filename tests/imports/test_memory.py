"""What somebody said about a source once is not asked again."""

from datetime import date

import pytest

from kpi_engine.errors import UnknownHeaderError
from kpi_engine.imports.overrides import Overrides
from kpi_engine.services import imports
from kpi_engine.services.import_results import Preview
from kpi_engine.store.mappings import read_mapping, signature_of
from tests.desk import ME, NOW, Desk, fates

OCTOBER = "ds,y\n2026-10-01,1350\n"
NOVEMBER = "y,ds\n1400,2026-11-01\n"


def named(desk: Desk, text: str, **columns: str) -> Preview:
    said = Overrides(columns={name.replace("__", "."): column for name, column in columns.items()})
    return imports.preview(
        desk.ws, desk.write(text), actor=ME, now=NOW, recipe="wide", overrides=said
    )


def test_a_source_that_was_mapped_is_known_from_then_on(desk: Desk) -> None:
    with pytest.raises(UnknownHeaderError):
        desk.preview(OCTOBER)
    shown = named(desk, OCTOBER, period="ds", biz__orders="y")
    imports.commit(desk.ws, shown, actor=ME, now=NOW)
    again = desk.preview(NOVEMBER)
    assert fates(again) == {"new": 1}
    assert again.decisions[0] == "Read as tester said on 5 November 2026 (version 1)."


def test_what_is_only_looked_at_is_not_remembered(desk: Desk) -> None:
    imports.discard(desk.ws, named(desk, OCTOBER, period="ds", biz__orders="y"), actor=ME)
    with pytest.raises(UnknownHeaderError):
        desk.preview(OCTOBER)


def test_versions_count_up_only_when_something_else_is_said(desk: Desk) -> None:
    for column in ("biz__orders", "biz__orders", "base__sessions"):
        shown = named(desk, OCTOBER, period="ds", **{column: "y"})
        imports.commit(desk.ws, shown, actor=ME, now=NOW)
    with desk.ws.reading() as connection:
        found = read_mapping(connection, signature_of(["Y", " ds "]))
    assert found is not None
    assert found.version == 2
    assert found.said == {"columns": {"period": "ds", "base.sessions": "y"}}


def test_said_now_comes_before_said_then(desk: Desk) -> None:
    imports.commit(desk.ws, named(desk, OCTOBER, period="ds", biz__orders="y"), actor=ME, now=NOW)
    shown = named(desk, OCTOBER, period="ds", base__sessions="y")
    imports.commit(desk.ws, shown, actor=ME, now=NOW)
    assert desk.values("base.sessions") == {date(2026, 10, 1): 1350}


def test_a_column_is_left_out_when_somebody_says_so(desk: Desk) -> None:
    text = "date,Orders,Net revenue\n2026-10-01,10,99\n"
    shown = imports.preview(
        desk.ws,
        desk.write(text),
        actor=ME,
        now=NOW,
        overrides=Overrides(columns={"biz.revenue": ""}),
    )
    assert fates(shown) == {"new": 1}
