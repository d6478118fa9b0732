"""What the pages of agreements do by themselves: propose the group's SLA, show the visits while the dates are typed."""

import pytest
from playwright.sync_api import Page, expect

from orders.models import ServiceOrder
from tests.browser import Console
from tests.cast import user_in
from tests.make_agreements import (
    make_agreement,
    make_group,
    make_initial_stage,
    make_interval,
    make_line,
    make_sla,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_AG_04_choosing_a_group_proposes_its_sla(new_page) -> None:
    make_group("GOLD", sla=make_sla("4H", hours=4))
    page: Page = new_page(user=user_in("Planner"))
    page.goto("/agreements/new/")
    page.select_option("#id_group", label="Gold")
    expect(page.locator("#id_sla option:checked")).to_have_text("4H")


def test_the_preview_follows_the_dates_and_writes_nothing(new_page, console: Console) -> None:
    console.expect("422")
    make_initial_stage()
    agreement = make_agreement(end_date=None)
    make_line(agreement, interval=make_interval("WEEK"), description="Inspection")
    page: Page = new_page(user=user_in("Planner"))
    page.goto(f"/orders/plan/{agreement.number}/?start=2027-01-01&end=2027-01-31&kinds=HOUR")
    create = page.get_by_role("button", name="Create")
    expect(create).to_have_text("Create 4 orders")
    page.fill("#id_end", "2027-02-28")
    page.locator("#id_end").press("Tab")
    expect(create).to_have_text("Create 8 orders")
    assert "end=2027-02-28" in page.url
    page.get_by_role("checkbox", name="Hour").uncheck()
    expect(page.locator("#preview")).to_contain_text("Correct the dates and types")
    assert not ServiceOrder.objects.exists()
