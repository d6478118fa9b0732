"""§4.5: finance sells a subscription, runs and invoices the fees of a quarter, and reads the two reports."""

import csv
import re
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from servicemgmt.core.periods import step

from .conftest import Company
from .finance import posts_proposal
from .person import fill, follow, menu, pick, press, run_done

REPORTS = ["Transaction – subscription", "Subscription fees"]


def quarter_of(today: date) -> tuple[date, date]:
    """First and last day of the quarter."""
    first = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    return first, step(first, "QUARTER", 1) - timedelta(days=1)


def makes_subscription(page: Page, company: Company) -> None:
    """A group that is invoiced every month, made in the setup, and a subscription in it."""
    menu(page, "Setup")
    follow(page, "Subscription groups")
    page.get_by_role("link", name=re.compile("^New")).first.click()
    fill(page, "Code", "MONTHLY")
    fill(page, "Description", "Monthly in advance")
    pick(page, "Invoicing period", "Month")
    pick(page, "Number sequence", "Subscriptions")
    press(page, "Save")
    menu(page, "Subscriptions")
    page.get_by_role("link", name="New subscription").first.click()
    fill(page, "Name", "Remote monitoring")
    pick(page, "Group", "Monthly in advance")
    pick(page, "Project", company.project.number)
    pick(page, "Category", "Remote monitoring")
    fill(page, "Base price", "89")
    fill(page, "From", quarter_of(company.today)[0])
    press(page, "Save")
    expect(page.get_by_role("heading", name="Remote monitoring")).to_be_visible()


def previews_fees(page: Page, company: Company) -> None:
    menu(page, "Subscriptions")
    page.get_by_role("link", name="Make fees").first.click()
    first, last = quarter_of(company.today)
    fill(page, "From", first)
    fill(page, "To", last)
    press(page, "Preview")


def runs_fees(page: Page, company: Company) -> None:
    previews_fees(page, company)
    expect(page.get_by_role("heading", name="3 fees would be made")).to_be_visible()
    press(page, "Make 3 fees")
    run_done(page)


def runs_fees_again(page: Page, company: Company) -> None:
    """There is nothing left to make."""
    previews_fees(page, company)
    expect(page.get_by_text("3 periods are there already.")).to_be_visible()
    expect(page.get_by_role("heading", name="0 fees would be made")).to_be_visible()
    expect(page.get_by_role("button", name="Make")).to_have_count(0)


def invoices_fees(page: Page) -> None:
    menu(page, "Subscriptions")
    follow(page, "Fees")
    page.get_by_role("link", name="Invoice", exact=True).first.click()
    press(page, "Make proposals")
    posts_proposal(page)


def reads_report(page: Page, name: str) -> None:
    """Each fee is listed, the total is below; as a file, and on paper."""
    menu(page, name)
    table = page.get_by_role("table")
    expect(table.get_by_role("row")).to_have_count(1 + 3 + 1)
    expect(table.get_by_role("row").last).to_contain_text("267.00")
    with page.expect_download() as download:
        follow(page, "CSV")
    rows = list(csv.reader(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == 1 + 3 and all("89.00" in row for row in rows[1:]), rows
    page.evaluate("window.print = () => { window.printed = true }")
    press(page, "Print")
    assert page.evaluate("window.printed")
    page.emulate_media(media="print")
    expect(table).to_be_visible()
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    page.emulate_media(media="screen")
