"""Exports of real systems against numbers that pandas works out on its own."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from kpi_engine.terms import Grain
from tests.desk import Desk, adds_up, fates

PUBLIC = Path(__file__).parents[3] / "shared" / "data" / "public"
OWN = Path(__file__).parent / "exports"


def files(pattern: str, own: str) -> list[object]:
    """Our own small export of the same format, and the real slice where it lies beside us."""
    real = sorted(PUBLIC.glob(pattern))
    return [pytest.param(path, id=path.name) for path in (OWN / own, *real)]


def by_period(frame: pd.DataFrame, at: str, grain: Grain) -> pd.Series:
    code = {Grain.MONTH: "M", Grain.WEEK: "W-SUN"}[grain]
    return frame[at].dt.to_period(code).dt.start_time.dt.date


def tickets(path: Path) -> pd.DataFrame:
    """The last row of each incident, times parsed."""
    frame = pd.read_csv(path, na_values="?", dtype={"caused_by": str})
    frame = frame.drop_duplicates("number", keep="last").copy()
    for name in ("opened_at", "resolved_at", "closed_at"):
        frame[name] = pd.to_datetime(frame[name], format="%d/%m/%Y %H:%M")
    return frame


@pytest.mark.parametrize("path", files("itsm/servicenow*.csv.gz", "servicenow.csv"))
def test_update_rows_become_incidents(desk: Desk, path: Path) -> None:
    preview = desk.open(path)
    incidents = tickets(path)
    rows = len(pd.read_csv(path, dtype=str))
    assert preview.recipe == "servicenow_incidents"
    assert fates(preview) == {"new": len(incidents), "duplicate": rows - len(incidents)}
    assert adds_up(preview)
    if path.parent.name == "itsm":
        assert (preview.rows_read, len(incidents)) == (28_071, 3_931)


@pytest.mark.parametrize("grain", [Grain.MONTH, Grain.WEEK])
@pytest.mark.parametrize("path", files("itsm/servicenow*.csv.gz", "servicenow.csv"))
def test_ticket_measures_equal_pandas(desk: Desk, path: Path, grain: Grain) -> None:
    desk.save_file(path)
    every = tickets(path)
    resolved = every.dropna(subset=["resolved_at"])
    hours = (resolved["resolved_at"] - resolved["opened_at"]).dt.total_seconds() / 3600
    when = by_period(resolved, "resolved_at", grain)
    closed = by_period(every, "closed_at", grain)
    expected = {
        "it.mttr": hours.groupby(when).median(),
        "it.reopen_rate": (resolved["reopen_count"] > 0).groupby(when).mean(),
        "it.sla": every["made_sla"].astype(float).groupby(closed).mean(),
        "it.tickets_closed": every["number"].groupby(closed).size(),
    }
    for metric, series in expected.items():
        ours = desk.values(metric, grain=grain)
        assert list(ours) == list(series.index), metric
        assert list(ours.values()) == pytest.approx(list(series), rel=1e-12), metric


@pytest.mark.parametrize("path", files("itsm/servicenow*.csv.gz", "servicenow.csv"))
def test_backlog_counts_what_is_open_for_more_than_thirty_days(desk: Desk, path: Path) -> None:
    desk.save_file(path)
    every = tickets(path)
    for month, count in desk.values("it.backlog_aged").items():
        horizon = every[["opened_at", "resolved_at", "closed_at"]].max().max().normalize()
        end = min(pd.Timestamp(month) + pd.offsets.MonthEnd(0), horizon)
        opened = every["opened_at"].dt.normalize()
        gone = every["resolved_at"].fillna(every["closed_at"]).dt.normalize()
        still_open = gone.isna() | (gone > end)
        assert count == (((end - opened).dt.days > 30) & still_open).sum(), month


@pytest.mark.parametrize("path", files("orders/uci_online*.csv.gz", "invoices.csv"))
def test_invoices_returns_and_revenue_equal_pandas(desk: Desk, path: Path) -> None:
    desk.save_file(path)
    lines = pd.read_csv(path, dtype={"InvoiceNo": str})
    lines["at"] = pd.to_datetime(lines["InvoiceDate"])
    lines["amount"] = lines["Quantity"] * lines["UnitPrice"]
    invoices = lines.groupby("InvoiceNo").agg(at=("at", "min"), amount=("amount", "sum"))
    when = by_period(invoices, "at", Grain.MONTH)
    is_return = invoices.index.str.startswith("C")
    orders = pd.Series(~is_return, index=invoices.index).groupby(when).sum()
    revenue = invoices["amount"].groupby(when).sum()
    assert desk.values("biz.orders") == orders.to_dict()
    assert desk.values("biz.revenue") == pytest.approx(revenue.to_dict(), rel=1e-12)
    assert desk.values("biz.aov") == pytest.approx((revenue / orders).to_dict(), rel=1e-12)
    assert returns(desk) == is_return.sum()


def returns(desk: Desk) -> int:
    """How many events of the store are returns."""
    with desk.ws.reading() as connection:
        text = "SELECT count(*) FROM event_transaction WHERE is_return"
        return int(connection.exec_driver_sql(text).scalar_one())


@pytest.mark.parametrize("path", files("orders/uci_online*.csv.gz", "invoices.csv"))
def test_the_same_file_twice_changes_nothing_and_says_so(desk: Desk, path: Path) -> None:
    first = desk.save_file(path)
    assert first is not None
    again = desk.open(path)
    assert set(fates(again)) == {"identical"}
    assert again.changes_nothing
    assert again.same_file_batch == first.id
    assert again.impacts == ()


def minutes_by_service(path: Path) -> pd.DataFrame:
    """Minutes watched and down per service and month, minute by second, with plain loops."""
    checks = pd.read_csv(path)
    checks["at"] = pd.to_datetime(checks["checked_at_utc"]).dt.tz_localize(None)
    rows = []
    for service, of_service in checks.groupby("service"):
        ordered = of_service.sort_values("at")
        spans = zip(ordered["at"], ordered["at"].shift(-1), ordered["status"], strict=True)
        for start, following, status in spans:
            if pd.isna(following):
                continue
            end = min(following, start + pd.Timedelta(hours=24))
            while start < end:
                edge = (start + pd.offsets.MonthBegin(1)).normalize()
                stop = min(end, edge)
                minutes = (stop - start).total_seconds() / 60
                month = date(start.year, start.month, 1)
                rows.append((service, month, minutes, minutes * (status != "up")))
                start = stop
    frame = pd.DataFrame(rows, columns=["service", "month", "watched", "down"])
    return frame.groupby(["service", "month"])[["watched", "down"]].sum()


@pytest.mark.parametrize("path", files("uptime/upptime_koj_checks*.csv.gz", "checks.csv"))
def test_availability_per_service_equals_a_plain_walk(desk: Desk, path: Path) -> None:
    desk.save_file(path)
    expected = minutes_by_service(path)
    for service in expected.index.get_level_values("service").unique():
        of_service = expected.loc[service]
        down = desk.values("it.downtime", service=service)
        share = desk.values("it.availability", service=service)
        assert down == pytest.approx(of_service["down"].to_dict(), abs=1e-6), service
        up = 1 - of_service["down"] / of_service["watched"]
        assert share == pytest.approx(up.to_dict(), abs=1e-9), service
