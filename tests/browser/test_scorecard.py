"""Leadership reads the month, opens an outcome, shares the address; on a desk and on a phone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, free_port, serving, settle
from tests.sample import copy_of_sample

PAGES = ("/", "/outcome", "/add_data", "/health", "/catalogue")
CONVERSION = "/outcome?outcome=biz.conversion&month=2026-10"
METHOD = "How this is worked out"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = copy_of_sample(tmp_path_factory, "browsed")
    with serving(home, port=free_port()) as url:
        yield url


def sideways_scroll(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    return page.evaluate(
        """() => Math.max(...[document.documentElement,
                              document.querySelector('[data-testid=stMain]')]
                         .map(e => e.scrollWidth - e.clientWidth))"""
    )


def test_leadership_reads_the_month_and_opens_an_outcome(address: str, open_page: OpenPage) -> None:
    page = open_page(address)
    expect(page.get_by_role("heading", level=2).first).to_contain_text("outcomes are on target")
    table = page.get_by_role("table")
    expect(table).to_be_visible()
    table.get_by_role("link", name="Checkout success").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Outcome")
    expect(page).to_have_url(re.compile(r"/outcome\?.*outcome=biz\.tx_success"))
    expect(page).to_have_url(re.compile(r"month=\d{4}-\d{2}"))
    expect(page.get_by_role("heading", level=2).first).to_contain_text("Checkout success")
    charts = page.locator("[data-testid=stVegaLiteChart] svg, [data-testid=stVegaLiteChart] canvas")
    expect(charts.first).to_be_visible()


def test_an_analyst_follows_a_permalink_to_an_outcome_and_a_month(
    address: str, open_page: OpenPage
) -> None:
    page = open_page(address, "/outcome?outcome=biz.ttm&month=2026-08")
    expect(page.get_by_role("heading", level=1)).to_contain_text("August 2026")
    expect(page.get_by_role("heading", level=2).first).to_contain_text("Time to market")


def test_an_analyst_follows_a_number_to_its_rows(address: str, open_page: OpenPage) -> None:
    page = open_page(address, "/?month=2026-10")
    number = page.get_by_role("row").filter(has_text="Checkout success").locator("a.rows").first
    printed = number.inner_text()
    number.click()
    expect(page).to_have_url(re.compile(r"/explore\?.*look=rows"))
    expect(page.get_by_role("heading", level=2).first).to_contain_text(printed)
    expect(page.get_by_role("heading", level=2).first).to_contain_text("Checkout success")


@pytest.mark.parametrize("slowed", [1, 6])
def test_the_chosen_month_is_kept_over_pages_and_the_way_back(
    address: str, open_page: OpenPage, slowed: int
) -> None:
    page = open_page(address, "/?month=2026-09")
    expect(page.get_by_role("heading", level=1)).to_contain_text("September 2026")
    browser = page.context.new_cdp_session(page)
    browser.send("Emulation.setCPUThrottlingRate", {"rate": slowed})
    page.get_by_test_id("stTopNavLink").filter(has_text="Outcome").click()
    expect(page).to_have_url(re.compile(r"/outcome\?.*month=2026-09"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Outcome")
    expect(page.get_by_role("heading", level=1)).to_contain_text("September 2026")
    settle(page)
    browser.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Scorecard")
    expect(page.get_by_role("heading", level=1)).to_contain_text("September 2026")


def test_the_order_of_the_ledger_is_part_of_the_address(address: str, open_page: OpenPage) -> None:
    page = open_page(address)
    page.get_by_role("radio", name="Needs attention first").click()
    expect(page).to_have_url(re.compile("order=Needs"))
    copied = open_page(address, page.url.removeprefix(address))
    expect(copied.get_by_role("radio", name="Needs attention first")).to_be_checked()


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_never_scrolls_sideways(address: str, open_page: OpenPage, path: str) -> None:
    page = open_page(address, path, width=390)
    expect(page.get_by_role("heading", level=2).first).to_be_visible()
    assert sideways_scroll(page) <= 0


@pytest.mark.parametrize("width", [1440, 390])
def test_the_map_is_drawn_on_a_desk_and_a_list_on_a_phone(
    address: str, open_page: OpenPage, width: int
) -> None:
    page = open_page(address, "/map", width=width)
    drawing = page.locator(".st-key-mapbox svg").first
    expect(drawing).to_be_visible()
    link = page.get_by_role("row").filter(has_text="Page load time").filter(has_text="Moderate")
    expect(link).to_be_visible()
    assert sideways_scroll(page) <= 0
    link.get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"/outcome\?.*outcome=biz\.conversion"))
    expect(page.get_by_role("radio", name="How this is worked out")).to_be_checked()
    expect(page).to_have_url(re.compile("view=How"))


def test_boxes_on_the_map_lead_on_by_mouse_and_by_keyboard(
    address: str, open_page: OpenPage
) -> None:
    page = open_page(address, "/map?month=2026-09")
    boxes = page.locator(".st-key-mapbox")
    box = boxes.get_by_role("link", name=re.compile("^Checkout success .*target"))
    box.click()
    expect(page).to_have_url(re.compile(r"/outcome\?.*outcome=biz\.tx_success.*month=2026-09"))
    settle(page)
    page.go_back()
    measure = boxes.get_by_role("link", name=re.compile("^Requests that failed .*target"))
    measure.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/explore\?.*at=2026-09-01"))
    expect(page.get_by_role("heading", level=2).first).to_contain_text("Requests that failed")


MORE, NO_MORE = "100% 0px", re.compile("^0(px|%) 0px$")


@pytest.mark.parametrize(
    ("path", "fading", "scrolling"),
    [
        pytest.param("/map", ".st-key-mapbox", ".st-key-mapbox", id="our own"),
        pytest.param("/catalogue", ".dvn-underlay > canvas", ".dvn-scroller", id="a grid"),
    ],
)
def test_what_is_cut_off_on_a_phone_fades_until_its_end_is_reached(
    address: str, open_page: OpenPage, path: str, fading: str, scrolling: str
) -> None:
    page = open_page(address, path, width=390)
    box = page.locator(fading).first
    expect(box).to_have_css("mask-position", MORE)
    page.locator(scrolling).first.evaluate("e => { e.scrollLeft = e.scrollWidth }")
    expect(box).to_have_css("mask-position", NO_MORE)


def test_what_fits_does_not_fade_and_a_phone_shows_every_month_of_every_measure(
    address: str, open_page: OpenPage
) -> None:
    page = open_page(address, "/health", width=1440)
    expect(page.locator(".dvn-underlay > canvas").first).to_have_css("mask-position", NO_MORE)
    page.set_viewport_size({"width": 390, "height": 1600})
    table = page.get_by_role("table").filter(has_text="Page load time").first
    expect(page.get_by_role("rowheader", name="Sales demos without interruption")).to_be_visible()
    assert table.evaluate("e => e.scrollWidth - e.parentElement.clientWidth") <= 0
    assert table.get_by_role("columnheader").count() == 13


@pytest.mark.parametrize("path", PAGES)
def test_the_dark_theme_follows_the_machine(address: str, open_page: OpenPage, path: str) -> None:
    page = open_page(address, path, dark=True)
    expect(page.get_by_role("heading", level=2).first).to_be_visible()
    ground = page.locator('[data-testid="stApp"]').evaluate(
        "e => getComputedStyle(e).backgroundColor"
    )
    assert ground == "rgb(20, 23, 27)"


def test_the_month_prints_on_two_light_pages_even_from_the_dark_theme(
    address: str, open_page: OpenPage
) -> None:
    page = open_page(address, dark=True, width=1440)
    expect(page.get_by_role("table")).to_be_visible()
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Export")).to_be_hidden()
    headline = page.get_by_role("heading", level=2).first
    assert headline.evaluate("e => getComputedStyle(e).color") == "rgb(34, 38, 43)"
    expect(page.get_by_role("switch", name=re.compile("IT measures"))).to_be_hidden()


def test_where_the_keyboard_is_can_be_seen(address: str, open_page: OpenPage) -> None:
    page = open_page(address)
    link = page.get_by_role("table").get_by_role("link", name="Checkout success")
    expect(link).to_be_visible()
    page.get_by_role("switch", name=re.compile("IT measures")).focus()
    page.keyboard.press("Tab")
    expect(link).to_be_focused()
    outline = link.evaluate("e => getComputedStyle(e).outlineStyle")
    assert outline == "solid"


def test_a_ledger_link_has_a_real_address_for_a_new_tab(address: str, open_page: OpenPage) -> None:
    page = open_page(address)
    link = page.get_by_role("table").get_by_role("link", name="Checkout success")
    href = link.get_attribute("href") or ""
    opened = open_page(address, f"/{href}")
    expect(opened.get_by_role("heading", level=2).first).to_contain_text("Checkout success")


@pytest.mark.parametrize("path", ["/", "/outcome", "/_stcore/health"])
def test_every_response_forbids_framing_sniffing_and_foreign_sources(
    address: str, open_page: OpenPage, path: str
) -> None:
    page = open_page(address)
    headers = page.request.get(f"{address}{path}").headers
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'self'" in headers["content-security-policy"]
    settle(page)


def test_a_turned_driver_says_what_the_outcome_would_be(address: str, open_page: OpenPage) -> None:
    page = open_page(address, CONVERSION)
    expect(page.get_by_text("Nothing is changed yet")).to_be_visible()
    slider = page.get_by_role("slider", name="Page load time")
    for _ in range(40):
        slider.press("ArrowLeft")
    sentence = page.get_by_text("Visits that end in an order would be about")
    expect(sentence).to_contain_text(re.compile(r"orders won back a month.*worth about \$"))
    alert = page.get_by_role("alert")
    for _ in range(20):  # a machine that is busy loses keys while it answers the ones before
        settle(page)
        if alert.count():
            break
        for _ in range(10):
            slider.press("ArrowLeft")
    expect(alert).to_contain_text("was never seen")


def test_a_number_is_followed_to_its_model_and_the_view_is_a_link(
    address: str, open_page: OpenPage
) -> None:
    page = open_page(address, CONVERSION)
    page.get_by_role("radio", name=METHOD).click()
    expect(page.get_by_text("If there were no link at all")).to_be_visible()
    expect(page).to_have_url(re.compile("view=How"))
    opened = open_page(address, page.url.removeprefix(address), width=390)
    expect(opened.get_by_role("heading", name="Page load time")).to_be_visible()
    expect(opened.get_by_text("● Passed").first).to_be_visible()
    assert sideways_scroll(opened) <= 0


def test_the_period_of_explore_is_turned_by_keyboard_and_kept(
    address: str, open_page: OpenPage
) -> None:
    view = "/explore?look=slices&metric=biz.revenue&grain=month&from=2026-01&to=2026-10"
    page = open_page(address, view)
    page.get_by_role("slider").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("from=2026-02&to=2026-10"))
    settle(page)
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("from=2026-03&to=2026-10"))
    settle(page)
    expect(page).to_have_url(re.compile("from=2026-03&to=2026-10"), timeout=1)
