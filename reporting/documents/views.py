"""The documents: work description, work receipt, invoice. What was signed or posted comes from the archive; all else is
made anew from rows. The one thing a GET may write is the archived document itself, where the worker has not yet."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from orders.models import ServiceOrder
from servicemgmt.core.web import Request, allow
from servicemgmt.projects.models import Invoice

from .answer import answer, answer_kept, wants_html
from .archive import archived_invoice, archived_receipt
from .choice import MOST_AT_ONCE, ChoiceForm
from .invoice import invoice_context
from .work import description_of, may_show_prices, orders_to_print, receipt_of, valid_sign_off


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
    """Proof of the work for the customer (RE-03); with sales prices by `?prices=1` for those who may show them.

    What was signed, with or without prices, comes from the archive.
    """
    order = get_object_or_404(orders_to_print(request.user), number=number)
    signed = valid_sign_off(order)
    may = may_show_prices(request.user)
    usual = may and signed is not None and signed.with_prices
    with_prices = {"1": True, "0": False}.get(request.GET.get("prices", ""), usual)
    if with_prices and not may:
        raise PermissionDenied
    if signed and signed.with_prices == with_prices and not wants_html(request):
        return answer_kept(request, lambda: archived_receipt(signed))
    context = receipt_of(order, with_prices=with_prices) | {"may_show_prices": may}
    return answer(request, "documents/work_receipt.html", context, name=f"{number}-receipt")


@require_GET
@allow("orders.view_serviceorder", "dispatch.work_own_day")
def signed_receipt(request: Request, number: str, key: int) -> HttpResponse:
    """The receipt of one signature as it was signed, also when that is void by now."""
    order = get_object_or_404(orders_to_print(request.user), number=number)
    row = get_object_or_404(order.sign_offs.select_related("order"), pk=key)
    if row.with_prices and not may_show_prices(request.user):
        raise PermissionDenied
    return answer_kept(request, lambda: archived_receipt(row))


@require_GET
@allow("projects.view_invoice")
def invoice_pdf(request: Request, number: str) -> HttpResponse:
    """An invoice or credit note: the PDF from the archive, or the page to print from what was frozen at posting."""
    invoice = get_object_or_404(Invoice.objects.select_related("currency", "credits"), number=number)
    if wants_html(request):
        return answer(request, "documents/invoice.html", invoice_context(invoice), name=number)
    return answer_kept(request, lambda: archived_invoice(invoice))
