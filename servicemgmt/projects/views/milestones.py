"""Milestones of fixed price projects: the list, one of them, planned, completed and taken back."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from servicemgmt.core.audit import subject_of
from servicemgmt.core.display import money
from servicemgmt.core.errors import Refused
from servicemgmt.core.lists import list_page
from servicemgmt.core.web import allow, page, status_of, version_of
from servicemgmt.masterdata.queries import company_today
from servicemgmt.masterdata.views.editing import crumb, edited

from ..milestones import operations
from ..milestones.forms import MilestoneForm
from ..milestones.lists import MILESTONES
from ..models import Milestone, Project, TransactionStatus


@require_GET
@allow("projects.view_milestone")
def milestones(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, MILESTONES, Milestone.objects.all())


@require_GET
@allow("projects.view_milestone")
def milestone(request: HttpRequest, pk: int) -> HttpResponse:
    return show(request, pk)


def show(request: HttpRequest, pk: int, *, problem: str = "", status: int = 200) -> HttpResponse:
    """The milestone as it stands; after a refusal with its sentence above."""
    rows = Milestone.objects.select_related(
        "project__currency", "category", "transaction__voucher", "transaction__invoice"
    )
    found = get_object_or_404(rows, pk=pk)
    row = found.transaction
    context = {
        "row": found,
        "subject": subject_of(found),
        "title": found.description,
        "subtitle": str(found.project),
        "badges": [
            {"label": _("Completed"), "tone": "green"} if found.completed_on else {"label": _("Open")}
        ],
        "facts": facts_of(found),
        "may_undo": bool(row and row.status == TransactionStatus.POSTED),
        "today": company_today(),
        "problem": problem,
    }
    return page(request, "projects/milestone.html", context, status=status)


def facts_of(found: Milestone) -> list[tuple[Any, ...]]:
    row = found.transaction
    facts: list[tuple[Any, ...]] = [
        (_("Project"), found.project, reverse("projects:project", args=[found.project.number])),
        (_("Due"), found.due_on),
        (_("Amount"), money(found.amount, found.project.currency)),
        (_("Category"), found.category),
    ]
    if row:
        facts.append((_("Completed"), found.completed_on))
        facts.append((_("Fee"), row.get_status_display(), reverse("projects:transaction", args=[row.pk])))
        if row.invoice:
            url = reverse("projects:invoice", args=[row.invoice.number])
            facts.append((_("Invoice"), row.invoice.number, url))
    return facts


@require_http_methods(["GET", "POST"])
@allow("projects.add_milestone")
def milestone_new(request: HttpRequest, number: str) -> HttpResponse:
    """Plan a milestone of a project."""
    found = get_object_or_404(Project.objects.select_related("currency"), number=number)
    return edited(
        request,
        MilestoneForm,
        lambda form: operations.add_milestone(found, by=request.user, **form.values),
        title=_("New milestone"),
        crumbs=[crumb(_("Projects"), "projects:projects"), crumb(found.number, "projects:project", number)],
        done_url=lambda row: reverse("projects:project", args=[number]),
    )


@require_http_methods(["GET", "POST"])
@allow("projects.change_milestone")
def milestone_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Milestone, pk=pk)
    return edited(
        request,
        MilestoneForm,
        lambda form: operations.save_milestone(
            found.pk, version=form.version, by=request.user, **form.values
        ),
        title=_("Edit %(name)s") % {"name": found.description},
        crumbs=[
            crumb(_("Milestones"), "projects:milestones"),
            crumb(found.description, "projects:milestone", pk),
        ],
        done_url=lambda row: reverse("projects:milestone", args=[pk]),
        instance=found,
    )


def worked(request: HttpRequest, pk: int, work: Callable[[], Any], done: str, to: str = "") -> HttpResponse:
    """Do `work`; a refusal shows the milestone as it stands, with the sentence."""
    get_object_or_404(Milestone, pk=pk)
    try:
        work()
    except Refused as refusal:
        return show(request, pk, problem=str(refusal), status=status_of(refusal))
    messages.success(request, done)
    return redirect(to or reverse("projects:milestone", args=[pk]))


@require_POST
@allow("projects.change_milestone")
def milestone_complete(request: HttpRequest, pk: int) -> HttpResponse:
    """Post its fee, dated on the day given, else today."""
    on = parse_date(request.POST.get("on", "")) or company_today()
    return worked(
        request,
        pk,
        lambda: operations.complete_milestone(
            pk, version=version_of(request), on=on, by=request.user, at=timezone.now()
        ),
        _("The milestone is completed; its fee can be invoiced."),
    )


@require_POST
@allow("projects.change_milestone")
def milestone_undo(request: HttpRequest, pk: int) -> HttpResponse:
    return worked(
        request,
        pk,
        lambda: operations.undo_completion(
            pk, version=version_of(request), on=company_today(), by=request.user, at=timezone.now()
        ),
        _("The completion is taken back and its fee reversed."),
    )


@require_POST
@allow("projects.delete_milestone")
def milestone_delete(request: HttpRequest, pk: int) -> HttpResponse:
    return worked(
        request,
        pk,
        lambda: operations.delete_milestone(pk, version=version_of(request), by=request.user),
        _("The milestone is deleted."),
        to=reverse("projects:milestones"),
    )
