from datetime import date

from tests.desk import Desk, fates

SHOPIFY = (
    "Name,Email,Financial Status,Created at,Total,Refunded Amount,Lineitem quantity,"
    "Lineitem name,Lineitem price,Source\n"
)
OCTOBER = date(2026, 10, 1)


def test_line_items_of_one_order_count_its_total_once(desk: Desk) -> None:
    text = (
        SHOPIFY + "#1001,a@example.com,paid,2026-10-12 11:13:13 -0400,50.00,0.00,1,Lamp,30.00,web\n"
        "#1001,a@example.com,,,,,1,Bulb,20.00,\n"
        "#1002,b@example.com,paid,2026-10-31 23:30:00 -0400,10.00,4.00,1,Bulb,10.00,web\n"
    )
    preview = desk.preview(text)
    assert preview.recipe == "shopify_orders"
    assert fates(preview) == {"new": 3}
    desk.save(text)
    assert desk.values("biz.orders") == {OCTOBER: 1, date(2026, 11, 1): 1}
    assert desk.values("biz.revenue") == {OCTOBER: 50, date(2026, 11, 1): 6}
    assert b"example.com" not in (desk.ws.home / "plumbline.duckdb").read_bytes()


def test_several_tries_of_one_checkout_count_once(desk: Desk) -> None:
    desk.save(
        "checkout_id,started_at,status\n"
        "c1,2026-10-12 11:00:00,failed\n"
        "c1,2026-10-12 11:01:00,completed\n"
        "c1,2026-10-12 11:02:00,failed\n"
        "c2,2026-10-12 11:00:00,declined\n"
    )
    assert desk.values("biz.tx_success") == {OCTOBER: 0.5}


def test_the_last_update_of_a_ticket_counts_whatever_its_place_in_the_file(desk: Desk) -> None:
    desk.save(
        "number,opened_at,resolved_at,sys_updated_at,reopen_count\n"
        "INC1,1/10/2026 08:00,2/10/2026 08:00,5/10/2026 08:00,1\n"
        "INC1,1/10/2026 08:00,?,1/10/2026 09:00,0\n"
    )
    assert desk.values("it.reopen_rate") == {OCTOBER: 1.0}
    assert desk.values("it.mttr") == {OCTOBER: 24.0}
