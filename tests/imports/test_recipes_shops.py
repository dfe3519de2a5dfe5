"""Orders and payments as shops export them, against sums worked out by hand."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from tests.desk import Desk, adds_up, fates

EXPORTS = Path(__file__).parent / "exports"
SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)
PEOPLE = (b"maren", b"Olsen", b"example.com", b"Elm Road", b"555 0100", b"203.0.113", b"4111")


def test_a_shopify_export_is_recognised_and_every_row_has_a_fate(desk: Desk) -> None:
    preview = desk.open(EXPORTS / "shopify_orders.csv")
    assert preview.recipe == "shopify_orders"
    assert fates(preview) == {"new": 8}
    assert adds_up(preview)
    assert [f for f in preview.findings if f.line] == []


def test_shopify_orders_are_counted_once_and_only_if_they_stand(desk: Desk) -> None:
    """#1003 was given back; #1004 was voided and #1005 cancelled; #1006 is of 1 November here."""
    desk.save_file(EXPORTS / "shopify_orders.csv")
    assert desk.values("biz.orders") == {OCTOBER: 3, NOVEMBER: 1}
    assert desk.values("biz.revenue") == {OCTOBER: 91.40 + (50 - 12.50), NOVEMBER: 20}
    assert desk.values("biz.revenue", country="US") == {OCTOBER: 91.40, NOVEMBER: 20}


def test_an_order_that_is_cancelled_later_is_none_any_more(desk: Desk) -> None:
    file = (EXPORTS / "shopify_orders.csv").read_text()
    desk.save(file)
    before = "paid,2026-10-12 11:14:00 -0400"
    after = file.replace(before, before.replace("paid", "voided"))
    assert after != file
    preview = desk.preview(after)
    assert fates(preview) == {"updated": 2, "identical": 6}
    desk.save(after)
    assert desk.values("biz.orders") == {OCTOBER: 2, NOVEMBER: 1}
    assert desk.values("biz.revenue") == {OCTOBER: 37.50, NOVEMBER: 20}


def test_woocommerce_orders_are_read_month_first_and_by_their_state(desk: Desk) -> None:
    preview = desk.open(EXPORTS / "woocommerce_orders.csv")
    assert preview.recipe == "woocommerce_orders"
    assert fates(preview) == {"new": 7}
    assert adds_up(preview)
    desk.save_file(EXPORTS / "woocommerce_orders.csv")
    assert desk.values("biz.orders") == {SEPTEMBER: 3, OCTOBER: 1}
    assert desk.values("biz.revenue") == {SEPTEMBER: 45.50 + 20, OCTOBER: 30.25}


def test_woocommerce_columns_are_told_by_name_in_any_order(desk: Desk) -> None:
    frame = pd.read_csv(EXPORTS / "woocommerce_orders.csv", dtype=str)
    desk.save(frame[sorted(frame.columns)].to_csv(index=False))
    assert desk.values("biz.orders") == {SEPTEMBER: 3, OCTOBER: 1}


def test_a_row_for_each_article_with_the_total_on_each_counts_it_once(desk: Desk) -> None:
    frame = pd.read_csv(EXPORTS / "woocommerce_orders.csv", dtype=str)
    twice = frame.loc[frame.index.repeat(2)].assign(item_name="Lamp").to_csv(index=False)
    preview = desk.preview(twice)
    assert fates(preview) == {"new": 14}
    assert adds_up(preview)
    desk.save(twice)
    assert desk.values("biz.revenue") == {SEPTEMBER: 65.50, OCTOBER: 30.25}


def test_tries_of_one_checkout_count_once_however_many_payments_it_took(desk: Desk) -> None:
    """CHK-1 went through at the second try, CHK-2 never; CHK-4 is open, one row names none."""
    preview = desk.open(EXPORTS / "payment_attempts.csv")
    assert preview.recipe == "payment_attempts"
    assert fates(preview) == {"new": 4, "duplicate": 3, "rejected": 2}
    assert adds_up(preview)
    assert [(f.place, f.value) for f in preview.findings if f.line] == [
        ("status", "Pending"),
        ("merchant_reference", ""),
    ]
    desk.save_file(EXPORTS / "payment_attempts.csv")
    assert desk.values("biz.tx_success") == {OCTOBER: 3 / 4}


def test_a_later_refusal_does_not_take_back_a_completed_checkout(desk: Desk) -> None:
    file = (EXPORTS / "payment_attempts.csv").read_text()
    desk.save(file)
    header = file.splitlines()[0]
    again = f"{header}\npay_10,CHK-1,2026-10-12 10:09:00,45.50,EUR,Refused,,,\n"
    preview = desk.preview(again)
    assert fates(preview) == {"identical": 1}
    assert desk.save(again) is None
    assert desk.values("biz.tx_success") == {OCTOBER: 3 / 4}


def test_invoices_that_are_returns_are_told_by_their_number(desk: Desk) -> None:
    desk.save(
        "Invoice,InvoiceDate,Quantity,UnitPrice,Country,Customer ID\n"
        "536365,2026-10-12 08:26:00,6,2.50,United Kingdom,17850\n"
        "C536379,2026-10-13 09:41:00,-1,2.50,United Kingdom,17850\n"
    )
    assert desk.values("biz.orders") == {OCTOBER: 1}
    assert desk.values("biz.revenue") == {OCTOBER: 12.5}


@pytest.mark.parametrize(
    "name", ["shopify_orders.csv", "woocommerce_orders.csv", "payment_attempts.csv"]
)
def test_nobody_who_bought_is_in_the_store(desk: Desk, name: str) -> None:
    preview = desk.open(EXPORTS / name)
    shown = [cell for column in preview.columns for cell in column.samples]
    desk.save_file(EXPORTS / name)
    text = (EXPORTS / name).read_bytes()
    store = (desk.ws.home / "plumbline.duckdb").read_bytes()
    named = [person for person in PEOPLE if person in text]
    assert named
    assert [person for person in named if person in store] == []
    assert [c for c in shown for person in named if person.decode() in c] == []
