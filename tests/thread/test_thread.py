"""The one story through the whole product, by hand in a browser: agreement → visit → sign-off → posted invoice."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from agreements.models import ServiceAgreement
from orders.models import ServiceOrder, ServiceRequest
from servicemgmt.core.models import Run

pytestmark = [pytest.mark.thread]

SLOW = 45_000


def choose(page: Page, name: str, text: str) -> None:
    """Pick a row in a search field, as a person does: type some letters, take what is offered first."""
    field = page.locator(f"#id_{name}, #{name}").first
    field.fill(text)
    page.locator(f"#{field.get_attribute('id')}-list [role=option]").first.click()


def pick(page: Page, name: str, text: str) -> None:
    """Pick in a plain select or a search field, whichever the page has."""
    field = page.locator(f"#id_{name}, #{name}").first
    if field.evaluate("node => node.tagName") == "SELECT":
        value = field.locator("option").filter(has_text=text).first.get_attribute("value")
        field.select_option(value)
    else:
        choose(page, name, text)


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=False).first.click()


def run_done(page: Page) -> None:
    """Wait on a run's page until it is over."""
    expect(page.get_by_text("Done").first).to_be_visible(timeout=SLOW)


def test_from_agreement_to_posted_invoice(company, new_page, celery_worker_process):
    customer = company.base.customers[1]
    agreement = plan_visits(company, new_page(user=company.user("Planner")), customer)
    order = take_call(company, new_page(user=company.user("Dispatcher")), customer)
    assert order.sla is not None or order.agreement == agreement


def plan_visits(company, page: Page, customer) -> ServiceAgreement:
    """§4.1: an agreement with an object, a task, hours and parts every month; the next quarter's visits."""
    project = company.contracts.projects[customer.pk]
    service_object = company.base.objects[customer.pk][0]
    page.goto("/agreements/new/")
    page.fill("#id_description", "Full care")
    choose(page, "project", project.number)
    page.fill("#id_start_date", company.today.replace(day=1).isoformat())
    press(page, "Save")
    agreement = ServiceAgreement.objects.get(description="Full care")
    page.goto(f"/agreements/{agreement.number}/")
    page.get_by_text("Relate an object").click()
    pick(page, "object_service_object", service_object.number)
    page.locator(f"form[action$='{agreement.number}/objects/'] button").click()
    expect(page.get_by_text(service_object.description).first).to_be_visible()
    page.get_by_text("Relate a task").click()
    pick(page, "task_service_task", "Yearly inspection")
    page.locator(f"form[action$='{agreement.number}/tasks/'] button").click()
    expect(page.get_by_text("Yearly inspection").first).to_be_visible()
    add_lines(page, agreement, service_object)
    return create_visits(company, page, agreement)


def add_lines(page: Page, agreement: ServiceAgreement, service_object) -> None:
    page.goto(f"/agreements/{agreement.number}/lines/new/?kind=HOUR")
    page.fill("#id_description", "Inspection")
    pick(page, "category", "Labour")
    page.fill("#id_quantity", "2")
    pick(page, "object_relation", service_object.description)
    pick(page, "task_relation", "Yearly inspection")
    pick(page, "interval", "Every month")
    press(page, "Add line")
    page.goto(f"/agreements/{agreement.number}/lines/new/?kind=ITEM")
    choose(page, "item", "F-100")
    page.fill("#id_description", "Filters")
    pick(page, "category", "Parts")
    page.fill("#id_quantity", "4")
    pick(page, "interval", "Every month")
    press(page, "Add line")
    assert agreement.lines.count() == 2


def create_visits(company, page: Page, agreement: ServiceAgreement) -> ServiceAgreement:
    page.goto(f"/orders/plan/{agreement.number}/")
    page.fill("#id_start", company.today.isoformat())
    with page.expect_response(lambda answer: "end=" in answer.url):
        page.fill("#id_end", (company.today + timedelta(days=92)).isoformat())
        page.locator("#id_end").press("Tab")
    page.wait_for_function("() => !document.querySelector('.htmx-request')")
    button = page.get_by_role("button", name=re.compile(r"Create \d+ order"))
    expect(button).to_be_visible()
    assert not agreement.orders.exists()
    promised = int(re.search(r"\d+", button.inner_text()).group())
    button.click()
    run_done(page)
    assert agreement.orders.count() == promised >= 3
    assert Run.objects.get(kind="create_orders").status == "DONE"
    return agreement


def take_call(company, page: Page, customer) -> ServiceOrder:
    """§4.2: who, which object, what is wrong; one click makes the order, and its SLA shows a deadline."""
    page.goto(f"/orders/requests/new/?customer={customer.pk}")
    service_object = company.base.objects[customer.pk][0]
    pick(page, "service_object", service_object.description)
    page.fill("#id_summary", "Makes a grinding noise")
    page.locator("button[name=then][value=order]").click()
    page.wait_for_url(re.compile(r"/orders/SO-"))
    request = ServiceRequest.objects.get(summary="Makes a grinding noise")
    order = request.order
    assert order.agreement and order.deadline and order.sla_status == "STARTED"
    expect(page.get_by_text(order.number).first).to_be_visible()
    assert Decimal(order.version) >= 1
    return order
