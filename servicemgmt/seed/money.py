"""Posting and invoicing of what is old enough, with one posting that is refused."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Count

from orders.models import ServiceOrder
from orders.queries.posting import orders_to_post
from servicemgmt.core.money import round_money
from servicemgmt.core.runs import execute_to_end, start_run
from servicemgmt.projects.models import Category, Invoice, InvoiceKind, InvoiceProposal, Project
from servicemgmt.projects.operations import (
    add_fee,
    credit_invoice,
    deduct_on_account,
    invoice_on_account,
    make_proposals,
    post_proposal,
)
from servicemgmt.projects.operations.additions import projects_of
from servicemgmt.projects.queries import work_to_invoice

from .calls import take_call
from .crew import Crew
from .days import Called, nth_workday, slot_at
from .fixed_price import seed_fixed_price
from .payments import seed_payments, seed_reminders
from .tables import COMPANY
from .visits import plan, too_many_parts, work


def seed_money(crew: Crew) -> None:
    """Post the signed visits that are some workdays old, invoice the older ones and propose the next."""
    until = nth_workday(crew.today, -crew.span.post_after)
    refused = visit_that_cannot_be_posted(crew)
    orders = orders_to_post({"signed": True, "to": until.isoformat()}).values_list("pk", flat=True)
    run = start_run(
        "post_orders",
        by=crew.user("Manager"),
        parameters={"orders": sorted({*orders, refused.pk})},
        enqueue=False,
    )
    execute_to_end(run)
    proposals = [one for days in crew.span.invoice_after for one in propose(crew, days)]
    post = {"proposals": [proposal.pk for proposal in proposals]}
    execute_to_end(start_run("post_invoices", by=crew.user("Finance"), parameters=post, enqueue=False))
    credit_half_a_line(crew)
    seed_payments(crew)
    seed_reminders(crew)
    if drafts := propose(crew, crew.span.propose_after):
        draft = deduct_advance(crew, add_disposal(crew, drafts[0]))
        advance(crew, projects_of(draft)[0], Decimal(250))
    seed_fixed_price(crew)


def advance(crew: Crew, project: Project, amount: Decimal) -> InvoiceProposal:
    """An amount that the customer is to pay ahead."""
    return invoice_on_account(
        project.pk,
        amount=amount,
        category=Category.objects.get(code="CALLOUT"),
        text="Advance for the next visits",
        on=crew.today,
        by=crew.user("Finance"),
        at=crew.now,
    )


def deduct_advance(crew: Crew, draft: InvoiceProposal) -> InvoiceProposal:
    """A part of what was invoiced ahead is deducted from the draft."""
    asked = advance(crew, projects_of(draft)[0], Decimal(400))
    invoice = post_proposal(asked.pk, version=asked.version, by=crew.user("Finance"), at=crew.now)
    row = invoice.lines.get().transaction
    return deduct_on_account(
        draft.pk,
        version=draft.version,
        amounts={row.pk: Decimal(30)},
        by=crew.user("Finance"),
        at=crew.now,
    )


def add_disposal(crew: Crew, draft: InvoiceProposal) -> InvoiceProposal:
    """What the technician forgot to write down is added when the draft is reviewed."""
    return add_fee(
        draft.pk,
        version=draft.version,
        category=Category.objects.get(code="DISPOSAL"),
        text="Disposal of old parts",
        quantity=Decimal(1),
        price=Decimal(18),
        project=projects_of(draft)[0],
        by=crew.user("Finance"),
        at=crew.now,
    )


def credit_half_a_line(crew: Crew) -> None:
    """Half of what the last invoice with several lines charged first was a mistake, the customer said."""
    invoices = Invoice.objects.filter(kind=InvoiceKind.INVOICE, net__gt=0).alias(n=Count("lines"))
    invoice = invoices.filter(n__gte=2).select_related("currency").order_by("-invoice_date", "-pk").first()
    if invoice:
        line = invoice.lines.filter(net__gt=0).earliest("position")
        credit_invoice(
            invoice.pk,
            on=crew.today,
            text="Half of it was agreed to be goodwill.",
            amounts={line.pk: round_money(line.net / 2, invoice.currency.digits)},
            by=crew.user("Finance"),
            at=crew.now,
        )


def visit_that_cannot_be_posted(crew: Crew) -> ServiceOrder:
    """A signed visit that used more of a part than its van holds: posting it is refused with a sentence."""
    day = nth_workday(crew.today, -2)
    worker, slot = crew.anybody("CLIMATE", day)
    job = take_call(crew, Called("CLIMATE", day, slot))
    start, minutes = slot_at(job.zone, day, slot)
    booking = plan(crew, job, worker, start, minutes)
    work(crew, job, booking, worker, start, start + timedelta(minutes=minutes), too_many_parts)
    return job.order


def propose(crew: Crew, days: int) -> list[InvoiceProposal]:
    """Proposals for each project's work that is so many days old, dated two days after."""
    day = crew.today - timedelta(days=days - 2)
    moment = datetime.combine(day, time(10), tzinfo=ZoneInfo(COMPANY["time_zone"]))
    rows = work_to_invoice(until=crew.today - timedelta(days=days))
    return make_proposals(rows, invoice_date=day, by=crew.user("Finance"), at=moment)
