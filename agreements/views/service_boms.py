"""The designer of a service BOM and what is done with it as a whole (TB-03, TB-05, TB-07 … TB-10)."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agreements.boms import operations
from agreements.boms.forms import AttachForm, MoveBomForm, NameForm, QuickPartForm, VersionForm
from agreements.boms.lists import CHANGES, PARTS
from agreements.boms.queries import (
    boms_for,
    document_of,
    history_of,
    holder_of,
    home_of,
    options,
    present_lines,
)
from agreements.boms.trees import flat
from agreements.models import AgreementObject, BomChange, ServiceBom, ServiceBomLine
from servicemgmt.core.audit import subject_of
from servicemgmt.core.display import moment
from servicemgmt.core.errors import Refused
from servicemgmt.core.lists import list_page
from servicemgmt.core.search import SEARCHABLE, find
from servicemgmt.core.web import allow, attempt, page, reachable, status_of, version_of
from servicemgmt.masterdata.queries import company_today

from .template_boms import form_page

VIEW, ADD = "agreements.view_servicebom", "agreements.add_servicebom"
CHANGE, DELETE = "agreements.change_servicebom", "agreements.delete_servicebom"
FIELD_WORK = "dispatch.work_own_day"

#: How much of the history stands beside the parts; all of it is a list of its own.
RECENT = 50


@require_GET
@allow(VIEW)
def bom_parts(request: HttpRequest) -> HttpResponseBase:
    """RE-17: which parts are in which objects."""
    rows = ServiceBomLine.objects.filter(bom__in=boms_for(request.user), quantity__gt=0)
    return list_page(request, PARTS, rows)


@require_GET
@allow("agreements.view_bomchange")
def bom_changes(request: HttpRequest) -> HttpResponseBase:
    """RE-16: what was changed in which object."""
    return list_page(request, CHANGES, BomChange.objects.all())


@require_GET
@allow(VIEW, FIELD_WORK)
def service_bom(request: HttpRequest, pk: int) -> HttpResponse:
    """TB-05. `?q=` searches items to add."""
    return show(request, bom_of(request, pk))


def show(request: HttpRequest, bom: ServiceBom, *, refused: str = "", status: int = 200) -> HttpResponse:
    holder, text = holder_of(bom), request.GET.get("q", "").strip()
    can_change = any(request.user.has_perm(name) for name in (CHANGE, FIELD_WORK))
    items = SEARCHABLE["masterdata.item"]
    context = {
        "bom": bom,
        "title": bom.template.name,
        "subtitle": str(bom.service_object),
        "facts": reachable(request.user, facts(bom, holder)),
        "rows": flat(present_lines(bom)),
        "options": options(),
        "changes": history_of(bom)[:RECENT],
        "can_change": can_change,
        "search_text": text,
        "order": request.GET.get("order", "")[:20],
        "found": find(items, request.user, text, on=company_today()) if text and can_change else [],
        "refused": refused,
        "subject": subject_of(bom),
    }
    return page(request, "agreements/boms/service.html", context, regions=["palette"], status=status)


def facts(bom: ServiceBom, holder: Any) -> list[tuple[Any, ...]]:
    document = document_of(holder)
    return [
        (
            _("Service object"),
            bom.service_object,
            reverse("agreements:object", args=[bom.service_object.number]),
        ),
        (
            document._meta.verbose_name.capitalize(),
            document,
            reverse("core:open_subject", args=[subject_of(document)]),
        ),
        (
            _("Template BOM"),
            bom.template,
            reverse("agreements:template_bom", args=[bom.template.number]),
        ),
        (_("Attached"), moment(bom.attached_on)),
    ]


def bom_of(request: HttpRequest, pk: int) -> ServiceBom:
    parts = ["template__item", "service_object__site"]
    return get_object_or_404(boms_for(request.user).select_related(*parts), pk=pk)


@require_http_methods(["GET", "POST"])
@allow(ADD)
def bom_attach(request: HttpRequest, relation: int) -> HttpResponse:
    """TB-03: give an object of an agreement its service BOM."""
    found = get_object_or_404(
        AgreementObject.objects.select_related("service_object", "agreement"), pk=relation
    )
    form = AttachForm(request.POST or None, initial={"template": found.service_object.template_bom_id})
    return form_page(
        request,
        form,
        lambda: operations.attach_bom(
            found, form.cleaned_data["template"], on=company_today(), by=request.user
        ),
        title=_("Attach a template BOM"),
        help=attach_help(found),
        done=_("The parts of %(row)s are copied."),
        to=lambda made: redirect("agreements:service_bom", made.pk),
        cancel=reverse("agreements:agreement", args=[found.agreement.number]),
    )


def attach_help(relation: AgreementObject) -> str:
    """The object, and that it has a service BOM elsewhere whose history would not come along."""
    thing = relation.service_object
    held = ServiceBom.objects.filter(service_object=thing, removed_at=None).first()
    holder = holder_of(held) if held else None
    if holder is None:
        return str(thing)
    return _(
        "%(object)s has a service BOM in %(document)s. Move that one here instead to keep its history."
    ) % {
        "object": thing,
        "document": home_of(holder),
    }


@require_POST
@allow(CHANGE, FIELD_WORK)
def bom_part_add(request: HttpRequest, pk: int) -> HttpResponse:
    """TB-07: one of an item, at the top or below another part."""
    bom = bom_of(request, pk)
    form = QuickPartForm(request.POST, bom=bom)
    if not form.is_valid():
        return show(request, bom, refused=_("Choose an item to add."), status=422)
    return attempt(
        request,
        lambda: operations.add_bom_line(
            bom.pk, quantity=Decimal(1), on=company_today(), by=request.user, **form.cleaned_data
        ),
        done=_("%(item)s is added.") % {"item": form.cleaned_data["item"]},
        to="agreements:service_bom",
        pk=pk,
    )


@require_POST
@allow(CHANGE, FIELD_WORK)
def bom_part_delete(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """TB-07: take a part out."""
    bom = bom_of(request, pk)
    row = get_object_or_404(bom.lines.select_related("item"), pk=line)
    return attempt(
        request,
        lambda: operations.delete_bom_line(
            row.pk, version=version_of(request), on=company_today(), by=request.user
        ),
        done=_("%(item)s is taken out.") % {"item": row.item},
        to="agreements:service_bom",
        pk=pk,
    )


@require_http_methods(["GET", "POST"])
@allow(DELETE)
def bom_move(request: HttpRequest, pk: int) -> HttpResponse:
    """TB-09: to another agreement's relation of the same object, with the history."""
    bom = bom_of(request, pk)
    form = MoveBomForm(request.POST or None, bom=bom)
    back = reverse("agreements:service_bom", args=[pk])
    return form_page(
        request,
        form,
        lambda: operations.move_bom(bom.pk, by=request.user, **form.cleaned_data),
        title=_("Move the service BOM"),
        help=_(
            "Agreements that %(object)s is related to and that have no service BOM for it are offered; its lines and "
            "history go along."
        )
        % {"object": bom.service_object},
        done=_("%(row)s is moved."),
        submit_label=_("Move"),
        to=lambda made: redirect(back),
        cancel=back,
    )


@require_http_methods(["GET", "POST"])
@allow("agreements.add_templatebom")
def bom_template(request: HttpRequest, pk: int) -> HttpResponse:
    """TB-10: a template of what the service BOM holds now."""
    bom = bom_of(request, pk)
    form = NameForm(request.POST or None, initial={"name": bom.template.name})
    return form_page(
        request,
        form,
        lambda: operations.template_from_bom(
            bom.pk, on=company_today(), by=request.user, **form.cleaned_data
        ),
        title=_("New template BOM from these parts"),
        help=str(bom.service_object),
        done=_("%(row)s is entered."),
        to=lambda made: redirect("agreements:template_bom", made.number),
        cancel=reverse("agreements:service_bom", args=[pk]),
    )


@require_http_methods(["GET", "POST"])
@allow(DELETE)
def bom_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """TB-08: asks first."""
    bom = bom_of(request, pk)
    if request.method == "GET":
        return page(request, "core/confirm.html", question(bom))
    try:
        operations.delete_bom(bom.pk, version=version_of(request), by=request.user, at=timezone.now())
    except Refused as refusal:
        return show(request, bom_of(request, pk), refused=str(refusal), status=status_of(refusal))
    messages.success(request, _("The service BOM of %(object)s is deleted.") % {"object": bom.service_object})
    return redirect("agreements:object", bom.service_object.number)


def question(bom: ServiceBom) -> dict[str, Any]:
    return {
        "title": _("Delete the service BOM"),
        "text": _("Delete the service BOM of %(object)s?") % {"object": bom.service_object},
        "consequences": [
            _("Its parts are shown no more; the history of the object keeps what was changed."),
            _("%(template)s can be changed again if nothing else uses it.") % {"template": bom.template},
        ],
        "form": VersionForm(initial={"version": bom.version}),
        "submit_label": _("Delete"),
        "cancel_url": reverse("agreements:service_bom", args=[bom.pk]),
    }
