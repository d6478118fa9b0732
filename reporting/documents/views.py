"""The documents: work description, work receipt, invoice. A GET makes them anew from rows and writes nothing."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from servicemgmt.core.web import allow
from servicemgmt.projects.models import Invoice

from .answer import answer
from .invoice import invoice_context
from .work import description_of, may_show_prices, orders_to_print, receipt_of

MOST_AT_ONCE = 50


@require_GET
@allow("orders.view_serviceorder", "dispatch.work_own_day")
def work_description(request: HttpRequest, number: str) -> HttpResponse:
    """What the technician needs for one visit (RE-02), notes for him included."""
    order = get_object_or_404(orders_to_print(request.user), number=number)
    return answer(request, "documents/work_description.html", description_of([order]), name=f"{number}-work")


@require_GET
@allow("orders.view_serviceorder", "dispatch.work_own_day")
def work_descriptions(request: HttpRequest) -> HttpResponse:
    """Several visits in one document: `?orders=SO-1,SO-2`, in the order asked for; at most 50."""
    numbers = [text.strip() for text in request.GET.get("orders", "").split(",") if text.strip()]
    numbers = list(dict.fromkeys(numbers))
    found = {order.number: order for order in orders_to_print(request.user).filter(number__in=numbers)}
    if not numbers or len(numbers) > MOST_AT_ONCE or len(found) < len(numbers):
        raise Http404(_("Name up to 50 orders that you may see."))
    context = description_of([found[number] for number in numbers])
    return answer(request, "documents/work_description.html", context, name="work-descriptions")


@require_GET
@allow("orders.view_serviceorder", "dispatch.work_own_day")
def work_receipt(request: HttpRequest, number: str) -> HttpResponse:
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
def invoice_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """An invoice or credit note, from what was frozen when it was posted."""
    invoice = get_object_or_404(Invoice.objects.select_related("currency", "credits"), number=number)
    return answer(request, "documents/invoice.html", invoice_context(invoice), name=number)
