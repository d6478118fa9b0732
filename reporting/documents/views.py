"""The documents: work description, work receipt, invoice. A GET makes them anew from rows and writes nothing."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from orders.models import ServiceOrder
from servicemgmt.core.web import Request, allow
from servicemgmt.projects.models import Invoice

from .answer import answer
from .choice import MOST_AT_ONCE, ChoiceForm
from .invoice import invoice_context
from .work import description_of, may_show_prices, orders_to_print, receipt_of


@require_GET
@allow("orders.view_serviceorder", "dispatch.work_own_day")
def work_description(request: Request, number: str) -> HttpResponse:
    """What the technician needs for one visit (RE-02), with the notes for him unless `?notes=0`."""
    order = get_object_or_404(orders_to_print(request.user), number=number)
    return described(request, [order], name=f"{number}-work")


@require_GET
@allow("orders.view_serviceorder", "dispatch.work_own_day")
def work_descriptions(request: Request) -> HttpResponse:
    """Several visits in one document: `?orders=SO-1,SO-2` in the order asked for, or those of a technician's days.

    The latter by `?worker=` (key), `?from=` and `?to=` (both days included; one alone is that day). At most 50.
    """
    form = ChoiceForm(request.GET)
    if not form.is_valid():
        raise Http404(_("No such orders."))
    chosen = form.chosen(orders_to_print(request.user))
    if not chosen or len(chosen) > MOST_AT_ONCE:
        raise Http404(_("Name up to 50 orders that you may see."))
    return described(request, chosen, name="work-descriptions")


def described(request: Request, orders: list[ServiceOrder], *, name: str) -> HttpResponse:
    with_notes = request.GET.get("notes") != "0"
    context = description_of(orders, with_notes=with_notes)
    return answer(request, "documents/work_description.html", context, name=name)


@require_GET
@allow("orders.view_serviceorder", "dispatch.work_own_day")
def work_receipt(request: Request, number: str) -> HttpResponse:
    """Proof of the work for the customer (RE-03); with sales prices by `?prices=1` for those who may show them."""
    order = get_object_or_404(orders_to_print(request.user), number=number)
    with_prices = request.GET.get("prices") == "1"
    may = may_show_prices(request.user)
    if with_prices and not may:
        raise PermissionDenied
    context = receipt_of(order, with_prices=with_prices) | {"may_show_prices": may}
    return answer(request, "documents/work_receipt.html", context, name=f"{number}-receipt")


@require_GET
@allow("projects.view_invoice")
def invoice_pdf(request: Request, number: str) -> HttpResponse:
    """An invoice or credit note, from what was frozen when it was posted."""
    invoice = get_object_or_404(Invoice.objects.select_related("currency", "credits"), number=number)
    return answer(request, "documents/invoice.html", invoice_context(invoice), name=number)
