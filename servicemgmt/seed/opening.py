"""What the accounts held, and what customers owed, before the year began."""

from datetime import date, timedelta
from decimal import Decimal

from servicemgmt.core.editing import create_row
from servicemgmt.core.models import User
from servicemgmt.ledger.models import Account
from servicemgmt.ledger.operations import OpeningLine, post_opening
from servicemgmt.masterdata.models import Customer
from servicemgmt.masterdata.queries import company
from servicemgmt.projects.operations import OpeningItem, post_opening_items

EQUITY = ("0800", "Equity", "EQUITY")
# account, debit, credit
OPENING = [
    ("1200", "48250.00", "0"),
    ("9008", "1190.00", "0"),
    ("1776", "0", "3120.45"),
    ("0800", "0", "46319.55"),
]
# document, days before the opening, days until due, amount: together what the balances have on 9008
ITEMS = [("R-4711", 40, 14, "1428.00"), ("R-4802", 9, 30, "357.00"), ("G-0093", 5, 0, "-595.00")]


def seed_opening(today: date, by: User) -> None:
    """Open the fiscal year with the bank, the tax owed and the equity."""
    code, description, kind = EQUITY
    create_row(Account(code=code, description=description, kind=kind), by=by)
    accounts = {row.code: row for row in Account.objects.all()}
    lines = [OpeningLine(accounts[code], Decimal(debit), Decimal(credit)) for code, debit, credit in OPENING]
    post_opening(lines, on=date(today.year, 1, 1), text="", by=by)


def seed_opening_items(today: date, by: User) -> None:
    """Bring forward what the first customers owed, and are owed, when the year began."""
    on = date(today.year, 1, 1)
    home = company().currency
    customers = Customer.objects.filter(currency=home).order_by("pk")[:2]
    items = [
        OpeningItem(
            customer=customers[n % 2],
            label=label,
            dated=on - timedelta(days=before),
            due_on=on - timedelta(days=before - due),
            currency=home,
            amount=Decimal(amount),
        )
        for n, (label, before, due, amount) in enumerate(ITEMS)
    ]
    post_opening_items(items, on=on, by=by)
