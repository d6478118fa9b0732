"""§4.1: the planner makes an agreement with an object, a task, hours and parts every month, and its visits."""

import re
from datetime import timedelta

from playwright.sync_api import Page, expect

from orders.models import ServiceOrder
from servicemgmt.core.models import Run

from .conftest import Company
from .person import field, fill, follow, menu, pick, press, row, run_done, settled


def makes_agreement(page: Page, company: Company) -> None:
    menu(page, "Agreements")
    page.get_by_role("link", name="New agreement").first.click()
    fill(page, "Description", "Full care")
    pick(page, "Project", company.project.number)
    pick(page, "Group", "Gold")
    fill(page, "From", company.today.isoformat())
    press(page, "Save")
    expect(
        page.get_by_role("definition").filter(has_text="Gold: done within 8 working").first
    ).to_be_visible()
    relates(page, "an object", "Service object", company.service_object.number)
    relates(page, "a task", "Task", "Inspection")
    adds_lines(page, company.service_object.description)


def relates(page: Page, what: str, label: str, text: str) -> None:
    page.get_by_text(f"Relate {what}").click()
    pick(page, label, text)
    press(page, "Relate")
    expect(row(page, text)).to_be_visible()


def adds_lines(page: Page, service_object: str) -> None:
    follow(page, "Add line")
    fill(page, "Description", "Inspection")
    pick(page, "Category", "Labour")
    fill(page, "Hours", "2")
    pick(page, "Service object", service_object)
    pick(page, "Task", "Inspection")
    pick(page, "Interval", "Every month")
    press(page, "Add line")
    follow(page, "Add line")
    follow(page, "Item")
    pick(page, "Item", "F-100")
    pick(page, "Category", "Parts")
    fill(page, "Quantity", "4")
    pick(page, "Interval", "Every month")
    press(page, "Add line")
    expect(page.get_by_text("Line 2 is added.")).to_be_visible()


def makes_visits(page: Page, company: Company) -> list[str]:
    """Look at the next quarter's visits, then create them as a run. Their numbers by date, the first is today's."""
    follow(page, "Plan visits")
    first, last = company.today.isoformat(), (company.today + timedelta(days=92)).isoformat()
    fill(page, "From", first)
    with page.expect_response(lambda answer: f"start={first}&end={last}" in answer.url):
        fill(page, "To", last)
        field(page, "To").press("Tab")
    settled(page)
    expect(page.get_by_role("rowheader").first).to_contain_text(f"{company.today:%-d %b %Y}")
    button = page.get_by_role("button", name=re.compile(r"Create \d+ orders"))
    expect(button).to_be_visible()
    promised = int("".join(filter(str.isdigit, button.inner_text())))
    assert promised >= 3 and not ServiceOrder.objects.exists(), "a preview creates nothing"
    button.click()
    run_done(page)
    assert Run.objects.get().kind == "create_orders"
    visits = ServiceOrder.objects.order_by("service_on")
    assert visits.count() == promised and visits[0].service_on == company.today
    return [visit.number for visit in visits]
