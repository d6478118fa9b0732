"""Price adjustments: the list, a new one, one with its rows, and what is done with it."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agreements.models import PriceAdjustment, ServiceAgreement
from servicemgmt.core.audit import subject_of
from servicemgmt.core.display import moment, quantity
from servicemgmt.core.errors import Refused
from servicemgmt.core.forms import submit
from servicemgmt.core.lists import list_page
from servicemgmt.core.web import allow, attempt, form_status, next_url, page, ticked, traceless, version_of

from . import operations
from .asking import before_applying, before_undoing
from .forms import AdjustmentForm
from .lists import ADJUSTMENTS, ROWS, state_of

VIEW, ADD = "agreements.view_priceadjustment", "agreements.add_priceadjustment"
CHANGE = "agreements.change_priceadjustment"


@require_GET
@allow(VIEW)
def adjustments(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, ADJUSTMENTS, PriceAdjustment.objects.all())


@require_POST
@allow(ADD)
@traceless("only asks; the page it leads to writes")
def chosen(request: HttpRequest) -> HttpResponse:
    """The ticked rows of the list of agreements, on their way to the form."""
    picked = ticked(request)
    if not picked:
        messages.error(request, _("Tick the agreements first."))
        return redirect(next_url(request, reverse("agreements:agreements")))
    query = "&".join(f"pk={pk}" for pk in picked)
    return redirect(f"{reverse('agreements:adjustment_new')}?{query}")


@require_http_methods(["GET", "POST"])
@allow(ADD)
def adjustment_new(request: HttpRequest) -> HttpResponse:
    """Prepare a batch; what it would do is shown before anything changes."""
    picked = ticked(request)
    form = AdjustmentForm(request.POST or None, chosen=picked)
    if form.is_valid():
        values: dict[str, Any] = dict(form.cleaned_data)
        ids = agreements_of(values.pop("pk"), values.pop("group", None), values["effective_on"])
        made = submit(form, lambda: operations.prepare(ids, by=request.user, **values))
        if form.refusal is None:
            return redirect("agreements:adjustment", made.pk)
    context = {
        "form": form,
        "title": _("Adjust prices"),
        "help": _("For the ticked agreements: %(count)d.") % {"count": len(picked)}
        if picked
        else _("Prices of agreement lines, and of the price lists that agreements have."),
        "submit_label": _("Show what would change"),
        "cancel_url": reverse("agreements:adjustments"),
        "crumbs": [{"label": _("Price adjustments"), "url": reverse("agreements:adjustments")}],
    }
    return page(request, "core/form.html", context, status=form_status(form))


def agreements_of(picked: Any, group: Any, on: Any) -> list[int]:
    """The keys of the ticked agreements, or of all that run on the day or will have renewed by then, those of a group
    alone where one is named."""
    if picked:
        return [row.pk for row in picked]
    rows = ServiceAgreement.objects.lasting(on).filter(start_date__lte=on)
    rows = rows.filter(group=group) if group else rows
    return list(rows.order_by("pk").values_list("pk", flat=True))


@require_GET
@allow(VIEW)
def adjustment(request: HttpRequest, pk: int) -> HttpResponseBase:
    return show(request, get_object_or_404(PriceAdjustment, pk=pk))


def show(request: HttpRequest, batch: PriceAdjustment) -> HttpResponseBase:
    state, tone = state_of({"applied_at": batch.applied_at, "undone_at": batch.undone_at})
    spec = replace(ROWS, title=batch.description, help=summary(batch))
    may = request.user.has_perm(CHANGE)
    context = {
        "batch": batch,
        "state": state,
        "tone": tone,
        "subject": subject_of(batch),
        "may_apply": may and not batch.applied_at,
        "may_undo": may and batch.applied_at and not batch.undone_at,
    }
    return list_page(request, spec, batch.rows.all(), template="agreements/adjustment.html", context=context)


def summary(batch: PriceAdjustment) -> str:
    """What was asked for, in a sentence."""
    text = _("%(percent)s %% from %(day)s on") % {
        "percent": quantity(batch.percent),
        "day": moment(batch.effective_on),
    }
    if batch.floor is not None:
        text += ", " + _("at least %(floor)s %%") % {"floor": quantity(batch.floor)}
    if batch.cap is not None:
        text += ", " + _("at most %(cap)s %%") % {"cap": quantity(batch.cap)}
    return text


@require_http_methods(["GET", "POST"])
@allow(CHANGE)
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what will change; then start the run, and go to its page."""
    batch = get_object_or_404(PriceAdjustment, pk=pk)
    if request.method == "GET":
        if not batch.applied_at:
            return page(request, "core/confirm.html", before_applying(batch))
        return redirect("agreements:adjustment", pk)
    try:
        run = operations.apply(batch.pk, version=version_of(request), by=request.user, at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("agreements:adjustment", pk)
    return redirect("core:run", run.pk)


@require_http_methods(["GET", "POST"])
@allow(CHANGE)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what will be as it was; then do it."""
    batch, version = get_object_or_404(PriceAdjustment, pk=pk), version_of(request)
    if request.method == "GET":
        if batch.applied_at and not batch.undone_at:
            return page(request, "core/confirm.html", before_undoing(batch))
        return redirect("agreements:adjustment", pk)
    return attempt(
        request,
        lambda: operations.undo(batch.pk, version=version, by=request.user, at=timezone.now()),
        done=_("All prices are what they were before."),
        to="agreements:adjustment",
        pk=pk,
    )


@require_POST
@allow(CHANGE)
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    batch = get_object_or_404(PriceAdjustment, pk=pk)
    try:
        operations.discard(batch.pk, version=version_of(request), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("agreements:adjustment", pk)
    messages.success(request, _("The batch is dropped."))
    return redirect("agreements:adjustments")
