"""The list of agreements and the verbs on the header."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agreements import operations
from agreements.forms import AgreementForm, EndForm, ResponsibleForm
from agreements.lists import agreements_spec
from agreements.models import AgreementGroup, ServiceAgreement
from agreements.queries import technician_remark
from servicemgmt.core.errors import Refused, Stale
from servicemgmt.core.forms import submit
from servicemgmt.core.lists import list_page
from servicemgmt.core.web import allow, attempt, page, status_of, ticked, traceless, version_of, whole
from servicemgmt.projects.models import Project

from .find import ADD, CHANGE, DELETE, VIEW, agreement_of, named


@require_GET
@allow(VIEW)
def agreements(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, agreements_spec(timezone.localdate()), ServiceAgreement.objects.all())


@require_http_methods(["GET", "POST"])
@allow(ADD)
def agreement_new(request: HttpRequest) -> HttpResponse:
    """AG-01, AG-02: from the module, or with ?project= from a project; ?template=1 for a template."""
    for_template = "template" in request.GET
    form = AgreementForm(request.POST or None, initial=start(request), for_template=for_template)
    if not form.is_valid():
        return new_page(request, form, status=422 if form.is_bound else 200)
    made = submit(form, lambda: operations.create_agreement(by=request.user, **form.values))
    if form.refusal:
        return new_page(request, form, status=status_of(form.refusal))
    messages.success(
        request, _("%(number)s is created. Now say what is done on its visits.") % {"number": made.number}
    )
    warn(request, made)
    return redirect("agreements:agreement", made.number)


def start(request: HttpRequest) -> dict[str, Any]:
    """What the address says beforehand: the project by its number or key."""
    project = named(Project, request.GET.get("project", ""))
    initial: dict[str, Any] = {"start_date": timezone.localdate().replace(day=1)}
    return initial | ({"project": project.pk, "description": project.name} if project else {})


def new_page(request: HttpRequest, form: AgreementForm, *, status: int) -> HttpResponse:
    title = _("New template") if form.for_template else _("New agreement")
    back = reverse("agreements:agreements")
    context = {
        "form": form,
        "fieldsets": form.fieldsets,
        "title": title,
        "cancel_url": back,
        "back_url": back,
    }
    return page(request, "agreements/agreement_form.html", context, status=status)


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
        return edit_page(request, agreement, form, status=422 if form.is_bound else 200)
    saved = submit(
        form,
        lambda: operations.change_agreement(
            agreement.pk, version=form.version, by=request.user, **form.values
        ),
    )
    if isinstance(form.refusal, Stale):
        return stale_edit(request, number, str(form.refusal))
    if form.refusal:
        return edit_page(request, agreement, form, status=status_of(form.refusal))
    messages.success(request, _("%(number)s is saved.") % {"number": number})
    warn(request, saved)
    return redirect("agreements:agreement", number)


def warn(request: HttpRequest, agreement: ServiceAgreement) -> None:
    """AG-19: say what is allowed and yet not wise."""
    if remark := technician_remark(agreement):
        messages.warning(request, remark)


def stale_edit(request: HttpRequest, number: str, sentence: str) -> HttpResponse:
    """The form as the agreement stands now, saying that somebody was faster."""
    fresh = agreement_of(number)
    return edit_page(request, fresh, AgreementForm(instance=fresh), status=409, refused=sentence)


def edit_page(
    request: HttpRequest, agreement: ServiceAgreement, form: AgreementForm, *, status: int, refused: str = ""
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
        "agreement": agreement,
        "cancel_url": back,
        "danger": danger if request.user.has_perm(DELETE) else None,
        "refused": refused,
    }
    return page(request, "agreements/agreement_form.html", context, status=status)


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


@require_POST
@allow(CHANGE)
def suspend(request: HttpRequest, number: str) -> HttpResponse:
    """AG-05."""
    agreement, version = agreement_of(number), version_of(request)
    return attempt(
        request,
        lambda: operations.suspend(agreement.pk, version=version, by=request.user),
        done=_("%(number)s is suspended: nothing is created from it.") % {"number": number},
        to="agreements:agreement",
        number=number,
    )


@require_POST
@allow(CHANGE)
def resume(request: HttpRequest, number: str) -> HttpResponse:
    agreement, version = agreement_of(number), version_of(request)
    return attempt(
        request,
        lambda: operations.resume(agreement.pk, version=version, by=request.user),
        done=_("%(number)s goes on.") % {"number": number},
        to="agreements:agreement",
        number=number,
    )


@require_http_methods(["GET", "POST"])
@allow(CHANGE)
def end(request: HttpRequest, number: str) -> HttpResponse:
    """End with a last day and a reason."""
    agreement = agreement_of(number)
    form = EndForm(request.POST or None, initial={"version": agreement.version, "on": timezone.localdate()})
    if not form.is_valid():
        return end_page(request, agreement, form, status=422 if form.is_bound else 200)
    submit(form, lambda: operations.end(agreement.pk, by=request.user, **form.cleaned_data))
    if form.refusal:
        return end_page(request, agreement, form, status=status_of(form.refusal))
    messages.success(request, _("%(number)s ends.") % {"number": number})
    return redirect("agreements:agreement", number)


def end_page(
    request: HttpRequest, agreement: ServiceAgreement, form: EndForm, *, status: int
) -> HttpResponse:
    context = {
        "form": form,
        "title": _("End %(number)s") % {"number": agreement.number},
        "text": _("No visit is created for days after the last one."),
        "consequences": [_("Orders that are there already stay as they are.")],
        "submit_label": _("End the agreement"),
        "cancel_url": reverse("agreements:agreement", args=[agreement.number]),
        "tone": "primary",
        "agreement": agreement,
    }
    return page(request, "agreements/agreement_end.html", context, status=status)


@require_POST
@allow(CHANGE)
@traceless("only asks; the page it leads to writes")
def chosen_responsible(request: HttpRequest) -> HttpResponse:
    """The ticked rows of the list, on their way to the form."""
    chosen = ticked(request)
    if not chosen:
        messages.error(request, _("Tick the agreements first."))
        return redirect("agreements:agreements")
    query = "&".join(f"pk={pk}" for pk in chosen)
    return redirect(f"{reverse('agreements:responsible')}?{query}")


@require_http_methods(["GET", "POST"])
@allow(CHANGE)
def responsible(request: HttpRequest) -> HttpResponse:
    """AG-20: one responsible for several agreements."""
    initial = {"pk": ticked(request)}
    form = ResponsibleForm(request.POST or None, initial=initial)
    if not form.is_valid():
        context = {
            "form": form,
            "title": _("Set responsible"),
            "text": ngettext(
                "For %(count)d agreement.", "For %(count)d agreements.", len(form["pk"].value() or [])
            )
            % {"count": len(form["pk"].value() or [])},
            "submit_label": _("Set"),
            "cancel_url": reverse("agreements:agreements"),
            "tone": "primary",
        }
        return page(request, "agreements/responsible.html", context, status=422 if form.is_bound else 200)
    chosen = [row.pk for row in form.cleaned_data["pk"]]
    count = operations.set_responsible(chosen, responsible=form.cleaned_data["responsible"], by=request.user)
    messages.success(
        request,
        ngettext("%(count)d agreement changed.", "%(count)d agreements changed.", count) % {"count": count},
    )
    return redirect("agreements:agreements")
