"""Posting and invoicing of what is old enough, with one posting that is refused."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from orders.models import LineStatus, ServiceOrder
from orders.queries.posting import orders_to_post
from servicemgmt.core.runs import execute_to_end, start_run
from servicemgmt.masterdata.queries import company_zone
from servicemgmt.projects.models import Coverage, Transaction, TransactionSource, TransactionStatus
from servicemgmt.projects.operations import make_proposals, post_proposal

from .work import Seeder, work_with_part

POST_AFTER_DAYS, INVOICE_AFTER_DAYS = 4, 20


def seed_money(seeder: Seeder) -> None:
    """Post the signed visits older than four days; invoice those older than twenty, some only proposed."""
    refused = visit_that_cannot_be_posted(seeder)
    until = (seeder.today - timedelta(days=POST_AFTER_DAYS)).isoformat()
    orders = orders_to_post({"signed": True, "to": until}).values_list("pk", flat=True)
    ids = [*orders, *([refused.pk] if refused else [])]
    run = start_run("post_orders", by=seeder.user("Manager"), parameters={"orders": ids}, enqueue=False)
    execute_to_end(run)
    invoice(seeder)


def visit_that_cannot_be_posted(seeder: Seeder) -> ServiceOrder | None:
    """A signed visit that used more of a part than its van holds: posting it is refused with a sentence."""
    order = (
        ServiceOrder.objects.filter(
            lines__status=LineStatus.CREATED,
            stage__code="PLANNING",
            service_on__lt=seeder.today,
            project__isnull=False,
        )
        .order_by("-service_on", "pk")
        .first()
    )
    if order is None:
        return None
    return work_with_part(seeder, order, seeder.base.items[0], Decimal(40))


def invoice(seeder: Seeder) -> None:
    """One proposal for each project with old enough work; all but two are posted."""
    finance = seeder.user("Finance")
    limit = seeder.today - timedelta(days=INVOICE_AFTER_DAYS)
    day = seeder.today - timedelta(days=INVOICE_AFTER_DAYS - 2)
    moment = datetime.combine(day, time(10), tzinfo=ZoneInfo(company_zone()))
    rows = Transaction.objects.filter(
        source=TransactionSource.ORDER,
        status=TransactionStatus.POSTED,
        coverage=Coverage.CHARGED,
        executed_on__lte=limit,
    )
    proposals = make_proposals(rows, invoice_date=day, by=finance, at=moment)
    for proposal in proposals[:-2]:
        post_proposal(proposal.pk, version=proposal.version, by=finance, at=moment)
