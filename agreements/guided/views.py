"""The three steps. What was said so far waits in the session of the user, so that going back changes nothing."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agreements import operations
from agreements.forms import AgreementForm, SourceForm
from agreements.models import ServiceAgreement, ServiceAgreementLine
from agreements.sources import offered_lines, template_tree
from agreements.views.agreements import start, warn
from agreements.views.copying import tell_left
from agreements.views.find import ADD, crumbs_of
from servicemgmt.core.errors import Refused
from servicemgmt.core.forms import submit
from servicemgmt.core.web import allow, form_status, page, status_of, ticked, traceless

from .forms import RelationsForm

KEY = "guided_agreement"


@require_http_methods(["GET", "POST"])
@allow(ADD)
@traceless("keeps what was said for the last step, which writes")
def header(request: HttpRequest) -> HttpResponse:
    """The first step: the same form as AG-01, judged as the operation will."""
    said = request.session.get(KEY, {}) if "new" not in request.GET else {}
    form = AgreementForm(kept(request, said), initial=start(request))
    if request.method == "POST" and form.is_valid():
        submit(form, lambda: operations.draft(**form.values))
        if form.refusal is None:
            request.session[KEY] = request.session.get(KEY, {}) | {"header": request.POST.urlencode()}
            return redirect("agreements:guided_relations")
    context = {
        "form": form,
        "fieldsets": form.fieldsets,
        "action_url": reverse("agreements:guided"),
        "cancel_url": reverse("agreements:agreements"),
    }
    refused = request.method == "POST"
    return step(request, "header", context, status=422 if refused else 200)


def first_step(request: HttpRequest) -> HttpResponse:
    """What a later step answers before there is a header: the first one."""
    return header(request) if request.method == "GET" else redirect("agreements:guided")


def kept(request: HttpRequest, said: dict[str, Any]) -> QueryDict | None:
    if request.method == "POST":
        return request.POST
    return QueryDict(said["header"]) if "header" in said else None


@require_http_methods(["GET", "POST"])
@allow(ADD)
@traceless("keeps what was said for the last step, which writes")
def relations(request: HttpRequest) -> HttpResponse:
    """The second step: objects and tasks."""
    agreement = drafted(request)
    if agreement is None:
        return first_step(request)
    said = request.session[KEY]
    form = RelationsForm(request.POST or None, agreement=agreement, initial=said.get("relations"))
    if form.is_valid():
        chosen = {name: [row.pk for row in rows] for name, rows in form.cleaned_data.items()}
        request.session[KEY] = said | {"relations": chosen}
        return redirect("agreements:guided" if "back" in request.POST else "agreements:guided_lines")
    context = {"form": form, "back": True, "cancel_url": reverse("agreements:agreements")}
    return step(request, "relations", context, status=form_status(form))


@require_http_methods(["GET", "POST"])
@allow(ADD)
def lines(request: HttpRequest) -> HttpResponse:
    """The last step: lines of a template or an agreement, and everything is made at once."""
    agreement = drafted(request)
    if agreement is None:
        return first_step(request)
    if request.method == "GET":
        return lines_step(request)
    wanted, said = ticked(request, "line"), request.session[KEY]
    form = RelationsForm(_chosen(said), agreement=agreement)
    if not form.is_valid():
        return redirect("agreements:guided_relations")
    try:
        made = operations.create_guided(
            by=request.user, header=header_values(said), line_ids=wanted, **form.cleaned_data
        )
    except Refused as refusal:
        return lines_step(request, refused=str(refusal), ticked=wanted, status=status_of(refusal))
    del request.session[KEY]
    messages.success(request, _("%(number)s is created.") % {"number": made.number})
    tell_left(request, ServiceAgreementLine.objects.filter(pk__in=wanted), made.lines.all())
    warn(request, made)
    return redirect("agreements:agreement", made.number)


def lines_step(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    form = SourceForm(request.GET if "source" in request.GET or "source-typed" in request.GET else None)
    source = form.cleaned_data["source"] if form.is_valid() else None
    context = {
        "form": form,
        "source": source,
        "tree": template_tree(),
        "lines": offered_lines(source) if source else [],
        "back_url": reverse("agreements:guided_relations"),
        "cancel_url": reverse("agreements:agreements"),
    }
    return step(request, "lines", context | more, status=status)


def drafted(request: HttpRequest) -> ServiceAgreement | None:
    """The agreement of the first step, unsaved; None where there is none or it cannot be made any more."""
    said = request.session.get(KEY)
    if not said or "header" not in said:
        return None
    try:
        return operations.draft(**header_values(said))
    except Refused:
        return None


def header_values(said: dict[str, Any]) -> dict[str, Any]:
    """The cleaned values of the first step. Raises Refused where a row that was chosen is gone."""
    form = AgreementForm(QueryDict(said["header"]))
    if not form.is_valid():
        raise Refused(_("Something chosen in the first step is gone; look at it again."))
    return form.values


def _chosen(said: dict[str, Any]) -> dict[str, Any]:
    return {"objects": [], "tasks": []} | said.get("relations", {})


def step(request: HttpRequest, name: str, context: dict[str, Any], *, status: int) -> HttpResponse:
    """The page of a step, under the list of all three."""
    steps = {
        "header": (_("Header"), "agreements:guided"),
        "relations": (_("Objects and tasks"), "agreements:guided_relations"),
        "lines": (_("Lines"), "agreements:guided_lines"),
    }
    tabs = [
        {"label": f"{n}. {label}", "url": reverse(view), "current": key == name}
        for n, (key, (label, view)) in enumerate(steps.items(), 1)
    ]
    context |= {
        "steps": tabs,
        "title": _("New agreement, step by step"),
        "crumbs": crumbs_of(),
        "help": _("Nothing is made before the last step."),
        "submit_label": _("Next"),
    }
    template = "agreements/guided_lines.html" if name == "lines" else "agreements/guided.html"
    return page(request, template, context, status=status)
