"""Item requirements: the list, one of them, and every step it goes."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from servicemgmt.core.audit import subject_of
from servicemgmt.core.display import quantity, unit_price
from servicemgmt.core.errors import Refused
from servicemgmt.core.forms import submit
from servicemgmt.core.lists import list_page
from servicemgmt.core.web import allow, next_url, page, reachable, status_of, version_of, whole
from servicemgmt.inventory.queries import available
from servicemgmt.masterdata.models import Item
from servicemgmt.masterdata.queries import company_today

from .. import operations
from ..models import ItemRequirement, Project
from ..requirements.forms import ChangeRequirementForm, ProjectRequireForm, StepForm
from ..requirements.lists import REQUIREMENT_TONES, REQUIREMENTS, requirements_listed
from ..requirements.rows import lots_in_hand


@require_GET
@allow("projects.view_itemrequirement")
def requirements(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, REQUIREMENTS, requirements_listed())


@require_http_methods(["GET", "POST"])
@allow("projects.add_itemrequirement")
def requirement_new(request: HttpRequest) -> HttpResponse:
    """Reserve an item for a project; `?project=` pre-fills which."""
    project = Project.objects.filter(pk=whole(request.GET.get("project"))).first()
    initial = {"needed_on": company_today(), "project": project}
    form = ProjectRequireForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            made = submit(form, lambda: operations.require_item(**form.cleaned_data, by=request.user))
            refusal = form.refusal  # type: ignore[attr-defined]
            if refusal is None:
                messages.success(request, _("The item is reserved."))
                return redirect("projects:requirement", made.pk)
            status = status_of(refusal)
    context = {
        "form": form,
        "title": _("Reserve an item"),
        "help": _("The goods stay in stock, kept for the project, until they are picked and used."),
        "submit_label": _("Reserve"),
        "crumbs": [{"label": _("Item requirements"), "url": reverse("projects:requirements")}],
        "cancel_url": reverse("projects:requirements"),
    }
    return page(request, "core/form.html", context, status=status)


@require_GET
@allow("projects.view_itemrequirement")
def requirement(request: HttpRequest, pk: int) -> HttpResponse:
    return show(request, pk)


@require_POST
@allow("projects.change_itemrequirement")
def requirement_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Need more, less or on another day."""
    form = ChangeRequirementForm(request.POST, auto_id="change_%s")
    return stepped(
        request,
        pk,
        form,
        lambda given, version: operations.change_requirement(
            pk, **given, version=version, by=request.user, at=timezone.now()
        ),
        _("The requirement is changed."),
    )


@require_POST
@allow("projects.change_itemrequirement")
def requirement_pick(request: HttpRequest, pk: int) -> HttpResponse:
    """Take reserved goods in hand."""
    return stepped(
        request,
        pk,
        StepForm(request.POST, item=item_of(pk)),
        lambda given, version: operations.pick_requirement(pk, **given, version=version, by=request.user),
        _("The goods are picked."),
    )


@require_POST
@allow("projects.change_itemrequirement")
def requirement_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Put picked goods back."""
    return stepped(
        request,
        pk,
        StepForm(request.POST, item=item_of(pk)),
        lambda given, version: operations.return_requirement(
            pk, given["quantity"], on=given["on"], lot=given.get("lot", ""), version=version, by=request.user
        ),
        _("The goods are back in stock."),
    )


@require_POST
@allow("projects.consume_itemrequirement")
def requirement_consume(request: HttpRequest, pk: int) -> HttpResponse:
    """Use picked goods on the project."""
    return stepped(
        request,
        pk,
        StepForm(request.POST, item=item_of(pk)),
        lambda given, version: operations.consume_requirement(
            pk,
            given["quantity"],
            on=given["on"],
            lot=given.get("lot", ""),
            version=version,
            by=request.user,
            at=timezone.now(),
        ),
        _("The goods are used and posted."),
    )


@require_POST
@allow("projects.consume_itemrequirement")
def requirement_undo(request: HttpRequest, pk: int, step: int) -> HttpResponse:
    """Take a consumption back, dated today."""
    row = get_object_or_404(ItemRequirement, pk=pk)
    get_object_or_404(row.steps, pk=step)
    now = timezone.now()
    return stepped(
        request,
        pk,
        None,
        lambda given, version: operations.undo_consumption(
            pk, step, on=company_today(), version=version, by=request.user, at=now
        ),
        _("The consumption is taken back."),
    )


@require_POST
@allow("projects.delete_itemrequirement")
def requirement_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Need it no more, while it is only reserved."""
    get_object_or_404(ItemRequirement, pk=pk)
    try:
        operations.delete_requirement(pk, version=version_of(request), by=request.user)
    except Refused as refusal:
        return show(request, pk, problem=str(refusal), status=status_of(refusal))
    messages.success(request, _("The requirement is deleted."))
    return redirect(next_url(request, reverse("projects:requirements")))


def stepped(
    request: HttpRequest,
    pk: int,
    form: forms.Form | None,
    work: Callable[[dict[str, Any], int], Any],
    done: str,
) -> HttpResponse:
    """Do `work` with what the form says and the version the page showed; a refusal stands on the page in place."""
    get_object_or_404(ItemRequirement, pk=pk)
    opened = {"form" if isinstance(form, StepForm) else "change_form": form} if form else {}
    if form is not None and not form.is_valid():
        return show(request, pk, status=422, **opened)
    try:
        work(form.cleaned_data if form else {}, version_of(request))
    except Refused as refusal:
        return show(request, pk, problem=str(refusal), status=status_of(refusal), **opened)
    messages.success(request, done)
    return redirect("projects:requirement", pk)


def show(
    request: HttpRequest, pk: int, *, problem: str = "", status: int = 200, **opened: forms.Form
) -> HttpResponse:
    """The requirement as it stands; after a refusal with its sentence above."""
    row = get_object_or_404(
        ItemRequirement.objects.select_related(
            "project__currency", "item__unit", "category", "line_property", "warehouse", "place", "made_by"
        ),
        pk=pk,
    )
    in_hand, reserved = row.in_hand, row.reserved
    step = {"quantity": format((in_hand or reserved).normalize(), "f"), "on": company_today()}
    change = {"quantity": format(row.quantity.normalize(), "f"), "needed_on": row.needed_on, "text": row.text}
    context = {
        "row": row,
        "subject": subject_of(row),
        "title": f"{row.item.number} {row.item.name}",
        "subtitle": row.label or row.project.number,
        "badges": [{"label": row.get_status_display(), "tone": REQUIREMENT_TONES[row.status]}],
        "facts": facts_of(row),
        "side_facts": reachable(request.user, links_of(row)),
        "steps": row.steps.select_related("transaction__voucher", "made_by", "undone_by", "lot"),
        "form": StepForm(initial=step, item=row.item, picks=reserved > 0),
        "change_form": ChangeRequirementForm(initial=change, auto_id="change_%s"),
        "problem": problem,
    } | opened
    return page(request, "projects/requirement.html", context, status=status)


def item_of(pk: int) -> Item:
    """The item that a requirement is of."""
    return get_object_or_404(Item, pk__in=ItemRequirement.objects.filter(pk=pk).values("item"))


def facts_of(row: ItemRequirement) -> list[tuple[Any, ...]]:
    def told(amount: Any) -> str:
        return f"{quantity(amount)} {row.item.unit.code}"

    facts: list[tuple[Any, ...]] = [
        (_("Needed"), told(row.quantity)),
        (_("Still to pick"), told(row.reserved)),
        (_("Picked, in hand"), told(row.in_hand)),
        (_("Consumed"), told(row.consumed)),
        (_("Returned"), told(row.returned)),
        (_("Needed on"), row.needed_on),
        (_("Reserved in"), row.warehouse),
        (_("Available there besides"), told(available(row.item, row.warehouse))),
    ]
    if row.place and row.place != row.warehouse:
        facts.append((_("Picked into"), row.place))
    if in_hand := lots_in_hand(row):
        numbers = ", ".join(lot.number for lot in in_hand)
        facts.append((_("Batches and serial numbers in hand"), numbers))
    if row.sales_price is not None:
        facts.append((_("Sales price"), unit_price(row.sales_price, row.project.currency)))
    return facts


def links_of(row: ItemRequirement) -> list[tuple[Any, ...]]:
    """The way to the project and to the document that needs the goods."""
    links: list[tuple[Any, ...]] = [
        (_("Project"), row.project, reverse("projects:project", args=[row.project.number])),
    ]
    if row.subject:
        links.append((_("Document"), row.label, reverse("core:open_subject", args=[row.subject])))
    stock = f"{reverse('inventory:on_hand')}?item={row.item.pk}&tab=all"
    return [
        *links,
        (_("Stock"), row.item.number, stock),
        (_("Category"), row.category),
        (_("Line property"), row.line_property),
        (_("Text"), row.text),
        (_("Made by"), row.made_by or _("System")),
    ]
