"""§4.4: finance posts the signed order, invoices it, and finds it in the margin report, equal to the ledger."""

import re
from decimal import Decimal

from django.db.models import Sum
from playwright.sync_api import Page, expect

from servicemgmt.ledger.models import Entry
from servicemgmt.projects.models import Invoice, Transaction

from .person import amounts, follow, menu, press, read_pdf, row, run_done

#: The company's accounts (seed): what work costs, and what it brings.
COST, REVENUE = ["5100", "5200", "5300"], ["8100", "8200", "8300", "8400"]


def posts_order(page: Page, order: str, lines: int) -> None:
    """From the order's page: look at what will be posted, post it, watch the run, see the vouchers."""
    menu(page, "Service orders")
    page.get_by_role("link", name=re.compile("^To post")).click()
    follow(page, order)
    expect(page.get_by_text("Void", exact=True)).to_have_count(1)
    follow(page, "Post…")
    expect(page.get_by_text("will be posted", exact=True)).to_have_count(lines)
    press(page, "Post")
    run_done(page)
    follow(page, "Open the result")
    expect(page.get_by_role("region", name="Posted").get_by_role("row")).to_have_count(lines + 1)


def invoices_work(page: Page) -> str:
    """Propose what is posted, then post the proposal. The invoice's number."""
    menu(page, "Invoice proposals")
    page.get_by_role("link", name="Make proposals").first.click()
    press(page, "Make these proposals")
    run_done(page)
    follow(page, "Open the result")
    page.get_by_role("link", name=re.compile("^IP-")).click()
    return posts_proposal(page)


def posts_proposal(page: Page) -> str:
    """The invoice of the proposal on the page; its document says what its page says."""
    press(page, "Post the invoice")
    page.wait_for_url("**/invoices/INV-*/")
    invoice = Invoice.objects.latest("pk")
    assert page.url.rstrip("/").endswith(invoice.number)
    expect(row(page, "Total").last).to_contain_text(f"{invoice.gross:,.2f}")
    text = read_pdf(page, "PDF")
    assert invoice.number in text and f"{invoice.gross:,.2f}" in text
    return invoice.number


def sees_margin(page: Page, order: str) -> None:
    """Cost, revenue and margin of the order, to the cent what the lines of its vouchers add up to."""
    menu(page, "Order margin")
    page.get_by_role("navigation", name="Grouped by").get_by_role("link", name="Order", exact=True).click()
    cost, sales, invoiced, covered, margin = amounts(row(page, order).inner_text())
    transactions = Transaction.objects.filter(order_line__order__number=order)
    vouchers = {voucher for row in transactions for voucher in (row.voucher_id, row.invoice.voucher_id)}
    assert cost == posted(vouchers, COST) > 0
    assert sales == invoiced == -posted(vouchers, REVENUE) > cost
    assert margin == sales - cost and covered == 0
    expect(page.get_by_text("agrees", exact=True)).to_be_visible()


def posted(vouchers: set[int], accounts: list[str]) -> Decimal:
    lines = Entry.objects.filter(voucher__in=vouchers, account__code__in=accounts)
    return lines.aggregate(total=Sum("company_amount"))["total"]
