"""Links changed, added and retired: what is written, what is refused, what counts from then on."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml

from kpi_engine.actors import Actor
from kpi_engine.catalogue.load import BrokenCatalogueError, load_catalogue
from kpi_engine.errors import DefinitionError, EditConflictError, NotAllowedError
from kpi_engine.services import link_edits
from kpi_engine.services.definition_edits import entry_of
from kpi_engine.services.definition_history import links_changed_after, read_changes
from kpi_engine.services.estimates import missing_estimates
from kpi_engine.services.link_edits import edit_of, read_draft, retirement_of
from kpi_engine.services.map import read_map
from kpi_engine.services.redefining import read_redefined
from kpi_engine.store import tables
from kpi_engine.store.audit import broken_line
from kpi_engine.terms import EvidenceGrade, Role
from kpi_engine.words.definitions import changed_links
from kpi_engine.workspace import SHIPPED, Workspace
from tests.services.tiny import SOMEBODY, open_workspace, values

TODAY = date(2026, 11, 29)
NOW = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
WHY = "The workshop of November found another mechanism."
ORDERS = {"numerator": "biz.orders", "denominator": "biz.orders"}
OWN = """\
# Ours. Ask Ann before you touch a lag.
links:
  # Stands for the shipped one of the same id.
  - id: page_load_to_conversion
    driver: it.page_load
    outcome: biz.conversion
    kind: influence
    mechanism: Slow pages make shoppers give up.   # seen in interviews
    sign: -1
    lag_days: [0, 7]
    grade: D
    reachable_grade: C
    grade_reason: Studies found it elsewhere.
    review_by: 2027-06-30
    prior: {low: -0.0012, high: -0.0001, agreed_on: 2026-01-15, source: workshop}
"""


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    made = open_workspace(tmp_path / "home", scorecard=["biz.conversion"])
    (made.home / "definitions" / "links.yaml").write_text(OWN)
    made.take_up()
    yield made
    made.close()


def own_file(ws: Workspace) -> str:
    return (ws.home / "definitions" / "links.yaml").read_text()


def change(
    ws: Workspace, link: str | None, why: str = WHY, at: datetime = NOW, **said: object
) -> None:
    edit = edit_of(ws, read_draft(ws, link, today=TODAY), said, today=TODAY)
    link_edits.save(ws, edit, reason=why, actor=SOMEBODY, now=at)


def rows(ws: Workspace, table: sa.Table) -> list[sa.Row]:
    with ws.reading() as connection:
        return list(connection.execute(sa.select(table)))


def test_a_changed_link_counts_at_once_and_its_file_keeps_every_comment(ws: Workspace) -> None:
    before = ws.catalogue.fingerprint
    change(ws, "page_load_to_conversion", lag_days=[0, 14])
    assert ws.catalogue.links["page_load_to_conversion"].lag_days == (0, 14)
    assert own_file(ws) == OWN.replace("[0, 7]", "[0, 14]")
    assert ws.catalogue.fingerprint != before
    again = load_catalogue(
        SHIPPED / "definitions", ws.home / "definitions", recipes=SHIPPED / "recipes"
    )
    assert again.links == ws.catalogue.links, "what a start would read"


def test_every_version_is_kept_with_who_when_and_why(ws: Workspace) -> None:
    later = NOW + timedelta(hours=1)
    change(ws, "page_load_to_conversion", lag_days=[0, 14])
    change(ws, "page_load_to_conversion", "It was too long after all.", later, lag_days=[0, 10])
    kept = [one for one in rows(ws, tables.definition) if one.id == "page_load_to_conversion"]
    assert ["- 14" in one.text for one in kept] == [True, False]
    lines = rows(ws, tables.audit)
    assert [line.detail for line in lines] == [
        f"page_load_to_conversion (lag_days): {WHY}",
        "page_load_to_conversion (lag_days): It was too long after all.",
    ]
    assert {(line.actor, line.action) for line in lines} == {("tests", "link")}
    assert [line.happened_at for line in lines] == [one.valid_from for one in kept]
    with ws.reading() as connection:
        assert broken_line(connection) is None


def test_changing_a_shipped_link_puts_all_of_it_into_the_own_file(ws: Workspace) -> None:
    shipped = ws.catalogue.links["error_rate_to_tx_success"]
    change(ws, "error_rate_to_tx_success", mechanism="A failed request ends the checkout.")
    assert own_file(ws).startswith(OWN)
    now = ws.catalogue.links["error_rate_to_tx_success"]
    assert now == shipped.model_copy(update={"mechanism": "A failed request ends the checkout."})


def test_a_new_link_gets_a_name_of_its_own_and_stands_on_the_map(ws: Workspace) -> None:
    values(ws, "biz.conversion", {"2026-10": 0.03})
    said = {
        "driver": "it.mttr",
        "outcome": "biz.conversion",
        "mechanism": "While it is broken, nobody can order.",
        "sign": -1,
        "grade_reason": "Judged by both owners.",
        "agreed_by": {"business": "Head of sales", "it": "Head of shop"},
        "prior": {"low": -0.002, "high": -0.001, "source": "workshop of November"},
    }
    change(ws, None, **said)
    link = ws.catalogue.links["mttr_to_conversion"]
    assert link.grade is EvidenceGrade.E
    assert link.prior is not None
    assert link.prior.agreed_on == TODAY, "nobody can have agreed it earlier"
    assert link.agreed_by is not None
    assert "mttr_to_conversion" in {one.link.id for one in read_map(ws).links}
    assert "biz.conversion" in missing_estimates(ws), "worked out again in the background"
    change(ws, None, **said)
    assert "mttr_to_conversion_2" in ws.catalogue.links


def test_a_retired_link_is_gone_from_the_map_stays_on_file_and_can_come_back(
    ws: Workspace,
) -> None:
    draft = read_draft(ws, "page_load_to_conversion", today=TODAY)
    edit = retirement_of(draft, because=WHY, today=TODAY)
    link_edits.save(ws, edit, reason=WHY, actor=SOMEBODY, now=NOW)
    assert "page_load_to_conversion" not in ws.catalogue.links
    assert not ws.catalogue.links_to("biz.conversion")
    assert own_file(ws).startswith(OWN)
    assert f"retired: {{since: 2026-11-29, because: {WHY}}}" in own_file(ws)
    retired = read_draft(ws, "page_load_to_conversion", today=TODAY)
    assert retired.is_retired
    link_edits.save(ws, edit_of(ws, retired, {}, today=TODAY), reason=WHY, actor=SOMEBODY, now=NOW)
    assert own_file(ws) == OWN
    assert "page_load_to_conversion" in ws.catalogue.links


def test_whoever_comes_second_is_told_and_nothing_of_his_is_written(ws: Workspace) -> None:
    first, second = (read_draft(ws, "page_load_to_conversion", today=TODAY) for _ in "ab")
    ours = edit_of(ws, first, {"lag_days": [0, 14]}, today=TODAY)
    link_edits.save(ws, ours, reason=WHY, actor=SOMEBODY, now=NOW)
    written = own_file(ws)
    theirs = edit_of(ws, second, {"sign": 1}, today=TODAY)
    with pytest.raises(EditConflictError, match="changed the link 'page_load_to_conversion'"):
        link_edits.save(ws, theirs, reason=WHY, actor=SOMEBODY, now=NOW)
    assert own_file(ws) == written


def test_a_change_by_hand_since_then_counts_as_somebody_else(ws: Workspace) -> None:
    draft = read_draft(ws, "page_load_to_conversion", today=TODAY)
    by_hand = OWN.replace("grade: D", "grade: E")
    (ws.home / "definitions" / "links.yaml").write_text(by_hand)
    edit = edit_of(ws, draft, {"lag_days": [0, 14]}, today=TODAY)
    with pytest.raises(EditConflictError):
        link_edits.preview(ws, edit)
    other = edit_of(
        ws, read_draft(ws, "cfr_to_tx_success", today=TODAY), {"lag_days": [0, 2]}, today=TODAY
    )
    link_edits.save(ws, other, reason=WHY, actor=SOMEBODY, now=NOW)
    assert own_file(ws).startswith(by_hand), "what was written by hand stays"
    assert ws.catalogue.links["page_load_to_conversion"].grade is EvidenceGrade.E


def test_numbers_follow_what_was_changed_by_hand_before_an_edit_counts(ws: Workspace) -> None:
    """Else the edit would pass for the hand's change, and old numbers would stay for good."""
    values(ws, "biz.orders", {"2026-10": 5})
    tick = ws.newest()
    metric = {**entry_of(ws, "metric", "biz.conversion"), "measure": {"fold": "ratio", **ORDERS}}
    own = ws.home / "definitions" / "metrics.yaml"
    own.write_text(yaml.safe_dump({"metrics": [metric]}))
    change(ws, "page_load_to_conversion", at=NOW + timedelta(days=1), lag_days=[0, 14])
    assert ws.catalogue.metric("biz.conversion").measure.denominator == "biz.orders"
    assert read_redefined(ws).metrics == ()
    assert ws.newest() == tick + 1, "counted again, as a batch of its own"


@pytest.mark.parametrize(
    ("said", "field", "sentence"),
    [
        pytest.param({"mechanism": "Slow."}, "mechanism", "15", id="too short"),
        pytest.param({"lag_days": [9, 2]}, "", "shortest and a longest", id="lags"),
        pytest.param(
            {"prior": {"low": 0.001, "high": 0.002, "source": "workshop"}},
            "prior",
            "other side of zero",
            id="a range against its direction",
        ),
        pytest.param(
            {"money": {"assumptions": ["margin"]}}, "money", "no assumption called", id="unknown"
        ),
        pytest.param({"driver": "base.headcount"}, "driver", "is a count", id="no driver"),
        pytest.param({"review_by": "soon"}, "review_by", "a date such as", id="no day"),
        pytest.param({"agreed_by": {"it": "Ann"}}, "agreed_by", "Missing", id="one side only"),
    ],
)
def test_mistakes_are_sentences_at_their_field_and_nothing_is_written(
    ws: Workspace, said: dict[str, object], field: str, sentence: str
) -> None:
    draft = read_draft(ws, "page_load_to_conversion", today=TODAY)
    edit = edit_of(ws, draft, said, today=TODAY)
    shown = link_edits.preview(ws, edit)
    assert shown.mistakes
    assert any(sentence in one.sentence for one in shown.by_field()[field])
    with pytest.raises(BrokenCatalogueError):
        link_edits.save(ws, edit, reason=WHY, actor=SOMEBODY, now=NOW)
    assert own_file(ws) == OWN
    assert not rows(ws, tables.audit)


def test_a_range_changed_after_the_data_were_seen_says_so(sample: Workspace) -> None:
    draft = read_draft(sample, "page_load_to_conversion", today=TODAY)
    prior = {"low": -0.002, "high": -0.0001, "source": "second workshop"}
    edit = edit_of(sample, draft, {"prior": prior}, today=TODAY)
    assert edit.content["prior"]["agreed_on"] == TODAY
    (doubt,) = link_edits.preview(sample, edit).by_field()["prior"]
    assert "was not agreed before anybody looked" in doubt.sentence
    same = edit_of(sample, draft, {"mechanism": "Slow pages make buyers leave."}, today=TODAY)
    assert same.content["prior"]["agreed_on"] == "2026-01-15", "an old range keeps its day"


def test_without_reason_role_or_change_nothing_is_saved(ws: Workspace) -> None:
    with pytest.raises(DefinitionError, match="reason is missing"):
        change(ws, "page_load_to_conversion", why="because", lag_days=[0, 14])
    with pytest.raises(DefinitionError, match="Nothing was changed"):
        change(ws, "page_load_to_conversion", lag_days=[0, 7])
    edit = edit_of(
        ws, read_draft(ws, "page_load_to_conversion", today=TODAY), {"sign": 1}, today=TODAY
    )
    reader = Actor(name="ann", roles=frozenset({Role.VIEWER, Role.ANALYST}))
    with pytest.raises(NotAllowedError, match="ann may not change definitions"):
        link_edits.save(ws, edit, reason=WHY, actor=reader, now=NOW)
    assert own_file(ws) == OWN


def test_a_link_that_moves_nothing_is_contradicted_by_that(ws: Workspace) -> None:
    change(ws, "page_load_to_conversion", sign=0, prior=None)
    assert ws.catalogue.links["page_load_to_conversion"].grade is EvidenceGrade.CONTRADICTED


def test_an_interrupted_write_leaves_the_old_file(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        change(ws, "page_load_to_conversion", lag_days=[0, 14])
    monkeypatch.undo()
    assert own_file(ws) == OWN
    assert not rows(ws, tables.audit), "neither is half of it"
    assert ws.catalogue.links["page_load_to_conversion"].lag_days == (0, 7)


def test_months_that_ended_before_a_link_was_changed_say_so(ws: Workspace) -> None:
    change(ws, "page_load_to_conversion", at=NOW - timedelta(days=9), lag_days=[0, 10])
    change(ws, "page_load_to_conversion", lag_days=[0, 14])
    changes, ends = read_changes(ws), (date(2026, 10, 31), date(2026, 11, 28), date(2026, 11, 29))
    told = [links_changed_after(ws.catalogue, "biz.conversion", end, changes) for end in ends]
    assert [[one.id for one in found] for found in told] == [["page_load_to_conversion"]] * 2 + [[]]
    claim, which = changed_links(told[0], ws.catalogue, date(2026, 10, 1))
    assert claim == "What we assume of its links was changed after October 2026 ended."
    assert which.startswith("Page load time → Visits that end in an order (29 Nov 2026). ")
    assert links_changed_after(ws.catalogue, "biz.nps", ends[0], changes) == ()
