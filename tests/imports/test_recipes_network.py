"""Traffic of lines as monitoring tools export it, against shares worked out by hand."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from kpi_engine.store.numerals import Numerals
from kpi_engine.store.speeds import read_speed
from tests.desk import Desk, adds_up, fates

EXPORTS = Path(__file__).parent / "exports"
OCTOBER = date(2026, 10, 1)


def know(desk: Desk, capacity_mbps: Mapping[str, float]) -> None:
    """Let the organisation say how much its lines can carry."""
    said = {"known": {"capacity_mbps": dict(capacity_mbps)}}
    organisation = desk.ws.catalogue.organisation.model_copy(update=said)
    desk.ws.catalogue = replace(desk.ws.catalogue, organisation=organisation)


def dropped(desk: Desk, export: str, name: str) -> Path:
    """An export under the name that its owner gave it."""
    return Path(shutil.copy(EXPORTS / export, desk.folder / name))


def kept(desk: Desk) -> list[tuple[str, str, float]]:
    """Link, time and share of every sample in the store."""
    text = "SELECT link, sampled_at::VARCHAR, round(used_share, 6) FROM event_traffic_sample"
    with desk.ws.reading() as connection:
        return sorted(tuple(row) for row in connection.execute(sa.text(text)))


def test_prtg_rows_are_spans_whose_end_counts_and_the_busier_direction_is_the_load(
    desk: Desk,
) -> None:
    know(desk, {"Head office": 100})
    path = dropped(desk, "prtg_head_office.csv", "Head office_2026-10.csv")
    preview = desk.open(path)
    assert preview.recipe == "prtg_traffic"
    assert fates(preview) == {"new": 5, "rejected": 3}
    assert adds_up(preview)
    assert [f.place for f in preview.findings if f.line] == ["Coverage", "Date Time", "Date Time"]
    desk.save_file(path)
    assert kept(desk) == [
        ("Head office", "2026-10-30 08:59:59", 0.2),
        ("Head office", "2026-10-30 09:59:59", 0.48),
        ("Head office", "2026-10-30 10:59:59", 0.61),
        ("Head office", "2026-10-31 22:59:59", 0.01234),
        ("Head office", "2026-10-31 23:59:59", 0.3),
    ]
    by_hand = np.quantile([0.2, 0.48, 0.61, 0.01234, 0.3], 0.95)
    assert desk.values("it.bandwidth_p95") == {OCTOBER: pytest.approx(by_hand)}


def test_prtg_columns_are_known_in_any_case_of_letters(desk: Desk) -> None:
    know(desk, {"file": 100})
    text = (EXPORTS / "prtg_head_office.csv").read_text()
    head, _, body = text.partition("\n")
    preview = desk.preview(f"{head.replace('speed', 'Speed').replace('RAW', 'raw')}\n{body}")
    assert (preview.recipe, fates(preview)) == ("prtg_traffic", {"new": 5, "rejected": 3})


def test_speeds_alone_are_not_taken_for_shares(desk: Desk) -> None:
    preview = desk.open(EXPORTS / "prtg_head_office.csv")
    assert fates(preview) == {"rejected": 8}
    reasons = dict(preview.finding_counts)
    assert reasons["Traffic In (speed): Nobody has said how much this line can carry."] == 5


def test_zabbix_items_are_lines_and_items_without_a_capacity_are_listed(desk: Desk) -> None:
    know(desk, {"edge01: wan0: Bits received": 100, "edge01: wan0: Bits sent": 20})
    preview = desk.open(EXPORTS / "zabbix_trends.ndjson")
    assert preview.recipe == "zabbix_traffic"
    assert fates(preview) == {"new": 5, "rejected": 1}
    assert adds_up(preview)
    assert [(f.place, f.value) for f in preview.findings if f.line] == [("name", "CPU utilization")]
    desk.save_file(EXPORTS / "zabbix_trends.ndjson")
    received = desk.values("it.bandwidth_p95", link="edge01: wan0: Bits received")
    assert received == {OCTOBER: pytest.approx(np.quantile([0.1, 0.455, 0.9], 0.95))}
    sent = desk.values("it.bandwidth_p95", link="edge01: wan0: Bits sent")
    assert sent == {OCTOBER: pytest.approx(np.quantile([0.2, 0.3], 0.95))}


def test_an_interface_report_says_itself_what_a_line_can_carry(desk: Desk) -> None:
    preview = desk.open(EXPORTS / "interface_traffic.csv")
    assert preview.recipe == "interface_traffic"
    assert fates(preview) == {"new": 4, "rejected": 1}
    assert adds_up(preview)
    assert "The column names are on line 3" in " ".join(preview.decisions)
    desk.save_file(EXPORTS / "interface_traffic.csv")
    assert kept(desk) == [
        ("edge01: wan0", "2026-10-12 08:00:00", 0.452),
        ("edge01: wan0", "2026-10-12 09:00:00", 0.625),
        ("edge01: wan0", "2026-10-12 10:00:00", 0.0095),
        ("edge02: wan0", "2026-10-12 08:00:00", 0.6),
    ]


def test_an_interface_report_without_capacities_takes_them_from_the_organisation(
    desk: Desk,
) -> None:
    know(desk, {"edge01: wan0": 50})
    desk.save(
        "Node,Interface,Date Time,Average Receive bps,Average Transmit bps\n"
        "edge01,wan0,2026-10-12 08:00,25 Mbps,1 Mbps\n"
    )
    assert [share for _, _, share in kept(desk)] == [0.5]


@pytest.mark.parametrize(
    ("cell", "mbps"),
    [
        ("12 Mbit/s", 12),
        ("1,234 kbit/s", 1.234),
        ("0.5 Gbps", 500),
        ("2 MByte/s", 16),
        ("2 MB/s", 16),
        ("3 Mb/s", 3),
        ("980000", 0.98),
        ("< 0.01 Mbit/s", 0.01),
        ("5 furlongs", None),
        ("", None),
    ],
)
def test_each_speed_is_read_in_its_own_unit(cell: str, mbps: float | None) -> None:
    speed = read_speed(sa.cast(sa.literal(cell), sa.String), Numerals(group=","))
    with sa.create_engine("duckdb:///:memory:").connect() as connection:
        found = connection.execute(sa.select(speed)).scalar()
    assert found == (None if mbps is None else pytest.approx(mbps))
