"""The lines of an agreement."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from agreements import operations
from agreements.forms import LineForm, ReasonForm
from agreements.models import DueFrom, ServiceAgreement, ServiceAgreementLine
from servicemgmt.core.forms import submit
from servicemgmt.core.web import allow, attempt, form_status, page, status_of, version_of, whole
from servicemgmt.projects.models import LineKind

from .find import CHANGE, agreement_of, crumbs_of, line_of
from .life import STAY, asked


@require_http_methods(["GET", "POST"])
@allow(CHANGE)
def line_new(request: HttpRequest, number: str) -> HttpResponse:
    """AG-08: the type first (?kind=), then what this type needs; ?object_relation= fills in the object."""
    agreement = agreement_of(number)
    asked = request.GET.get("kind", "")
    kind = asked if asked in LineKind.values else LineKind.HOUR
    thing = whole(request.GET.get("object_relation"))
    first = {"object_relation": thing} if thing else {}
    form = LineForm(request.POST or None, agreement=agreement, kind=kind, initial=first)
    if not form.is_valid():
        return line_page(request, agreement, form, status=form_status(form))
    values = {name: value for name, value in form.values.items() if value is not None or name != "start_date"}
    made = submit(form, lambda: operations.add_line(agreement.pk, by=request.user, kind=kind, **values))
    if form.refusal:
        return line_page(request, agreement, form, status=status_of(form.refusal))
    messages.success(request, _("Line %(line)s is added.") % {"line": made.line_number})
    if "again" in request.POST:
        return redirect(f"{request.path}?kind={kind}")
    return redirect("agreements:agreement", number)


@require_http_methods(["GET", "POST"])
@allow(CHANGE)
def line_edit(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    agreement = agreement_of(number)
    line = line_of(agreement, pk)
    form = LineForm(request.POST or None, instance=line, agreement=agreement, kind=line.kind)
    if not form.is_valid():
        return line_page(request, agreement, form, line=line, status=form_status(form))
    saved = submit(
        form,
        lambda: operations.change_line(line.pk, version=form.version, by=request.user, **form.values),
    )
    if form.refusal:
        return line_page(request, agreement, form, line=line, status=status_of(form.refusal))
    messages.success(request, _("Line %(line)s is saved.") % {"line": line.line_number})
    if "due_from" in form.changed_data and saved.due_from == DueFrom.ACTUAL:
        messages.info(request, _("Visits of the line that are there stay; the next comes when all are done."))
    return redirect("agreements:agreement", number)


def line_page(
    request: HttpRequest,
    agreement: ServiceAgreement,
    form: LineForm,
    *,
    line: ServiceAgreementLine | None = None,
    status: int,
) -> HttpResponse:
    title = _("Line %(line)s") % {"line": line.line_number} if line else _("New line")
    context: dict[str, Any] = {
        "agreement": agreement,
        "line": line,
        "form": form,
        "fieldsets": form.fieldsets,
        "title": title,
        "crumbs": crumbs_of(agreement),
        "kinds": [] if line else kind_tabs(form.kind, request),
        "cancel_url": reverse("agreements:agreement", args=[agreement.number]),
    }
    if line:
        context["danger"] = {
            "label": _("Delete line"),
            "url": reverse("agreements:line_remove", args=[agreement.number, line.pk]),
            "confirm": _("Delete this line? This cannot be taken back."),
        }
    return page(request, "agreements/line_form.html", context, status=status)


def kind_tabs(chosen: str, request: HttpRequest) -> list[dict[str, Any]]:
    """The types; what else the address says stays."""

    def url(kind: str) -> str:
        query = request.GET.copy()
        query["kind"] = kind
        return f"{request.path}?{query.urlencode()}"

    return [{"label": label, "url": url(kind), "current": kind == chosen} for kind, label in LineKind.choices]


@require_http_methods(["GET", "POST"])
@allow(CHANGE)
def line_stop(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """AG-06, with a reason."""
    agreement = agreement_of(number)
    line = line_of(agreement, pk)
    return asked(
        request,
        agreement,
        ReasonForm(request.POST or None, initial={"version": line.version}),
        partial(operations.stop_line, line.pk, by=request.user),
        title=_("Stop line %(line)s") % {"line": line},
        text=_("No visit is created from the line until it goes on, and it is not copied."),
        consequences=[STAY],
        label=_("Stop the line"),
        done=_("Line %(line)s is stopped.") % {"line": line.line_number},
        why_not=operations.why_not_stop(line),
    )


@require_POST
@allow(CHANGE)
def line_restart(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    return press(request, number, pk, operations.restart_line, done=_("Line %(line)s goes on."))


@require_POST
@allow(CHANGE)
def line_remove(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    return press(request, number, pk, operations.remove_line, done=_("Line %(line)s is deleted."))


def press(request: HttpRequest, number: str, pk: int, act: Callable[..., Any], *, done: str) -> HttpResponse:
    """Do one thing to a line at the version that the page showed."""
    line, version = line_of(agreement_of(number), pk), version_of(request)
    return attempt(
        request,
        lambda: act(line.pk, version=version, by=request.user),
        done=done % {"line": line.line_number},
        to="agreements:agreement",
        number=number,
    )
