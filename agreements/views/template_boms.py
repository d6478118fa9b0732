"""The pages of template BOMs (TB-01, TB-04)."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agreements.boms import operations
from agreements.boms.forms import QuantityForm, TemplateForm, TemplateHeadForm, TemplateLineForm
from agreements.boms.lists import TEMPLATES
from agreements.boms.queries import options
from agreements.boms.trees import flat
from agreements.models import TemplateBom
from servicemgmt.core.audit import subject_of
from servicemgmt.core.display import moment
from servicemgmt.core.errors import Refused
from servicemgmt.core.forms import submit
from servicemgmt.core.lists import list_page
from servicemgmt.core.web import allow, attempt, page, status_of, version_of
from servicemgmt.masterdata.queries import company_today

VIEW, ADD = "agreements.view_templatebom", "agreements.add_templatebom"
CHANGE, DELETE = "agreements.change_templatebom", "agreements.delete_templatebom"


@require_GET
@allow(VIEW)
def template_boms(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, TEMPLATES, TemplateBom.objects.all())


@require_http_methods(["GET", "POST"])
@allow(ADD)
def template_bom_new(request: HttpRequest) -> HttpResponse:
    """TB-01. `?template=` (a key) copies that one."""
    first = {"on": company_today(), **start_from(request)}
    form = TemplateForm(request.POST or None, initial=first)
    return form_page(
        request,
        form,
        lambda: operations.create_template(by=request.user, **form.cleaned_data),
        title=_("New template BOM"),
        done=_("%(row)s is entered."),
        to=lambda made: redirect("agreements:template_bom", made.number),
        cancel=reverse("agreements:template_boms"),
    )


def start_from(request: HttpRequest) -> dict[str, Any]:
    found = TemplateBom.objects.filter(number=request.GET.get("template", "")).first()
    return {"source": "TEMPLATE", "template": found.pk, "name": found.name} if found else {}


@require_GET
@allow(VIEW)
def template_bom(request: HttpRequest, number: str) -> HttpResponse:
    return show(request, template_of(number))


def show(
    request: HttpRequest,
    found: TemplateBom,
    *,
    form: BaseForm | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    used = found.service_boms.filter(removed_at=None).select_related("service_object")
    is_locked = used.exists()
    can_change = request.user.has_perm(CHANGE) and not is_locked
    context = {
        "template": found,
        "title": found.number,
        "subtitle": found.name,
        "badges": [{"label": _("In use"), "tone": "cyan"}] if is_locked else [],
        "facts": facts(found),
        "rows": flat(found.lines.select_related("item", "unit")),
        "options": options(),
        "is_locked": is_locked,
        "used": used[:20],
        "can_change": can_change,
        "can_delete": request.user.has_perm(DELETE) and not found.service_boms.exists(),
        "form": form or (TemplateLineForm(template=found) if can_change else None),
        "refused": refused,
        "subject": subject_of(found),
    }
    return page(request, "agreements/boms/template.html", context, status=status)


def facts(found: TemplateBom) -> list[tuple[Any, ...]]:
    return [
        (_("Item"), found.item),
        (_("Made from"), " ".join(filter(None, [found.get_source_display(), found.source_label]))),
        (_("As of"), moment(found.bom_date)),
        (_("Valid from"), moment(found.from_date)),
        (_("Valid to"), moment(found.to_date)),
    ]


def template_of(number: str) -> TemplateBom:
    return get_object_or_404(TemplateBom.objects.select_related("item"), number=number)


@require_http_methods(["GET", "POST"])
@allow(CHANGE)
def template_bom_edit(request: HttpRequest, number: str) -> HttpResponse:
    found = template_of(number)
    names = ["name", "from_date", "to_date", "version"]
    form = TemplateHeadForm(request.POST or None, initial={name: getattr(found, name) for name in names})
    back = reverse("agreements:template_bom", args=[number])
    return form_page(
        request,
        form,
        lambda: operations.save_template(found.pk, by=request.user, **form.cleaned_data),
        title=_("Edit %(number)s") % {"number": number},
        done=_("%(row)s is saved."),
        to=lambda made: redirect(back),
        cancel=back,
    )


@require_POST
@allow(DELETE)
def template_bom_delete(request: HttpRequest, number: str) -> HttpResponse:
    found = template_of(number)
    try:
        operations.delete_template(found.pk, version=version_of(request), by=request.user)
    except Refused as refusal:
        return show(request, template_of(number), refused=str(refusal), status=status_of(refusal))
    messages.success(request, _("%(row)s is deleted.") % {"row": found})
    return redirect("agreements:template_boms")


@require_POST
@allow(CHANGE)
def template_line_add(request: HttpRequest, number: str) -> HttpResponse:
    """A part at the end, or below another."""
    found = template_of(number)
    form = TemplateLineForm(request.POST, template=found)
    if form.is_valid():
        submit(form, lambda: operations.add_template_line(found.pk, by=request.user, **form.cleaned_data))
    if form.errors:
        refusal = getattr(form, "refusal", None)
        return show(request, template_of(number), form=form, status=status_of(refusal) if refusal else 422)
    return redirect(reverse("agreements:template_bom", args=[number]) + "#lines")


@require_POST
@allow(CHANGE)
def template_line_change(request: HttpRequest, number: str, line: int) -> HttpResponse:
    """TB-04: another quantity; 0 deletes the line."""
    found = template_of(number)
    row = get_object_or_404(found.lines, pk=line)
    form = QuantityForm(request.POST)
    if not form.is_valid():
        return show(request, found, refused=_("Enter a quantity; 0 deletes the line."), status=422)
    return attempt(
        request,
        lambda: operations.change_template_line(row.pk, by=request.user, **form.cleaned_data),
        to="agreements:template_bom",
        number=number,
    )


def form_page(
    request: HttpRequest,
    form: Any,
    work: Callable[[], Any],
    *,
    title: str,
    done: str,
    to: Callable[[Any], HttpResponse],
    cancel: str,
    **context: Any,
) -> HttpResponse:
    """Show the form, or do its work and go on; `done` is said of what was made as `row`."""
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            made = submit(form, work)
            if form.refusal is None:
                messages.success(request, done % {"row": made})
                return to(made)
            status = status_of(form.refusal)
    shown = {"form": form, "title": title, "cancel_url": cancel, **context}
    return page(request, "core/form.html", shown, status=status)
