"""Objects and tasks related to an agreement (AG-10 … AG-12)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from agreements import operations
from agreements.forms import NotesForm, RelateObjectForm, RelateTaskForm
from servicemgmt.core.forms import submit
from servicemgmt.core.web import allow, attempt, page, status_of

from .detail import detail_page
from .find import CHANGE, agreement_of, crumbs_of, object_relation_of, task_relation_of


@require_POST
@allow(CHANGE)
def relate_object(request: HttpRequest, number: str) -> HttpResponse:
    agreement = agreement_of(number)
    form = RelateObjectForm(request.POST, agreement=agreement)
    if not form.is_valid():
        return detail_page(request, agreement, object_form=form, status=422)
    submit(form, lambda: operations.relate_object(agreement.pk, by=request.user, **form.cleaned_data))
    if form.refusal:
        return detail_page(request, agreement, object_form=form, status=status_of(form.refusal))
    messages.success(request, _("%(object)s is related.") % {"object": form.cleaned_data["service_object"]})
    return redirect(reverse("agreements:agreement", args=[number]) + "#objects")


@require_POST
@allow(CHANGE)
def unrelate_object(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    relation = object_relation_of(agreement_of(number), pk)
    return attempt(
        request,
        lambda: operations.unrelate_object(relation.pk, by=request.user),
        done=_("The object is taken off."),
        to="agreements:agreement",
        number=number,
    )


@require_POST
@allow(CHANGE)
def relate_task(request: HttpRequest, number: str) -> HttpResponse:
    agreement = agreement_of(number)
    form = RelateTaskForm(request.POST, agreement=agreement)
    if not form.is_valid():
        return detail_page(request, agreement, task_form=form, status=422)
    submit(form, lambda: operations.relate_task(agreement.pk, by=request.user, **form.cleaned_data))
    if form.refusal:
        return detail_page(request, agreement, task_form=form, status=status_of(form.refusal))
    messages.success(request, _("“%(task)s” is related.") % {"task": form.cleaned_data["service_task"]})
    return redirect(reverse("agreements:agreement", args=[number]) + "#tasks")


@require_POST
@allow(CHANGE)
def unrelate_task(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    relation = task_relation_of(agreement_of(number), pk)
    return attempt(
        request,
        lambda: operations.unrelate_task(relation.pk, by=request.user),
        done=_("The task is taken off."),
        to="agreements:agreement",
        number=number,
    )


@require_http_methods(["GET", "POST"])
@allow(CHANGE)
def task_notes(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """What technician and customer read about the task."""
    agreement = agreement_of(number)
    relation = task_relation_of(agreement, pk)
    form = NotesForm(request.POST or None, instance=relation)
    status = 200
    if form.is_bound and form.is_valid():
        submit(
            form,
            lambda: operations.change_task_notes(
                relation.pk, version=form.version, by=request.user, **form.values
            ),
        )
        if form.refusal is None:
            messages.success(request, _("The notes are saved."))
            return redirect(reverse("agreements:agreement", args=[number]) + "#tasks")
        status = status_of(form.refusal)
    elif form.is_bound:
        status = 422
    context = {
        "crumbs": crumbs_of(agreement),
        "form": form,
        "title": relation.service_task,
        "help": _("These notes go to the orders created from now on."),
        "cancel_url": reverse("agreements:agreement", args=[number]),
    }
    return page(request, "core/form.html", context, status=status)
