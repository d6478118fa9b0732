"""Mass jobs of invoicing: proposals for all posted work, and posting many proposals."""

from collections.abc import Iterable
from datetime import date
from itertools import batched
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.errors import Refused
from servicemgmt.core.models import Run
from servicemgmt.core.runs import Outcome, Piece, RunKind, items_left, register

from .models import Project, Transaction
from .operations import make_proposals, make_reminders, post_proposals
from .queries import work_to_invoice
from .reminding import due_reminders

#: How many projects or proposals one transaction of a run works.
CHUNK = 25


def chosen_work(run: Run) -> QuerySet[Transaction]:
    """The work a run of proposals takes: the same query its preview shows."""
    wanted: dict[str, Any] = run.parameters
    until = wanted.get("until")
    return work_to_invoice(
        until=date.fromisoformat(until) if until else None,
        project=wanted.get("project"),
        customer=wanted.get("customer"),
        source=wanted.get("source") or "",
    )


def projects_with_work(run: Run) -> Iterable[Piece]:
    keys = chosen_work(run).order_by("project").values_list("project", flat=True).distinct()
    return (Piece(items=list(part)) for part in batched(keys, CHUNK))


def propose(run: Run, piece: Piece) -> Outcome:
    """One proposal per project and customer; a project without its tax cell is refused alone."""
    outcome = Outcome()
    invoice_date = date.fromisoformat(run.parameters["invoice_date"])
    for project in Project.objects.filter(pk__in=piece.items or []).order_by("pk"):
        try:
            with transaction.atomic():
                made = make_proposals(
                    chosen_work(run).filter(project=project),
                    invoice_date=invoice_date,
                    by=run.started_by,
                    at=timezone.now(),
                    run=run,
                )
        except Refused as refusal:
            outcome.count("refused")
            outcome.say(
                "ERROR", f"{project.number}: {refusal}", subject=f"project:{project.pk}", item=project.pk
            )
        else:
            outcome.count("proposals", len(made))
    return outcome


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
        pieces=projects_with_work,
        work=propose,
        labels={"proposals": _("proposals made"), "refused": _("projects refused")},
        result_url=lambda run: f"{reverse('projects:proposals')}?run={run.pk}",
        retry=lambda run: run.parameters,  # what has a proposal is not taken again
        item="project",
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
