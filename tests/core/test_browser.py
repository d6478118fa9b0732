"""The pages of core in a real browser: live progress, lists without reloading, selects that search."""

import re
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from servicemgmt.core import search
from servicemgmt.core.models import Run
from servicemgmt.core.operations import save_master
from servicemgmt.core.runs import KINDS, execute_to_end, start_run
from servicemgmt.core.setup import SETUPS, Setup, register
from servicemgmt.masterdata.models import CalendarHours, Currency, ExchangeRate, PaymentTerm
from tests.cast import user_in
from tests.core.kinds import NUMBERS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _kinds() -> Iterator[None]:
    KINDS[NUMBERS.code] = NUMBERS
    yield
    KINDS.pop(NUMBERS.code, None)
    cache.clear()


def terms(count: int) -> None:
    by = user_in("Finance")
    for n in range(count):
        values = {"code": f"N{n:02}", "description": f"Net {n} days", "days": n}
        save_master(SETUPS["paymentterm"], None, values=values, version=None, by=by)


def numbers_run(**parameters: object) -> Run:
    return start_run(NUMBERS.code, by=user_in("Administrator"), parameters=parameters, enqueue=False)


def test_a_run_is_watched_live_and_then_left_alone(new_page):
    run = numbers_run(upto=30, width=3, bad=[7])
    page: Page = new_page(user=user_in("Administrator"))
    page.goto(f"/runs/{run.pk}/")
    expect(page.locator("#progress")).to_contain_text("Waiting")
    execute_to_end(run)
    expect(page.locator("#progress")).to_contain_text("30 of 30")
    expect(page.locator("#progress")).to_contain_text("Done")
    expect(page.locator("#messages")).to_contain_text("Number 7 is bad.")
    expect(page.get_by_role("link", name="Error list (CSV)")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2600)
    assert not [url for url in asked if f"/runs/{run.pk}/" in url], "it goes on asking though the run is over"


def test_a_list_searches_sorts_and_pages_in_place(new_page):
    terms(60)
    page: Page = new_page(user=user_in("Finance"))
    page.goto("/setup/paymentterm/")
    page.evaluate("window.stayed = true")
    expect(page.locator("#rows tbody tr")).to_have_count(50)
    page.get_by_role("link", name="Next page").click()
    expect(page.locator("#rows tbody tr")).to_have_count(10)
    page.get_by_role("link", name="First page").click()
    expect(page.locator("#rows tbody tr")).to_have_count(50)
    page.get_by_role("link", name="Days", exact=True).click()
    expect(page).to_have_url(re.compile(r"sort=days"))
    page.get_by_role("link", name="Days", exact=True).click()
    expect(page.locator("#rows tbody tr").first).to_contain_text("Net 59 days")
    page.get_by_label("Search").fill("net 4")
    expect(page.locator("#rows tbody tr")).to_have_count(11)
    expect(page).to_have_url(re.compile(r"sort=-days.*q=net|q=net.*sort=-days"))
    assert page.evaluate("window.stayed"), "the page was loaded anew"
    page.reload()
    expect(page.locator("#rows tbody tr")).to_have_count(11)
    expect(page.locator("#rows tbody tr").first).to_contain_text("Net 49 days")


def test_a_garbled_address_says_so_in_place(new_page):
    page: Page = new_page(user=user_in("Finance"))
    page.goto("/setup/paymentterm/?sort=nothing&after=garbage")
    expect(page.get_by_text("This list cannot be sorted by “nothing”.")).to_be_visible()


def test_a_select_searches_as_one_types(new_page):
    """Currencies are few and not searched; for this test they are."""
    for code in ("AAA", "BBB"):
        Currency.objects.create(code=code, description=code)
    kept, setups = dict(search.SEARCHABLE), dict(SETUPS)
    register(Setup(ExchangeRate, section="Money", fields=["currency", "valid_from", "rate"]))
    search.register(Currency, permission="masterdata.view_currency", sub=lambda row: row.description)
    try:
        page: Page = new_page(user=user_in("Finance"))
        page.goto("/setup/exchangerate/new/")
        box = page.locator("input[role=combobox]")
        box.fill("bbb")
        page.get_by_role("option", name="BBB").click()
        expect(box).to_have_value("BBB")
        chosen = page.locator("select[name=currency]")
        assert chosen.evaluate("select => select.value") == str(Currency.objects.get(code="BBB").pk)
    finally:
        search.SEARCHABLE.clear()
        search.SEARCHABLE.update(kept)
        SETUPS.clear()
        SETUPS.update(setups)


def test_the_history_of_a_master_is_loaded_beside_it(new_page):
    terms(1)
    page: Page = new_page(user=user_in("Finance"))
    page.goto(f"/setup/paymentterm/{PaymentTerm.objects.get().pk}/")
    expect(page.locator("#history")).to_contain_text("Cleo")
    page.get_by_label("Days").fill("77")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("is saved")
    assert PaymentTerm.objects.get().days == 77


def test_deleting_asks_first(new_page):
    terms(1)
    page: Page = new_page(user=user_in("Finance"))
    page.goto(f"/setup/paymentterm/{PaymentTerm.objects.get().pk}/")
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("dialog#confirm")).to_contain_text("Delete “Net 0 days”?")
    page.locator("#confirm-yes").click()
    expect(page.locator("#toasts")).to_contain_text("is deleted")
    assert not PaymentTerm.objects.exists()


def test_opening_hours_are_typed_as_times(new_page):
    page: Page = new_page(user=user_in("Planner"))
    page.goto("/setup/workcalendar/new/")
    page.get_by_label("Code").fill("STD")
    page.get_by_label("Description").fill("Standard")
    row = page.locator("#calendarhours tbody tr").first
    row.get_by_label("Weekday").select_option("Monday")
    row.get_by_label("From").fill("8:00")
    row.get_by_label("To").fill("24:00")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("is saved")
    assert CalendarHours.objects.values_list("opens", "closes").get() == (480, 1440)
    page.go_back()
    expect(page.get_by_label("Code")).to_have_value("STD")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("nothing was done a second time")
    assert CalendarHours.objects.count() == 1, "gone back to and sent again, it is the same sending"
