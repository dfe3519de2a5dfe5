"""What somebody is told of: once, as long as it is so, and not while it is put off (H2, F4)."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import yaml

from kpi_engine.actors import Actor
from kpi_engine.errors import NotAllowedError, StoreError, UnknownNameError
from kpi_engine.services import alerts, checklist, closing, undoing
from kpi_engine.services.delivery import to_file, to_people
from kpi_engine.services.doctor import examine
from kpi_engine.services.editions import read_edition, read_restated
from kpi_engine.services.estimates import estimate_all
from kpi_engine.services.redefining import bring_up_to_date
from kpi_engine.terms import AlertKind, Cause, Role
from kpi_engine.words.alerts import KIND, MOST_LINES, by_weight, digest, sentence
from kpi_engine.words.closing import why_text
from kpi_engine.workspace import SHIPPED, Workspace
from tests.services.tiny import SOMEBODY, open_workspace, shares

DEMOS = "biz.demo_ok"
TODAY, NOW = date(2026, 4, 7), datetime(2026, 4, 7, 9, 0, tzinfo=UTC)
MARCH = date(2026, 3, 1)
QUIET = {f"2025-{month:02}": (96 + month % 2, 100) for month in range(1, 13)}


@pytest.fixture
def ws(tmp_path):
    """A year of quiet, two more quiet months, and a March that is off its target."""
    found = open_workspace(
        tmp_path / "home",
        scorecard=[DEMOS],
        targets=[
            {"metric": DEMOS, "valid_from": date(2025, 1, 1), "target": 0.95, "red_line": 0.9}
        ],
    )
    months = QUIET | {"2026-01": (96, 100), "2026-02": (97, 100), "2026-03": (80, 100)}
    shares(found, DEMOS, months, at="2026-04-02 08:00")
    estimate_all(found)
    yield found
    found.close()


def kinds(found: tuple[alerts.Alert, ...]) -> list[AlertKind]:
    return [one.kind for one in found]


def read(ws, today: date = TODAY) -> alerts.Alerts:
    return alerts.read_alerts(ws, today=today)


def tell(ws, deliver=lambda _: None) -> None:
    found = read(ws)
    alerts.tell(ws, found, text=digest(found), actor=SOMEBODY, now=NOW, deliver=deliver)


def test_a_month_that_left_its_target_and_its_range_is_told_as_both(ws):
    found = read(ws)
    assert kinds(found.open) == [AlertKind.STATUS, AlertKind.SIGNAL]
    assert found.new == found.open
    said = digest(found)
    assert "◆ Off target, on target before: Sales demos" in said
    assert "worse than usual, below its usual range" in said


def test_what_was_told_is_not_new_any_more_and_what_comes_is(ws):
    tell(ws)
    found = read(ws)
    # The status is what was told; the signal goes on.
    assert (found.new, kinds(found.open)) == ((), [AlertKind.SIGNAL])
    assert "Nothing is new." in digest(found)
    assert "1 thing told before is still so." in digest(found)

    shares(ws, DEMOS, {"2026-04": (81, 100)}, at="2026-05-02 08:00")
    assert read(ws).new == ()
    shares(ws, DEMOS, {"2026-05": (97, 100)}, at="2026-06-02 08:00")
    assert kinds(read(ws).new) == [AlertKind.STATUS]


def test_a_flip_is_told_also_when_a_month_comes_in_between(ws):
    shares(ws, DEMOS, {"2026-03": (97, 100)}, at="2026-04-03 08:00")
    tell(ws)
    shares(ws, DEMOS, {"2026-03": (80, 100)}, at="2026-04-04 08:00")
    shares(ws, DEMOS, {"2026-04": (81, 100)}, at="2026-05-02 08:00")
    (flip,) = [one for one in read(ws).new if one.kind is AlertKind.STATUS]
    assert sentence(flip).startswith("◆ Off target, on target before: Sales demos")


def test_a_signal_that_goes_on_stays_the_same_one(ws):
    keys = []
    for month in ("2026-04", "2026-05"):
        shares(ws, DEMOS, {month: (80, 100)}, at="2026-06-02 08:00")
        keys += [one.key for one in read(ws).open if one.kind is AlertKind.SIGNAL]
    assert keys == ["signal:biz.demo_ok:2026-03:worse"] * 2


def test_what_comes_back_after_it_was_over_is_told_again(ws):
    tell(ws)
    batch = shares(ws, DEMOS, {"2026-03": (96, 100)}, at="2026-04-05 08:00")
    assert kinds(read(ws).open) == [AlertKind.STATUS]
    tell(ws)
    assert read(ws).open == ()
    undoing.undo(ws, batch.id, actor=SOMEBODY, now=NOW)
    assert kinds(read(ws).new) == [AlertKind.STATUS, AlertKind.SIGNAL]


def publish(ws, month: date = MARCH) -> None:
    """The month with a comment and both signatures."""
    closing.comment(
        ws,
        month,
        DEMOS,
        cause=Cause.SUPPLIER,
        text="The conference service was down.",
        action="Change it",
        owner="Ann",
        due=date(2026, 5, 1),
        actor=SOMEBODY,
        now=NOW,
    )
    for side in checklist.SIDES:
        name = checklist.owners(ws.catalogue, side)[0]
        closing.sign(ws, month, side, name=name, actor=SOMEBODY, now=NOW)
    closing.publish(ws, month, actor=SOMEBODY, now=NOW)


def restated(ws) -> list[str]:
    """What is said of figures of closed months that are others now."""
    return [sentence(one) for one in read(ws).open if one.kind is AlertKind.RESTATED]


def redeclared(ws, name: str, change: dict) -> Workspace:
    """The workspace after one of its own definition files was changed; whoever opens it closes."""
    file = ws.home / "definitions" / f"{name}.yaml"
    content = yaml.safe_load(file.read_text()) if file.exists() else {name: [{}]}
    content[name][0] |= change
    file.write_text(yaml.safe_dump(content))
    ws.close()
    found = Workspace.open(ws.home)
    bring_up_to_date(found, actor=SOMEBODY, now=datetime(2026, 4, 20, 8, 0, tzinfo=UTC))
    estimate_all(found)
    return found


def test_a_restated_closed_month_is_told(ws):
    publish(ws)
    assert restated(ws) == []
    batch = shares(ws, DEMOS, {"2026-03": (85, 100)}, at="2026-04-20 08:00")
    assert restated(ws) == [
        "Sales demos without interruption in March 2026: published as 80.0\u202f%, now "
        "85.0\u202f%; because of data (upload.csv)."
    ]
    undoing.undo(ws, batch.id, actor=SOMEBODY, now=NOW)
    assert restated(ws) == []


def test_a_target_that_was_changed_after_the_month_was_closed_is_told(ws):
    publish(ws)
    ws = redeclared(ws, "targets", {"target": 0.8, "red_line": 0.7})
    assert restated(ws) == [
        "Sales demos without interruption in March 2026: target was ≥\u202f95.0\u202f%, now "
        "≥\u202f80.0\u202f% (● On target)."
    ]
    (one,) = read_restated(ws, read_edition(ws, MARCH))
    assert (one.flips, one.is_moved, one.is_material) == (True, False, True)
    assert one.published.judgement.target == 0.95
    ws = redeclared(ws, "targets", {"target": 0.95, "red_line": 0.9})
    assert restated(ws) == []
    ws.close()


def test_a_closed_month_that_moved_with_its_definition_says_so(ws):
    publish(ws)
    shipped = next(
        one
        for one in yaml.safe_load((SHIPPED / "definitions/metrics_business.yaml").read_text())[
            "metrics"
        ]
        if one["id"] == DEMOS
    )
    ws = redeclared(ws, "metrics", shipped | {"measure": {"fold": "ratio", "scale": 0.5}})
    assert restated(ws) == [
        "Sales demos without interruption in March 2026: published as 80.0\u202f%, now "
        "40.0\u202f%; because of another definition."
    ]
    assert why_text(read_restated(ws, read_edition(ws, MARCH))[0]) == "another definition"
    assert examine(ws) == ()
    ws.close()


def test_late_data_are_told_with_how_late_they_are(ws):
    late = [one for one in read(ws, date(2026, 6, 20)).open if one.kind is AlertKind.OVERDUE]
    assert len(late) == 1
    assert "days late" in sentence(late[0])


def test_an_alert_that_is_put_off_waits_until_its_day(ws):
    key = read(ws).open[0].key
    alerts.snooze(
        ws,
        read(ws),
        key,
        until=date(2026, 5, 1),
        reason="The provider is being replaced.",
        actor=SOMEBODY,
        today=TODAY,
        now=NOW,
    )
    found = read(ws)
    assert key not in [one.key for one in found.open]
    assert [one.snooze.reason for one in found.snoozed] == ["The provider is being replaced."]
    assert key in [one.key for one in read(ws, date(2026, 5, 1)).new]
    assert examine(ws) == ()


@pytest.mark.parametrize(
    ("more", "error"),
    [
        pytest.param({"key": "status:nothing"}, UnknownNameError, id="no such alert"),
        pytest.param({"until": TODAY}, StoreError, id="a day that is over"),
        pytest.param({"reason": "later"}, StoreError, id="no reason"),
        pytest.param(
            {"actor": Actor(name="carl", roles=frozenset({Role.VIEWER}))},
            NotAllowedError,
            id="a viewer",
        ),
    ],
)
def test_nothing_is_put_off_without_a_day_and_a_reason(ws, more, error):
    asked = {
        "key": read(ws).open[0].key,
        "until": date(2026, 5, 1),
        "reason": "The provider is being replaced.",
        "actor": SOMEBODY,
        "today": TODAY,
        "now": NOW,
    } | more
    with pytest.raises(error):
        alerts.snooze(ws, read(ws), **asked)
    assert read(ws).snoozed == ()


def test_a_digest_that_could_not_be_delivered_is_told_again(ws):
    def fail(_: str) -> None:
        raise StoreError("Nobody there.")

    with pytest.raises(StoreError):
        tell(ws, fail)
    assert len(read(ws).new) == 2


def test_a_digest_has_ten_lines_at_most_and_the_bad_before_the_good(ws):
    found = read(ws)
    many = alerts.Alerts(**vars(found) | {"open": found.open * 8, "new": found.open * 8})
    lines = [line for line in digest(many).splitlines() if line.startswith("- ")]
    assert len(lines) == MOST_LINES
    assert lines[-1] == "- 7 more on the review page."
    assert set(KIND) == set(AlertKind)
    shares(ws, DEMOS, {"2026-04": (97, 100)}, at="2026-05-02 08:00")
    shares(ws, DEMOS, {"2026-05": (80, 100)}, at="2026-06-02 08:00")
    assert kinds(by_weight(read(ws).open))[0] is AlertKind.STATUS


@pytest.fixture
def endpoint() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A server that takes what is posted to it: its address, and what came."""
    came: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"json://127.0.0.1:{server.server_port}", came
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_digest_reaches_a_real_address_and_a_file(ws, endpoint, tmp_path: Path):
    address, came = endpoint

    def deliver(text: str) -> None:
        to_people([address], title="Tiny, March 2026", text=text)
        to_file(tmp_path / "outbox", text=text, now=NOW)

    tell(ws, deliver)
    ((message),) = came
    assert message["title"] == "Tiny, March 2026"
    assert "Off target" in message["message"]
    (file,) = (tmp_path / "outbox").iterdir()
    assert file.name == "digest-20260407T090000Z.md"
    assert "Off target" in file.read_text()


@pytest.mark.parametrize(
    ("address", "sentence_"),
    [
        pytest.param("nonsense", "Address 1 of 1 is none", id="no address"),
        pytest.param("json://127.0.0.1:9", "could not be delivered", id="nobody there"),
    ],
)
def test_an_address_that_does_not_take_it_is_a_sentence_without_the_address(address, sentence_):
    with pytest.raises(StoreError, match=sentence_) as refused:
        to_people([address], title="x", text="y")
    assert address not in str(refused.value)
