"""Mass jobs of invoicing: proposals for all posted work, and posting many proposals."""

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime
from functools import partial
from itertools import batched, groupby
from operator import itemgetter
from typing import TypedDict

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.errors import Refused
from servicemgmt.core.models import Run, User
from servicemgmt.core.runs import Outcome, Piece, RunKind, items_left, register
from servicemgmt.masterdata.models import Customer

from .billing.grouping import groups_of
from .models import Invoice, InvoiceLine, InvoiceProposal, Transaction
from .operations import left_of, make_proposals, make_reminders, post_proposals, propose_credit
from .queries import chosen_credits, chosen_work
from .receivables.reminding import due_reminders

#: How many projects or proposals one transaction of a run works.
CHUNK = 500


class Terms(TypedDict):
    """On which day, by whom and in which run proposals are made."""

    invoice_date: date
    by: User | None
    at: datetime
    run: Run


def customers_with_work(run: Run) -> Iterable[Piece]:
    keys = {
        key
        for work in (chosen_work(run.parameters), chosen_credits(run.parameters))
        for key in work.order_by().values_list("project__invoice_customer", flat=True).distinct()
    }
    return (Piece(items=list(part)) for part in batched(sorted(keys), CHUNK))


def propose(run: Run, piece: Piece) -> Outcome:
    """The proposals of some customers; one without its tax cell is refused alone."""
    outcome = Outcome()
    grouping = run.parameters.get("grouping") or ""
    of_customers = Q(project__invoice_customer__in=piece.items or [])
    work = chosen_work(run.parameters).filter(of_customers)
    try:
        with transaction.atomic():
            made = make_proposals(work, **_terms(run), grouping=grouping)
        outcome.count("proposals", len(made))
    except Refused:  # by whom, and who else goes on?
        for group, keys in groups_of(work, grouping).items():
            rows = Transaction.objects.filter(pk__in=keys)
            _propose(run, outcome, int(group.split("/")[0]), partial(make_proposals, rows, grouping=grouping))
    credited = chosen_credits(run.parameters).filter(of_customers).order_by("invoice", "pk")
    rows_of = groupby(
        credited.values_list("project__invoice_customer", "invoice", "pk"), key=itemgetter(0, 1)
    )
    for (customer, invoice), found in rows_of:
        _propose(run, outcome, customer, partial(_credit, invoice, [row[2] for row in found]))
    return outcome


def _propose(run: Run, outcome: Outcome, customer: int, make: Callable[..., list[InvoiceProposal]]) -> None:
    try:
        with transaction.atomic():
            made = make(**_terms(run))
    except Refused as refusal:
        name = Customer.objects.get(pk=customer).name
        outcome.count("refused")
        outcome.say("ERROR", f"{name}: {refusal}", subject=f"customer:{customer}", item=customer)
    else:
        outcome.count("proposals", len(made))


def _terms(run: Run) -> Terms:
    return Terms(
        invoice_date=date.fromisoformat(run.parameters["invoice_date"]),
        by=run.started_by,
        at=timezone.now(),
        run=run,
    )


def _credit(
    invoice: int, keys: Collection[int], *, invoice_date: date, by: User | None, at: datetime, run: Run
) -> list[InvoiceProposal]:
    left = left_of(Invoice.objects.get(pk=invoice))
    lines = InvoiceLine.objects.filter(invoice=invoice, transaction__in=keys, pk__in=left)
    amounts = {key: left[key] for key in lines.values_list("pk", flat=True)}
    return [propose_credit(invoice, on=invoice_date, by=by, at=at, run=run, amounts=amounts)]


def chosen_proposals(run: Run) -> Iterable[Piece]:
    return (Piece(items=list(part)) for part in batched(sorted(set(run.parameters["proposals"])), CHUNK))


def post(run: Run, piece: Piece) -> Outcome:
    """Post the drafts of a piece together; what cannot be posted is named and left."""
    outcome = Outcome()
    posted = post_proposals(piece.items or [], by=run.started_by, at=timezone.now(), run=run)
    outcome.count("invoices", len(posted.invoices))
    for key, sentence in posted.refused.items():
        outcome.count("refused")
        outcome.say("ERROR", sentence, subject=f"invoiceproposal:{key}", item=key)
    return outcome


register(
    RunKind(
        code="make_proposals",
        label=_("Make invoice proposals"),
        permission="projects.add_invoiceproposal",
        pieces=customers_with_work,
        work=propose,
        labels={"proposals": _("proposals made"), "refused": _("invoices refused")},
        result_url=lambda run: f"{reverse('projects:proposals')}?run={run.pk}",
        retry=lambda run: run.parameters,  # what has a proposal is not taken again
        item="customer",
    )
)

register(
    RunKind(
        code="post_invoices",
        label=_("Post invoices"),
        permission="projects.add_invoice",
        pieces=chosen_proposals,
        work=post,
        labels={"invoices": _("invoices posted"), "refused": _("proposals refused")},
        result_url=lambda run: f"{reverse('projects:invoices')}?run={run.pk}",
        retry=lambda run: run.parameters | {"proposals": items_left(run) or run.parameters["proposals"]},
        item="invoiceproposal",
    )
)


def customers_to_remind(run: Run) -> Iterable[Piece]:
    """The customers with a reminder due: the same that the preview shows."""
    wanted = [run.parameters["customer"]] if run.parameters.get("customer") else None
    due = due_reminders(date.fromisoformat(run.parameters["on"]), wanted)
    keys = sorted({found.customer.pk for found in due})
    return (Piece(items=list(part)) for part in batched(keys, CHUNK))


def remind(run: Run, piece: Piece) -> Outcome:
    """Remind each customer; one who cannot be reminded is named and left."""
    outcome = Outcome()
    on = date.fromisoformat(run.parameters["on"])
    for customer in piece.items or []:
        try:
            with transaction.atomic():
                made = make_reminders(
                    customers=[customer], on=on, by=run.started_by, at=timezone.now(), run=run
                )
        except Refused as refusal:
            outcome.count("refused")
            outcome.say("ERROR", str(refusal), subject=f"customer:{customer}", item=customer)
        else:
            outcome.count("reminders", len(made))
    return outcome


register(
    RunKind(
        code="make_reminders",
        label=_("Make reminders"),
        permission="projects.add_reminder",
        pieces=customers_to_remind,
        work=remind,
        labels={"reminders": _("reminders made"), "refused": _("customers refused")},
        result_url=lambda run: f"{reverse('projects:reminders')}?run={run.pk}",
        retry=lambda run: run.parameters,  # who was reminded is not reminded again
        item="customer",
    )
)
