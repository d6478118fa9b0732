"""What the accounts held before the year began."""

from datetime import date
from decimal import Decimal

from servicemgmt.core.editing import create_row
from servicemgmt.core.models import User
from servicemgmt.ledger.models import Account
from servicemgmt.ledger.operations import OpeningLine, post_opening

EQUITY = ("0800", "Equity", "EQUITY")
# account, debit, credit
OPENING = [("1200", "48250.00", "0"), ("1776", "0", "3120.45"), ("0800", "0", "45129.55")]


def seed_opening(today: date, by: User) -> None:
    """Open the fiscal year with the bank, the tax owed and the equity."""
    code, description, kind = EQUITY
    create_row(Account(code=code, description=description, kind=kind), by=by)
    accounts = {row.code: row for row in Account.objects.all()}
    lines = [OpeningLine(accounts[code], Decimal(debit), Decimal(credit)) for code, debit, credit in OPENING]
    post_opening(lines, on=date(today.year, 1, 1), text="", by=by)
