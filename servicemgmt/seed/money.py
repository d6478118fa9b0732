"""Posting and invoicing of what is old enough, with one posting that is refused."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from orders.models import ServiceOrder
from orders.queries.posting import orders_to_post
from servicemgmt.core.runs import execute_to_end, start_run
from servicemgmt.projects.models import InvoiceProposal
from servicemgmt.projects.operations import make_proposals
from servicemgmt.projects.queries import work_to_invoice

from .calls import take_call
from .crew import Crew
from .days import Called, nth_workday, slot_at
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
    seed_payments(crew)
    seed_reminders(crew)
    propose(crew, crew.span.propose_after)


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
