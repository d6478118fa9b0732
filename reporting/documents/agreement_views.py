"""The document of an agreement: made anew from its rows, and as it was signed from the archive."""

from functools import partial

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET, require_http_methods

from agreements.models import AgreementSignature, ServiceAgreement
from agreements.views.find import agreement_of
from agreements.views.life import asked
from servicemgmt.core.web import Request, allow
from servicemgmt.masterdata.queries import company_today

from . import sending
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


class SendForm(forms.Form):
    """Where the document goes."""

    recipient = forms.EmailField(label=_lazy("To"))
    version = forms.IntegerField(widget=forms.HiddenInput)


@require_http_methods(["GET", "POST"])
@allow("agreements.agree_serviceagreement")
def send_agreement(request: Request, number: str) -> HttpResponse:
    """The document as it stands goes to the customer by mail."""
    agreement = agreement_of(number)
    mailbox = agreement.contact.email if agreement.contact else ""
    mailbox = mailbox or (agreement.customer.email if agreement.customer else "")
    return asked(
        request,
        agreement,
        SendForm(request.POST or None, initial={"version": agreement.version, "recipient": mailbox}),
        partial(sending.send_agreement, agreement.pk, by=request.user, on=company_today(), at=timezone.now()),
        title=_("Send %(number)s") % {"number": number},
        text=_("The document as it stands goes out by mail, in the customer's language."),
        consequences=[_("What was sent is kept; the history names it.")],
        label=_("Send"),
        done=_("%(number)s is on its way.") % {"number": number},
    )


@require_GET
@allow(*READERS)
def signed_agreement(request: Request, number: str, key: int) -> HttpResponse:
    """The document of one signature as it was signed, byte for byte."""
    rows = AgreementSignature.objects.select_related("agreement")
    row = get_object_or_404(rows, pk=key, agreement__number=number)
    return answer_kept(request, lambda: archived_agreement(row))
