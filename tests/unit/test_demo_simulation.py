"""The demo company's files say what its truths say, by an independent reading of them."""

import csv
import hashlib
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kpi_engine.demo.bookkeeping import truths_of
from kpi_engine.demo.simulate import LAST_MONTH, SEED, simulate
from kpi_engine.demo.writing import Exports, writing_exports

ZONE = "Europe/London"
HEADERS = {
    "servicenow-incidents": "number,opened_at,u_first_response_at,resolved_at,closed_at,priority,"
    "state,category,assignment_group,business_service,made_sla,reopen_count,reassignment_count,"
    "u_affected_users,u_lost_minutes,sys_updated_at",
    "uptimerobot-log": "Event,Monitor,Date-Time,Reason,Duration (in mins.),Monitor URL",
    "shop-invoice-lines": "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,"
    "CustomerID,Country",
    "web-analytics": "date,base.sessions,base.carts",
    "shop-daily-figures": "period,metric,segment,numerator,denominator",
    "releases": "deployment_id,service,environment,started_at,finished_at,status,commit_sha,"
    "commit_at,caused_incident,restored_at",
    "surveys": "survey,response_id,answered_at,score",
    "milestones": "item_id,team,approved_at,due_at,delivered_at,on_time",
    "network-samples": "link,sampled_at,used_percent",
    "monthly-figures": "period,metric,segment,value,numerator,denominator",
}


def write_exports(folder: Path) -> Exports:
    """Every file, to the last one."""
    with writing_exports(folder, last_month=LAST_MONTH, seed=SEED) as made:
        pass
    for file in made.files:
        made.wait_for(file)
    return made


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Exports:
    folder = tmp_path_factory.mktemp("marlow")
    return write_exports(folder)


@pytest.fixture(scope="module")
def orders(made: Exports) -> pd.DataFrame:
    lines = read(made, "shop-invoice-lines", dtype={"InvoiceNo": str}, parse_dates=["InvoiceDate"])
    return lines.assign(amount=lines["Quantity"] * lines["UnitPrice"])


@pytest.fixture(scope="module")
def updates(made: Exports) -> pd.DataFrame:
    rows = read(made, "servicenow-incidents", na_values="?")
    for column in ("opened_at", "resolved_at", "closed_at", "sys_updated_at"):
        rows[column] = pd.to_datetime(rows[column], format="%d/%m/%Y %H:%M")
    return rows


def history_of(made: Exports, source: str) -> Path:
    """The first file of a source: all but its newest months."""
    return next(file.path for file in made.files if file.source == source)


def read(made: Exports, source: str, **options: object) -> pd.DataFrame:
    """Every file of a source that stays imported, in the order of import, corrections last."""
    kept = [f.path for f in made.files if f.source == source and not f.undone_at]
    return pd.concat([pd.read_csv(path, **options) for path in kept], ignore_index=True)


def local(instants: pd.Series) -> pd.Series:
    return pd.to_datetime(instants).dt.tz_convert(ZONE).dt.tz_localize(None)


def instants(days: pd.Series) -> pd.Series:
    return pd.to_datetime(days).dt.tz_localize(ZONE).dt.tz_convert("UTC")


def month(moments: pd.Series) -> pd.Series:
    return moments.dt.strftime("%Y-%m-01")


def digests(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def test_the_same_seed_writes_the_same_bytes(made: Exports, tmp_path: Path) -> None:
    again = write_exports(tmp_path)
    assert digests(tmp_path) == digests(made.files[0].path.parent)
    assert again.truths == made.truths


def test_another_last_month_moves_everything_planted() -> None:
    world = simulate(last_month=date(2027, 2, 1), seed=SEED + 1)
    truths = truths_of(world, corrected_file="corrected.csv")
    assert truths.outage.started_at == "2027-02-08T17:00:00+00:00"
    assert truths.restatement.month == "2027-01-01"
    assert truths.books[0].month == "2024-03-01"


@pytest.mark.parametrize("source", HEADERS)
def test_every_file_has_the_header_of_its_source(made: Exports, source: str) -> None:
    for file in made.files:
        if file.source == source:
            with file.path.open(encoding="utf-8", newline="") as text:
                assert ",".join(next(csv.reader(text))) == HEADERS[source]


def test_files_are_imported_in_the_order_of_time(made: Exports) -> None:
    moments = [file.accepted_at for file in made.files]
    assert moments == sorted(moments)
    assert len(set(moments)) == len(moments)


def test_orders_returns_and_revenue_are_those_of_the_books(
    made: Exports, orders: pd.DataFrame
) -> None:
    is_return = orders["InvoiceNo"].str.startswith("C")
    assert (is_return == (orders["Quantity"] < 0)).all()
    months = month(orders["InvoiceDate"])
    placed = orders[~is_return].groupby(months)["InvoiceNo"].nunique()
    returned = orders[is_return].groupby(months)["InvoiceNo"].nunique()
    revenue = orders.groupby(months)["amount"].sum()
    for book in made.truths.books:
        assert placed[book.month] == book.orders
        assert returned.get(book.month, 0) == book.returns
        assert revenue[book.month] == pytest.approx(book.net_revenue, abs=0.01)


def test_each_day_completes_as_many_checkouts_as_it_has_orders(
    made: Exports, orders: pd.DataFrame
) -> None:
    figures = read(made, "shop-daily-figures")
    report = figures[figures["metric"] == "biz.tx_success"]
    placed = orders[~orders["InvoiceNo"].str.startswith("C")]
    a_day = placed.groupby(placed["InvoiceDate"].dt.strftime("%Y-%m-%d"))["InvoiceNo"].nunique()
    assert (report["numerator"] <= report["denominator"]).all()
    assert report.set_index("period")["numerator"].to_dict() == a_day.to_dict()


def test_no_order_comes_in_while_the_shop_is_down(made: Exports, orders: pd.DataFrame) -> None:
    log = read(made, "uptimerobot-log", parse_dates=["Date-Time"])
    down = log[(log["Event"] == "Down") & (log["Monitor"] == "Online shop")]
    placed = orders.loc[~orders["InvoiceNo"].str.startswith("C"), "InvoiceDate"]
    for start, minutes in zip(down["Date-Time"], down["Duration (in mins.)"], strict=True):
        end = start + pd.Timedelta(minutes=minutes)
        assert not ((placed >= start) & (placed < end)).any()


def test_the_outage_lost_what_other_mondays_say_less_what_came_back(
    made: Exports, orders: pd.DataFrame
) -> None:
    outage = made.truths.outage
    start = pd.Timestamp(outage.started_at).tz_convert(ZONE).tz_localize(None)
    placed = orders[~orders["InvoiceNo"].str.startswith("C")].drop_duplicates("InvoiceNo")
    same_hours = [
        placed["InvoiceDate"].between(
            start + pd.Timedelta(weeks=week),
            start + pd.Timedelta(weeks=week, minutes=outage.minutes),
            inclusive="left",
        )
        for week in (-6, -5, -4, -3, -2, -1, 1, 2)
    ]
    usual = np.mean([hits.sum() for hits in same_hours])
    assert outage.minutes == 142
    assert outage.lost == outage.demand - outage.recovered
    assert outage.recovered == round(outage.demand * 0.35)
    assert usual * 0.5 < outage.lost < usual * 0.8


def test_the_outage_falls_near_the_peak_of_the_week(orders: pd.DataFrame) -> None:
    placed = orders[~orders["InvoiceNo"].str.startswith("C")].drop_duplicates("InvoiceNo")
    moments = placed["InvoiceDate"]
    hours = moments.groupby([moments.dt.day_of_week, moments.dt.hour]).size()
    assert hours[0, 17] > 0.9 * hours.max()
    assert hours[0, 18] > 0.9 * hours.max()


def test_the_shop_meets_its_availability_target_and_misses_checkout_success(made: Exports) -> None:
    last = made.truths.books[-1]
    agreed = 31 * 1440 + 60 - 120  # the clocks go back; one window of two hours was planned
    assert last.shop_down_minutes == 142
    assert 1 - last.shop_down_minutes / agreed > 0.995
    assert last.orders / last.attempted < 0.968
    before = made.truths.books[-13:-1]
    assert np.mean([book.orders / book.attempted for book in before]) > 0.972


def test_uptime_spans_follow_each_other_without_a_gap(made: Exports) -> None:
    log = read(made, "uptimerobot-log", parse_dates=["Date-Time"])
    newest = log.drop_duplicates(["Monitor", "Date-Time", "Event"], keep="last")
    for _, spans in newest.sort_values("Date-Time").groupby("Monitor"):
        start = spans["Date-Time"].dt.tz_localize(ZONE).dt.tz_convert("UTC")
        end = start + pd.to_timedelta(spans["Duration (in mins.)"], unit="min")
        assert (end.iloc[:-1].to_numpy() == start.iloc[1:].to_numpy()).all()
    assert set(log["Event"]) == {"Up", "Down", "Paused"}


def test_demos_break_off_while_network_measures_look_fine(made: Exports) -> None:
    truth = made.truths.watermelon
    shares = read(made, "monthly-figures")
    demos = shares[shares["metric"] == truth.outcome].set_index("period")
    success = demos["numerator"] / demos["denominator"]
    planted = [text[:7] for text in truth.months]
    assert planted == ["2026-07", "2026-08", "2026-09", "2026-10"]
    assert (success[planted] < 0.96).all()
    assert (success.drop(planted) > 0.96).mean() > 0.9
    assert success["2026-10"] < 0.94
    log = read(made, "uptimerobot-log")
    office = log[(log["Monitor"] == "Office network") & (log["Event"] == "Down")]
    for text in planted:
        minutes = office.loc[office["Date-Time"].str.startswith(text), "Duration (in mins.)"].sum()
        assert minutes / (30 * 1440) < 0.001
    samples = read(made, "network-samples")
    busy = samples.groupby(month(local(samples["sampled_at"])))["used_percent"].quantile(0.95)
    assert busy.between(20, 70).all()


def test_first_contact_rises_while_more_problems_come_back(
    made: Exports, updates: pd.DataFrame
) -> None:
    truth = made.truths.counter
    tickets = updates.drop_duplicates("number", keep="last")
    solved = tickets[tickets["resolved_at"].notna()]
    after = month(solved["resolved_at"]) >= truth.since
    came_back = solved["reopen_count"] > 0
    at_once = ~came_back & (solved["reassignment_count"] == 0)
    assert came_back[~after].mean() == pytest.approx(truth.share_before, abs=0.01)
    assert came_back[after].mean() == pytest.approx(truth.share_after, abs=0.015)
    assert at_once[after].mean() > at_once[~after].mean() + 0.02


def test_a_month_of_tickets_holds_every_update(made: Exports, updates: pd.DataFrame) -> None:
    history = pd.read_csv(history_of(made, "servicenow-incidents"))
    assert history["number"].is_unique
    later = updates.iloc[len(history) :]
    a_ticket = later.groupby("number").size()
    opened_later = later.loc[later["state"] == "New", "number"]
    assert a_ticket[opened_later].median() == 4
    assert later["sys_updated_at"].is_monotonic_increasing
    newest = updates.drop_duplicates("number", keep="last")
    created = month(newest["opened_at"]).value_counts()
    assert {b.month: b.tickets_opened for b in made.truths.books} == created.to_dict()


def test_ticket_dates_are_unpadded_and_missing_ones_are_question_marks(made: Exports) -> None:
    path = history_of(made, "servicenow-incidents")
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert rows["opened_at"].str.fullmatch(r"[1-9]\d?/[1-9]\d?/\d{4} \d\d:\d\d").all()
    unresolved = rows[~rows["state"].isin(["Resolved", "Closed"])]
    assert len(unresolved) > 0
    assert (unresolved["resolved_at"] == "?").all()


def test_the_corrected_file_moves_time_to_market_of_one_closed_month(made: Exports) -> None:
    truth = made.truths.restatement
    corrected = next(f for f in made.files if f.path.name == truth.file_name)
    first = next(f for f in made.files if f.path.name == "milestones-2026-09.csv")
    before, after = (pd.read_csv(file.path) for file in (first, corrected))
    assert corrected.accepted_at.date() > date(2026, 10, 3)
    assert truth.rows == (before["approved_at"] != after["approved_at"]).sum() > 0
    same = ["item_id", "team", "due_at", "delivered_at", "on_time"]
    pd.testing.assert_frame_equal(before[same], after[same])
    for rows, told in ((before, truth.before), (after, truth.after)):
        delivered = rows[rows["delivered_at"].str[:7] == truth.month[:7]]
        days = instants(delivered["delivered_at"]) - instants(delivered["approved_at"])
        assert (days / pd.Timedelta(days=1)).median() == pytest.approx(told)
    assert truth.after > truth.before + 2


def test_later_exports_do_not_change_milestones_of_earlier_months(made: Exports) -> None:
    files = [f for f in made.files if f.source == "milestones" and "corrected" not in f.path.name]
    rows = pd.concat([pd.read_csv(f.path) for f in files]).dropna(subset="delivered_at")
    assert rows["item_id"].is_unique


def test_network_samples_of_the_last_month_never_came(made: Exports) -> None:
    samples = read(made, "network-samples")
    assert local(samples["sampled_at"]).max().date().isoformat() == made.truths.late.data_through
    delivered = {file.source for file in made.files if "2026-10" in file.path.name}
    assert delivered == set(HEADERS) - {"network-samples"}


def test_november_and_december_sell_most_and_black_friday_is_the_busiest_day(
    made: Exports,
) -> None:
    visits = read(made, "web-analytics", parse_dates=["date"]).set_index("date")["base.sessions"]
    a_month = visits.groupby(visits.index.month).mean()
    assert set(a_month.nlargest(2).index) == set(made.truths.peak_months)
    for friday in made.truths.black_fridays:
        of_year = visits[visits.index.year == int(friday[:4])]
        assert of_year.idxmax().date().isoformat() == friday


def test_slower_pages_cost_checkouts_as_planted(made: Exports) -> None:
    daily = daily_rates(made)
    effect = slope(daily["page_load"] / 1000, np.log(daily["attempted"] / daily["sessions"]), daily)
    planted = next(e for e in made.truths.effects if e.outcome == "biz.conversion")
    assert effect == pytest.approx(planted.effect, abs=0.05)


def test_failed_requests_cost_checkout_success_as_planted(made: Exports) -> None:
    daily = daily_rates(made)
    day = pd.Timestamp(made.truths.outage.started_at).tz_convert(ZONE).tz_localize(None)
    without = daily.drop(index=day.normalize())
    effect = slope(without["error_rate"], without["completed"] / without["attempted"], without)
    planted = next(e for e in made.truths.effects if e.outcome == "biz.tx_success")
    assert effect == pytest.approx(planted.effect, abs=0.6)


def test_the_release_that_failed_badly_shows_on_its_day(made: Exports) -> None:
    truth = made.truths.failed_release
    daily = daily_rates(made)
    day = pd.Timestamp(truth.finished_at).tz_convert(ZONE).tz_localize(None).normalize()
    success = daily["completed"] / daily["attempted"]
    usual = success[day - pd.Timedelta(days=28) : day - pd.Timedelta(days=1)].median()
    assert daily["error_rate"].idxmax() == day
    assert usual - success[day] == pytest.approx(truth.success_lost, abs=0.025)
    releases = read(made, "releases").set_index("deployment_id")
    assert releases.loc[truth.deployment_id, "caused_incident"]


def test_the_planted_coincidence_is_a_season_and_nothing_else(made: Exports) -> None:
    shares = read(made, "monthly-figures")
    shares["share"] = shares["numerator"] / shares["denominator"]
    wide = shares.pivot_table(index="period", columns="metric", values="share")
    one, other = wide[made.truths.coincidence.one], wide[made.truths.coincidence.other]
    assert one.corr(other) > 0.6
    months = wide.index.str[5:]
    steady = [series - series.groupby(months).transform("mean") for series in (one, other)]
    assert abs(steady[0].corr(steady[1])) < 0.4


def test_releases_of_the_books_are_those_that_reached_production(made: Exports) -> None:
    releases = read(made, "releases")
    live = releases[releases["environment"] == "production"]
    months = month(local(live["finished_at"]))
    failed = live[live["caused_incident"]].groupby(months).size()
    for book in made.truths.books:
        assert (months == book.month).sum() == book.releases
        assert failed.get(book.month, 0) == book.failed_releases


def daily_rates(made: Exports) -> pd.DataFrame:
    """One row a day: sessions, page_load, error_rate, completed, attempted."""
    figures = read(made, "shop-daily-figures")
    figures["rate"] = figures["numerator"] / figures["denominator"]
    rates = figures.pivot_table(index="period", columns="metric", values="rate")
    checkouts = figures[figures["metric"] == "biz.tx_success"].set_index("period")
    visits = read(made, "web-analytics").set_index("date")
    daily = pd.DataFrame(
        {
            "sessions": visits["base.sessions"],
            "page_load": rates["it.page_load"],
            "error_rate": rates["it.error_rate"],
            "completed": checkouts["numerator"],
            "attempted": checkouts["denominator"],
        }
    )
    daily.index = pd.to_datetime(daily.index)
    return daily


def slope(driver: pd.Series, outcome: pd.Series, daily: pd.DataFrame) -> float:
    """Least squares beside calendar month, weekday and a straight line in time."""
    calendar = pd.get_dummies(daily.index.month).to_numpy(dtype=float)
    weekday = pd.get_dummies(daily.index.day_of_week, drop_first=True).to_numpy(dtype=float)
    time = np.arange(len(daily))[:, None] / 365
    columns = np.hstack([driver.to_numpy()[:, None], calendar, weekday, time])
    return float(np.linalg.lstsq(columns, outcome.to_numpy(), rcond=None)[0][0])
