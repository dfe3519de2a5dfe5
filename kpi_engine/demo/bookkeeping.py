"""What the simulator knows for sure: the planted truths and the books of every month."""

from datetime import date

import numpy as np
import pandas as pd

from kpi_engine.demo import estate, monthly, service_desk, shop
from kpi_engine.demo.simulate import World, per_month
from kpi_engine.demo.timeline import local
from kpi_engine.demo.truths import (
    CoincidenceTruth,
    CounterTruth,
    EffectTruth,
    LateTruth,
    MonthBook,
    OutageTruth,
    ReleaseTruth,
    RestatementTruth,
    Truths,
    WatermelonTruth,
)
from kpi_engine.periods import add_months, last_day


def truths_of(world: World, *, corrected_file: str) -> Truths:
    """Everything planted in a simulated world.

    Args:
        world: As simulated.
        corrected_file: Name of the file that brings the corrected month.
    """
    timeline = world.timeline
    return Truths(
        seed=world.seed,
        last_month=timeline.last_month.isoformat(),
        outage=_outage(world),
        failed_release=_failed_release(world),
        watermelon=WatermelonTruth(
            outcome="biz.demo_ok",
            drivers=("it.availability", "it.bandwidth_p95"),
            driver_segments={"it.availability": {"service": estate.OFFICE}},
            months=tuple(timeline.month_of(back).isoformat() for back in (3, 2, 1, 0)),
        ),
        counter=CounterTruth(
            improving="it.fcr",
            worsening="it.reopen_rate",
            since=timeline.month_of(3).isoformat(),
            share_before=service_desk.REOPEN_SHARES[0],
            share_after=service_desk.REOPEN_SHARES[1],
        ),
        restatement=_restatement(world, corrected_file),
        late=LateTruth(
            source="Network monitoring",
            metrics=("it.bandwidth_p95",),
            data_through=last_day(timeline.month_of(1)).isoformat(),
        ),
        peak_months=(11, 12),
        black_fridays=tuple(
            friday.date().isoformat() for friday in shop.black_fridays(timeline.days)
        ),
        effects=_effects(world),
        coincidence=CoincidenceTruth(
            one="it.poor_calls",
            other="biz.churn",
            sentence="Both peak each January; neither has anything to do with the other.",
        ),
        books=_books(world),
    )


def _outage(world: World) -> OutageTruth:
    started, ended = world.timeline.outage
    down = estate.down_spans(world.states, estate.SHOP)
    position = int(np.flatnonzero(down["started_at"] == started)[0])
    stopped = world.shop.stopped
    mine = stopped[stopped["outage"] == position]
    recovered = int(mine["recovered"].sum())
    return OutageTruth(
        service=estate.SHOP,
        started_at=started.isoformat(),
        ended_at=ended.isoformat(),
        minutes=int((ended - started) / pd.Timedelta(minutes=1)),
        demand=len(mine),
        expected_demand=round(float(world.shop.expected_stopped[position]), 2),
        recovered=recovered,
        lost=len(mine) - recovered,
        recovered_share=shop.RECOVERED_SHARE,
    )


def _failed_release(world: World) -> ReleaseTruth:
    worst = world.releases.loc[world.releases["error_share"].idxmax()]
    share = float(worst["error_share"])
    return ReleaseTruth(
        deployment_id=str(worst["deployment_id"]),
        finished_at=worst["finished_at"].isoformat(),
        error_share=share,
        success_lost=-shop.ERROR_EFFECT * share,
    )


def _restatement(world: World, corrected_file: str) -> RestatementTruth:
    month = world.timeline.month_of(1)
    items = world.milestones
    mine = items[months_of(items["delivered_at"]) == month]
    return RestatementTruth(
        metric="biz.ttm",
        month=month.isoformat(),
        before=_median_days(mine["recorded_approved_at"], mine["delivered_at"]),
        after=_median_days(mine["approved_at"], mine["delivered_at"]),
        rows=int((mine["recorded_approved_at"] != mine["approved_at"]).sum()),
        file_name=corrected_file,
    )


def months_of(instants: pd.Series) -> pd.Series:
    """The local month of each instant (UTC), as dates."""
    return local(instants).map(lambda moment: date(moment.year, moment.month, 1))


def _median_days(start: pd.Series, end: pd.Series) -> float:
    return float(((end - start) / pd.Timedelta(days=1)).median())


def _effects(world: World) -> tuple[EffectTruth, ...]:
    return (
        EffectTruth(
            driver="it.reopen_rate",
            outcome="biz.lost_hours",
            effect=round(_cost_of_returning(world) / 100, 4),
            per="percentage point, in hours per employee and month",
            lag_days=0,
            sentence="A problem that comes back keeps people from working six times as long.",
        ),
        EffectTruth(
            driver="it.page_load",
            outcome="biz.conversion",
            effect=shop.PAGE_LOAD_EFFECT,
            per="second, on the logarithm of checkouts per visit",
            lag_days=0,
            sentence="A page one second slower leaves 18 % fewer checkouts on the same day.",
        ),
        EffectTruth(
            driver="it.error_rate",
            outcome="biz.tx_success",
            effect=shop.ERROR_EFFECT,
            per="percentage point",
            lag_days=0,
            sentence="One more request in a hundred failing stops three checkouts in a hundred.",
        ),
        EffectTruth(
            driver="it.critical_incidents",
            outcome="biz.op_delay",
            effect=monthly.HOURS_LOST_TO_CRITICAL,
            per="incident of the month, in hours",
            lag_days=0,
            sentence="Each critical incident delays operations by 25 minutes.",
        ),
    )


def _cost_of_returning(world: World) -> float:
    """Hours an employee would lose more in a month if every problem came back, not none."""
    tickets = world.tickets
    once = tickets[tickets["reopen_count"] == 0]
    hours = float((once["lost_minutes"] * once["affected_users"]).mean()) / 60
    a_month = len(tickets) / len(world.timeline.months)
    staff = float(world.values.loc[world.values["metric"] == "base.headcount", "value"].mean())
    return (service_desk.RETURN_COST - 1) * hours * a_month / staff


def _books(world: World) -> tuple[MonthBook, ...]:
    timeline = world.timeline
    daily = world.shop.daily.groupby(timeline.month_of_day)[["sessions", "attempted", "completed"]]
    visits = daily.sum()
    lines = world.lines
    month = timeline.month_of_day[timeline.day_positions(pd.DatetimeIndex(lines["invoiced_at"]))]
    revenue = (lines["quantity"] * lines["unit_price"]).groupby(month).sum()
    returned = lines[lines["quantity"] < 0].drop_duplicates("invoice")["invoiced_at"]
    production = world.releases[world.releases["environment"] == "production"]
    failed = production[production["caused_incident"]]
    counts = {
        "returns": per_month(timeline, returned),
        "tickets_opened": per_month(timeline, world.tickets["opened_at"]),
        "releases": per_month(timeline, production["finished_at"]),
        "failed_releases": per_month(timeline, failed["finished_at"]),
    }
    return tuple(
        MonthBook(
            month=first.isoformat(),
            sessions=int(visits["sessions"].iloc[position]),
            attempted=int(visits["attempted"].iloc[position]),
            orders=int(visits["completed"].iloc[position]),
            net_revenue=round(float(revenue.loc[position]), 2),
            shop_down_minutes=_down_minutes(world, first),
            **{name: int(series[position]) for name, series in counts.items()},
        )
        for position, first in enumerate(timeline.months)
    )


def _down_minutes(world: World, month: date) -> int:
    first = world.timeline.midnight(month)
    end = world.timeline.midnight(add_months(month, 1))
    down = estate.down_spans(world.states, estate.SHOP)
    inside = down["ended_at"].clip(first, end) - down["started_at"].clip(first, end)
    return int(inside.sum() / pd.Timedelta(minutes=1))
