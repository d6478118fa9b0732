"""Structured e-invoices to download."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from servicemgmt.core.web import allow

from ..billing.einvoice import ubl_of
from ..models import Invoice


@require_GET
@allow("projects.view_invoice")
def invoice_ubl(request: HttpRequest, number: str) -> HttpResponse:
    """An invoice or credit note as UBL 2.1 (EN 16931); refused, with the reasons, where there is none."""
    found = get_object_or_404(Invoice.objects.select_related("credits", "currency"), number=number)
    response = HttpResponse(ubl_of(found), content_type="application/xml")
    name = content_disposition_header(as_attachment=True, filename=f"{found.number}.xml")
    response["Content-Disposition"] = name or "attachment"
    return response
