"""The document of an agreement: made anew from its rows, and as it was signed from the archive."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from agreements.models import AgreementSignature, ServiceAgreement
from servicemgmt.core.web import Request, allow
from servicemgmt.masterdata.queries import company_today

from .agreement import agreement_context
from .answer import answer, answer_kept
from .archive import archived_agreement

#: Its document shows sales prices.
READERS = ("agreements.agree_serviceagreement", "projects.view_salesprice")
PARTS = ["customer", "contact", "responsible", "group__sla", "sla", "price_list", "project__currency"]


@require_GET
@allow(*READERS)
def agreement_document(request: Request, number: str) -> HttpResponse:
    """Quote or agreement as it stands today, with room to sign; a template has none."""
    rows = ServiceAgreement.objects.filter(template_group__isnull=True).select_related(*PARTS)
    agreement = get_object_or_404(rows, number=number)
    context = agreement_context(agreement, on=company_today())
    return answer(request, "documents/agreement.html", context, name=number)


@require_GET
@allow(*READERS)
def signed_agreement(request: Request, number: str, key: int) -> HttpResponse:
    """The document of one signature as it was signed, byte for byte."""
    rows = AgreementSignature.objects.select_related("agreement")
    row = get_object_or_404(rows, pk=key, agreement__number=number)
    return answer_kept(request, lambda: archived_agreement(row))
