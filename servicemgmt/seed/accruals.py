"""Subscription fees paid in advance: invoiced a while ago, and recognised month by month since."""

from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from servicemgmt.core.periods import Unit, step
from servicemgmt.core.runs import execute_to_end
from servicemgmt.projects.accruals.monthly import start_monthly
from servicemgmt.projects.operations import credit_invoice, post_proposals
from subscriptions.models import Subscription
from subscriptions.operations import FeeOrder, propose_fees, start_fees

from .crew import Crew
from .tables import COMPANY


def seed_accruals(crew: Crew, subscriptions: list[Subscription]) -> None:
    """Invoice what accrues on the first of last month, credit half of one fee, and recognise up to last month's end."""
    by = crew.user("Finance")
    accrued = [row for row in subscriptions if row.group.accrual_rule]
    yearly = [row for row in accrued if row.group.code == "YEARLY"]
    year = FeeOrder(date(crew.today.year, 1, 1), date(crew.today.year, 12, 31))
    execute_to_end(start_fees([row.pk for row in yearly], year, by=by, enqueue=False))
    this_month = crew.today.replace(day=1)
    invoice_date = step(this_month, Unit.MONTH, -1)
    moment = datetime.combine(invoice_date, time(10), tzinfo=ZoneInfo(COMPANY["time_zone"]))
    proposals = propose_fees(
        invoice_date=invoice_date, by=by, at=moment, subscriptions=[row.pk for row in accrued]
    )
    invoices = post_proposals([row.pk for row in proposals], by=by, at=moment).invoices
    run = start_monthly(on=this_month, enqueue=False)
    assert run
    execute_to_end(run)
    line = invoices[-1].lines.first()
    assert line
    credit_invoice(
        invoices[-1].pk,
        on=crew.today,
        text="The monitoring was down for some weeks.",
        amounts={line.pk: line.net.quantize(Decimal(1)) / 2},
        by=by,
        at=crew.now,
    )
