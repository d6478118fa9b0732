"""§4.3: the technician on his tablet does the work, writes down what it took, and has it signed."""

import re

from playwright.sync_api import Locator, Page, expect

from servicemgmt.core.models import ClientWrite
from tests.hands import write

from .person import fill, pick, read_pdf

TABLET = {"viewport": {"width": 820, "height": 1180}, "has_touch": True}


def tap(page: Page | Locator, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).tap()


def opens_job(page: Page, customer: str) -> None:
    """He has nothing but his day, so he gets there by opening the product."""
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("My day")
    page.get_by_role("link", name=customer).tap()
    page.wait_for_function("() => document.documentElement.dataset.device === 'ready'")


def works(page: Page) -> None:
    """Before the work has begun the stage lets nobody sign, and says so (C.5)."""
    gate = page.get_by_text("The stage of the service order does not allow signing off: Planning.")
    expect(gate).to_be_visible()
    tap(page, "Start work")
    expect(page.get_by_role("button", name="Finish")).to_be_visible()
    expect(gate).to_be_hidden()


def entry(page: Page, title: str) -> Locator:
    """One of the sections to enter something in, opened."""
    summary = page.locator("summary").filter(has_text=re.compile(rf"^\s*{title}"))
    summary.tap()
    return page.locator("details").filter(has=summary)


def entered(page: Page, *texts: str) -> None:
    """The list of what was done says so."""
    done = page.get_by_role("region", name="Work and parts").get_by_role("listitem")
    for text in texts:
        done = done.filter(has_text=text)
    expect(done).to_have_count(1)


def writes_down(page: Page) -> None:
    """Actual hours, a part, an expense, the call-out fee, and what was broken."""
    hours = entry(page, "Hours")
    hours.get_by_label("Hours").first.fill("1.5")
    tap(hours, "Save hours")
    entered(page, "Inspection", "1.5 h")

    part = entry(page, "Part")
    fill(part, "Search", "belt XPZ")
    part.get_by_role("radio", name="V-belt XPZ 1250").check()
    fill(part, "Quantity", "2")
    tap(part, "Add part")
    entered(page, "V-belt XPZ 1250", "2")

    expense = entry(page, "Expense")
    pick(expense, "Kind", "Travel cost")
    fill(expense, "Amount", "12.50")
    fill(expense, "What for", "Parking")
    tap(expense, "Add expense")
    entered(page, "Parking", "12.50")

    fee = entry(page, "Call-out fee")
    pick(fee, "Fee", "Call-out fee")
    tap(fee, "Add fee")
    entered(page, "Call-out fee")

    repair = entry(page, "Fault and repair")
    pick(repair, "Symptom", "Makes noise")
    pick(repair, "Diagnosis", "Bearing worn")
    pick(repair, "Resolution", "Replaced")
    pick(repair, "Repair stage", "Finished")
    tap(repair, "Save codes")
    expect(repair.get_by_role("button", name="Save codes")).to_be_hidden()


def has_it_signed(page: Page, name: str) -> None:
    signature = page.get_by_role("region", name="Signature")
    fill(signature, "Name of who signs", name)
    fill(signature, "Role", "Caretaker")
    write(signature.get_by_role("img"))
    tap(signature, "Sign")
    expect(signature).to_contain_text(f"Signed by {name}")


def forgot_something(page: Page) -> None:
    """A line that is added later voids the signature for everybody to see."""
    expense = entry(page, "Expense")
    pick(expense, "Kind", "Travel cost")
    fill(expense, "Amount", "8")
    fill(expense, "What for", "Toll")
    tap(expense, "Add expense")
    entered(page, "Toll")
    expect(page.get_by_role("region", name="Signature")).to_contain_text("The earlier signature is void")


def hands_over(page: Page) -> str:
    """Finish the job; what the receipt says."""
    tap(page, "Finish")
    expect(page.get_by_role("button", name="Go on working")).to_be_visible()
    keys = list(ClientWrite.objects.values_list("key", flat=True))
    assert len(keys) == len(set(keys)) == 10, "each write has its own key made on the device"
    return read_pdf(page, "Receipt (PDF)")
