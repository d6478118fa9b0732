from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from servicemgmt.core.errors import Invalid
from servicemgmt.core.forms import submit
from servicemgmt.core.lists import list_page
from servicemgmt.core.periods import step
from servicemgmt.core.web import allow, page, status_of
from servicemgmt.masterdata.queries import company_today

from ..forms import FeeForm, InvoiceForm
from ..lists import FEES
from ..models import Fee, Subscription
from ..operations import preview_fees, propose_fees, start_fees
from ..planning import Series, next_start
from ..queries import covered_periods, fees_to_invoice


@require_GET
@allow("subscriptions.view_fee")
def fees(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, FEES, Fee.objects.all())


@require_http_methods(["GET", "POST"])
@allow("subscriptions.add_fee")
def fees_new(request: HttpRequest) -> HttpResponse:
    """Ask, look at what would be made, then start the run. The preview writes nothing."""
    asked = request.POST if request.method == "POST" else request.GET if "start" in request.GET else None
    form = FeeForm(asked, initial=first_values(request))
    context = {"form": form, "previews": None}
    if asked is None:
        return page(request, "subscriptions/fees_new.html", context)
    if not form.is_valid():
        return page(request, "subscriptions/fees_new.html", context, status=422)
    if request.method == "POST":
        run = submit(form, lambda: start_fees(form.chosen, form.order, by=request.user))
        if run:
            return redirect("core:run", run.pk)
        return page(request, "subscriptions/fees_new.html", context, status=status_of(form.refusal))
    try:
        previews = preview_fees(form.chosen[:500], form.order)
    except Invalid as refusal:
        form.add_error(refusal.field or None, str(refusal))
        return page(request, "subscriptions/fees_new.html", context, status=422)
    context |= {
        "previews": previews,
        "count": sum(len(preview.fees) for preview in previews),
        "shown": min(len(form.chosen), 500),
        "chosen": len(form.chosen),
    }
    return page(request, "subscriptions/fees_new.html", context)


def first_values(request: HttpRequest) -> dict[str, object]:
    """The quarter we are in, or where one subscription is named, its next period (SB-05)."""
    row = Subscription.objects.filter(number=request.GET.get("subscription", "")).select_related(
        "group__period_type"
    )
    if found := row.first():
        series = Series.of(found.group.period_type, found.starts_on)
        start = next_start(series, found.starts_on, covered_periods([found.pk]).get(found.pk, []))
        return {"subscription": found.pk, "start": start, "end": series.around(start).end}
    today = company_today()
    start = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    return {"start": start, "end": step(start, "DAY", (step(start, "QUARTER", 1) - start).days - 1)}


@require_http_methods(["GET", "POST"])
@allow("projects.add_invoiceproposal")
def fees_invoice(request: HttpRequest) -> HttpResponse:
    """Put the fees that wait (all, or of the `?subscription=` of that number) into invoice proposals."""
    number = request.GET.get("subscription", "")
    row = get_object_or_404(Subscription, number=number) if number else None
    chosen = [row.pk] if row else None
    form = InvoiceForm(request.POST or None)
    waiting = fees_to_invoice(subscriptions=chosen).count()
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            made = submit(
                form,
                lambda: propose_fees(
                    invoice_date=form.cleaned_data["invoice_date"],
                    by=request.user,
                    at=timezone.now(),
                    subscriptions=chosen,
                ),
            )
            if made:
                said = ngettext("%(n)s proposal was made.", "%(n)s proposals were made.", len(made))
                messages.success(request, said % {"n": len(made)})
                if len(made) == 1:
                    return redirect("projects:proposal", made[0].number)
                return redirect("projects:proposals")
            status = status_of(form.refusal) if form.refusal else 409
    context = {"form": form, "waiting": waiting, "title": _("Invoice fees")}
    return page(request, "subscriptions/fees_invoice.html", context, status=status)
