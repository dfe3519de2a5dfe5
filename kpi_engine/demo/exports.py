"""The demo company's world as its systems would export it: one frame a source and window."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from kpi_engine.demo.simulate import World
from kpi_engine.demo.timeline import local
from kpi_engine.demo.windows import Window, iso, iso_days, unpadded, yes_no

_PRIORITIES = ("1 - Critical", "2 - High", "3 - Moderate", "4 - Low")
_MONITOR_URLS = {
    "Online shop": "https://shop.marlow-finch.example/health",
    "Warehouse system": "https://warehouse.marlow-finch.example/health",
    "Office network": "https://office.marlow-finch.example/",
}


def tickets(world: World, window: Window) -> pd.DataFrame:
    """ServiceNow: each incident once in the first export, each of its updates in later ones."""
    rows = world.updates[window.holds(world.updates["updated_at"])]
    if window.is_history:
        rows = rows.drop_duplicates("number", keep="last").sort_values("number")
    return pd.DataFrame(
        {
            "number": rows["number"],
            "opened_at": unpadded(rows["opened_at"]),
            "u_first_response_at": unpadded(rows["first_response_at"]),
            "resolved_at": unpadded(rows["resolved_at"]),
            "closed_at": unpadded(rows["closed_at"]),
            "priority": np.asarray(_PRIORITIES)[rows["priority"] - 1],
            "state": rows["state"],
            "category": rows["category"],
            "assignment_group": rows["team"],
            "business_service": rows["service"],
            "made_sla": yes_no(rows["made_sla"], missing="?"),
            "reopen_count": rows["reopen_count"],
            "reassignment_count": rows["reassignment_count"],
            "u_affected_users": rows["affected_users"],
            "u_lost_minutes": rows["lost_minutes"],
            "sys_updated_at": unpadded(rows["updated_at"]),
        }
    )


def uptime(world: World, window: Window) -> pd.DataFrame:
    """UptimeRobot's log, newest event first; what still lasts is told up to the window's end."""
    rows = world.states
    rows = rows[(rows["started_at"] < window.end) & (rows["ended_at"] > window.start)]
    rows = rows.sort_values("started_at", ascending=False, kind="stable")
    minutes = (rows["ended_at"].clip(upper=window.end) - rows["started_at"]) / pd.Timedelta("1min")
    return pd.DataFrame(
        {
            "Event": rows["state"],
            "Monitor": rows["service"],
            "Date-Time": local(rows["started_at"]),
            "Reason": rows["reason"],
            "Duration (in mins.)": minutes.astype("int64"),
            "Monitor URL": rows["service"].map(_MONITOR_URLS),
        }
    )


def orders(world: World, window: Window) -> pd.DataFrame:
    """Invoice lines of the shop; returns are invoices of their own with negative quantities."""
    rows = world.lines[window.holds(world.lines["invoiced_at"])]
    return pd.DataFrame(
        {
            "InvoiceNo": rows["invoice"],
            "StockCode": rows["stock_code"],
            "Description": rows["description"],
            "Quantity": rows["quantity"],
            "InvoiceDate": local(rows["invoiced_at"]),
            "UnitPrice": rows["unit_price"],
            "CustomerID": rows["customer"],
            "Country": rows["country"],
        }
    )


def visits(world: World, window: Window) -> pd.DataFrame:
    """Web analytics: a column a metric, a row a day."""
    rows = _days(world, window)
    return pd.DataFrame(
        {
            "date": iso_days(rows["day"]),
            "base.sessions": rows["sessions"],
            "base.carts": rows["carts"],
        }
    )


def shop_figures(world: World, window: Window) -> pd.DataFrame:
    """The payment provider's and the shop's own report, per day.

    Checkouts completed of those attempted, failed requests, abandoned carts, and page load
    weighted by visits.
    """
    rows = _days(world, window)
    day, loads = rows["day"], rows["page_load"] * rows["sessions"]
    return pd.concat(
        [
            _shares(day, "biz.tx_success", rows["completed"], rows["attempted"]),
            _shares(day, "biz.abandon", rows["carts"] - rows["completed"], rows["carts"]),
            _shares(day, "it.error_rate", rows["failed_requests"], rows["requests"]),
            _shares(day, "it.page_load", loads, rows["sessions"]),
        ]
    )


def releases(world: World, window: Window) -> pd.DataFrame:
    """The release pipeline's runs."""
    rows = world.releases[window.holds(world.releases["finished_at"])]
    return pd.DataFrame(
        {
            "deployment_id": rows["deployment_id"],
            "service": rows["service"],
            "environment": rows["environment"],
            "started_at": iso(rows["started_at"]),
            "finished_at": iso(rows["finished_at"]),
            "status": rows["status"],
            "commit_sha": rows["commit_sha"],
            "commit_at": iso(rows["commit_at"]),
            "caused_incident": yes_no(rows["caused_incident"]),
            "restored_at": iso(rows["restored_at"]),
        }
    )


def answers(world: World, window: Window) -> pd.DataFrame:
    """Survey answers, one row each."""
    rows = world.answers[window.holds(world.answers["answered_at"])]
    return rows.assign(answered_at=iso(rows["answered_at"]))


def milestones(world: World, window: Window, *, corrected: bool = False) -> pd.DataFrame:
    """Milestones due or delivered in the window, as they stood at its end.

    Args:
        world: As simulated.
        window: The months covered.
        corrected: With the true approval days also where they were first recorded too late.
    """
    rows = world.milestones
    rows = rows[window.holds(rows["due_at"]) | window.holds(rows["delivered_at"])]
    newest = window.last == window.timeline.last_month
    approved = rows["approved_at" if corrected or newest else "recorded_approved_at"]
    delivered = rows["delivered_at"].where(rows["delivered_at"] < window.end)
    return pd.DataFrame(
        {
            "item_id": rows["item_id"],
            "team": rows["team"],
            "approved_at": iso_days(local(approved)),
            "due_at": iso_days(local(rows["due_at"])),
            "delivered_at": iso_days(local(delivered)),
            "on_time": yes_no(rows["on_time"]),
        }
    )


def traffic(world: World, window: Window) -> pd.DataFrame:
    """The network monitor's hourly samples."""
    rows = world.traffic[window.holds(world.traffic["sampled_at"])]
    return rows.assign(sampled_at=iso(rows["sampled_at"]))


def monthly_figures(world: World, window: Window) -> pd.DataFrame:
    """Costs, staff, licences, demos: plain numbers, and shares with their parts, in one table."""
    rows = pd.concat([world.values, world.shares])
    rows = rows[rows["month"].between(window.first, window.last)]
    rows = rows.sort_values("month", kind="stable")
    return pd.DataFrame(
        {
            "period": rows["month"].map("{:%Y-%m}".format),
            "metric": rows["metric"],
            "segment": None,
            "value": rows["value"],
            "numerator": rows["numerator"].astype("Int64"),
            "denominator": rows["denominator"].astype("Int64"),
        }
    )


SOURCES: Mapping[str, Callable[[World, Window], pd.DataFrame]] = {
    "servicenow-incidents": tickets,
    "uptimerobot-log": uptime,
    "shop-invoice-lines": orders,
    "shop-daily-figures": shop_figures,
    "web-analytics": visits,
    "releases": releases,
    "surveys": answers,
    "milestones": milestones,
    "network-samples": traffic,
    "monthly-figures": monthly_figures,
}
"""File name stem of each source, in the order in which they are imported."""


def _days(world: World, window: Window) -> pd.DataFrame:
    daily = world.shop.daily
    return daily[window.holds_days(daily["day"])]


def _shares(
    days: pd.Series, metric: str, numerators: pd.Series, denominators: pd.Series
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "period": iso_days(days),
            "metric": metric,
            "segment": None,
            "numerator": numerators,
            "denominator": denominators,
        }
    )
