"""The list of agreements and the verbs on the header."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agreements import operations
from agreements.forms import AgreementForm
from agreements.lists import agreements_spec
from agreements.models import AgreementGroup, ServiceAgreement
from agreements.queries import technician_remark
from agreements.sources import copyable_lines, template_tree
from servicemgmt.core.errors import Refused
from servicemgmt.core.forms import submit
from servicemgmt.core.lists import list_page
from servicemgmt.core.web import allow, form_status, page, status_of, version_of, whole
from servicemgmt.masterdata.queries import company_today
from servicemgmt.projects.models import Project

from .copying import tell_left
from .find import ADD, CHANGE, DELETE, VIEW, agreement_of, crumbs_of, named


@require_GET
@allow(VIEW)
def agreements(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, agreements_spec(company_today()), ServiceAgreement.objects.all())


@require_GET
@allow(VIEW)
def templates(request: HttpRequest) -> HttpResponse:
    """The templates in the tree of their groups, with the groups that have none yet."""
    context = {"tree": template_tree(with_empty=True), "title": _("Agreement templates")}
    return page(request, "agreements/templates.html", context)


@require_http_methods(["GET", "POST"])
@allow(ADD)
def agreement_new(request: HttpRequest) -> HttpResponse:
    """AG-01, AG-02: from the module, or with ?project= from a project; ?copy= from another agreement, lines too;
    ?template=1 for a template."""
    for_template = "template" in request.GET
    source = named(ServiceAgreement, request.GET.get("copy", ""))
    initial = start(request) | (as_copied(source) if source else {})
    form = AgreementForm(request.POST or None, initial=initial, for_template=for_template, source=source)
    if not form.is_valid():
        return new_page(request, form, status=form_status(form))
    made = submit(form, lambda: create(request, form))
    if form.refusal:
        return new_page(request, form, status=status_of(form.refusal))
    messages.success(
        request, _("%(number)s is created. Now say what is done on its visits.") % {"number": made.number}
    )
    if form.source:
        tell_left(request, copyable_lines(form.source), made.lines.all())
    warn(request, made)
    return redirect("agreements:agreement", made.number)


def create(request: HttpRequest, form: AgreementForm) -> ServiceAgreement:
    if form.source:
        return operations.copy_agreement(form.source.pk, by=request.user, **form.values)
    return operations.create_agreement(by=request.user, **form.values)


def as_copied(source: ServiceAgreement) -> dict[str, Any]:
    """What the header of a copy starts with: all but how long it runs and what was said about that."""
    own = {"start_date", "end_date", "template_group", "prices_fixed_until", "quoted_until"}
    names = [name for name in AgreementForm.Meta.fields if name not in own]
    return {name: getattr(source, f"{name}_id", getattr(source, name)) for name in names}


def start(request: HttpRequest) -> dict[str, Any]:
    """What the address says beforehand: the project by its number or key."""
    project = named(Project, request.GET.get("project", ""))
    initial: dict[str, Any] = {"start_date": company_today().replace(day=1)}
    return initial | ({"project": project.pk, "description": project.name} if project else {})


def new_page(request: HttpRequest, form: AgreementForm, *, status: int) -> HttpResponse:
    title = _("New template") if form.for_template else _("New agreement")
    if form.source:
        title = _("Copy of %(number)s") % {"number": form.source.number}
    back = reverse("agreements:agreements")
    context = {
        "form": form,
        "fieldsets": form.fieldsets,
        "title": title,
        "crumbs": crumbs_of(),
        "cancel_url": back,
        "back_url": back,
    }
    return page(request, "core/form.html", context, status=status)


@require_GET
@allow(ADD, CHANGE)
def group_sla(request: HttpRequest) -> HttpResponse:
    """AG-04: the select of the SLA again, with that of the group just chosen."""
    pk = whole(request.GET.get("group"))
    group = AgreementGroup.objects.select_related("sla").filter(pk=pk).first()
    sla = group.sla if group and group.sla and not group.sla.suspended else None
    form = AgreementForm(initial={"sla": sla.pk if sla else None})
    return HttpResponse(str(form["sla"]))


@require_http_methods(["GET", "POST"])
@allow(CHANGE)
def agreement_edit(request: HttpRequest, number: str) -> HttpResponse:
    agreement = agreement_of(number)
    form = AgreementForm(request.POST or None, instance=agreement)
    if not form.is_valid():
        return edit_page(request, agreement, form, status=form_status(form))
    saved = submit(
        form,
        lambda: operations.change_agreement(
            agreement.pk, version=form.version, by=request.user, **form.values
        ),
    )
    if form.refusal:
        return edit_page(request, agreement, form, status=status_of(form.refusal))
    messages.success(request, _("%(number)s is saved.") % {"number": number})
    warn(request, saved)
    return redirect("agreements:agreement", number)


def warn(request: HttpRequest, agreement: ServiceAgreement) -> None:
    """AG-19: say what is allowed and yet not wise."""
    if remark := technician_remark(agreement):
        messages.warning(request, remark)


def edit_page(
    request: HttpRequest, agreement: ServiceAgreement, form: AgreementForm, *, status: int
) -> HttpResponse:
    back = reverse("agreements:agreement", args=[agreement.number])
    danger = {
        "label": _("Delete"),
        "url": reverse("agreements:agreement_delete", args=[agreement.number]),
        "confirm": _("Delete %(number)s with its lines? This cannot be taken back.")
        % {"number": agreement.number},
    }
    context = {
        "form": form,
        "fieldsets": form.fieldsets,
        "title": _("Edit %(number)s") % {"number": agreement.number},
        "crumbs": crumbs_of(agreement),
        "cancel_url": back,
        "danger": danger if request.user.has_perm(DELETE) else None,
    }
    return page(request, "core/form.html", context, status=status)


@require_POST
@allow(DELETE)
def agreement_delete(request: HttpRequest, number: str) -> HttpResponse:
    """AG-18."""
    agreement = agreement_of(number)
    try:
        operations.delete_agreement(agreement.pk, version=version_of(request), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("agreements:agreement", number)
    messages.success(request, _("%(number)s is deleted.") % {"number": number})
    return redirect("agreements:agreements")
