"""What a customer said to a quote."""

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agreements.views.find import CHANGE, agreement_of
from agreements.views.life import asked
from servicemgmt.core.forms import submit
from servicemgmt.core.web import allow, page, status_of
from servicemgmt.masterdata.queries import company_today

from . import operations, signing
from .forms import AgreeForm, DeclineForm, OfferForm, SignForm

AGREE = "agreements.agree_serviceagreement"


@require_http_methods(["GET", "POST"])
@allow(AGREE)
def agree(request: HttpRequest, number: str) -> HttpResponse:
    """The customer agreed, by whatever way; a signature on our paper or pad is recorded as such instead."""
    agreement, today = agreement_of(number), company_today()
    return asked(
        request,
        agreement,
        AgreeForm(request.POST or None, initial={"version": agreement.version}, today=today),
        partial(operations.agree, agreement.pk, by=request.user, today=today),
        title=_("%(number)s is agreed") % {"number": number},
        text=_("The quote becomes an agreement, in force from its first day."),
        consequences=[
            _("From then on visits are planned and created from it, and its SLA counts."),
            _("It is never a quote again: it can only be changed or ended."),
        ],
        label=_("The customer agreed"),
        done=_("%(number)s is agreed.") % {"number": number},
    )


@require_http_methods(["GET", "POST"])
@allow(AGREE)
def sign(request: HttpRequest, number: str) -> HttpResponse:
    """The customer signs on the pad, or what he signed on paper is added."""
    agreement, today = agreement_of(number), company_today()
    form = SignForm(
        request.POST or None, request.FILES or None, initial={"version": agreement.version}, today=today
    )
    if form.is_valid():
        given = form.cleaned_data
        submit(form, lambda: signing.sign(agreement.pk, by=request.user, today=today, **given))
        if form.refusal is None:
            messages.success(request, _("%(number)s is signed.") % {"number": number})
            return redirect("agreements:agreement", number)
    refusal = getattr(form, "refusal", None)
    context = {
        "form": form,
        "agreement": agreement,
        "title": _("Sign %(number)s") % {"number": number},
        "help": _("The customer signs what the document shows now."),
        "why_not": "" if refusal else signing.why_not_sign(agreement, today),
        "submit_label": _("Sign"),
        "cancel_url": reverse("agreements:agreement", args=[number]),
    }
    status = status_of(refusal) if refusal else 422 if form.is_bound else 200
    return page(request, "agreements/agreement_sign.html", context, status=status)


@require_http_methods(["GET", "POST"])
@allow(AGREE)
def decline(request: HttpRequest, number: str) -> HttpResponse:
    """Nothing comes of it, with the reason."""
    agreement, today = agreement_of(number), company_today()
    return asked(
        request,
        agreement,
        DeclineForm(request.POST or None, initial={"version": agreement.version}, today=today),
        partial(operations.decline, agreement.pk, by=request.user, today=today),
        title=_("Decline %(number)s") % {"number": number},
        text=_("The customer does not want it, or it is taken back."),
        consequences=[_("It stays under “Declined” with the reason and can be offered again.")],
        label=_("Decline"),
        done=_("%(number)s is declined.") % {"number": number},
    )


@require_http_methods(["GET", "POST"])
@allow(CHANGE)
def offer(request: HttpRequest, number: str) -> HttpResponse:
    """Offer again what was declined or stood too short."""
    agreement, today = agreement_of(number), company_today()
    return asked(
        request,
        agreement,
        OfferForm(request.POST or None, initial={"version": agreement.version}, today=today),
        partial(operations.offer_again, agreement.pk, by=request.user, today=today),
        title=_("Offer %(number)s again") % {"number": number},
        text=_("It is a quote as it stands now; look at its lines and prices first."),
        consequences=[],
        label=_("Offer again"),
        done=_("%(number)s is offered again.") % {"number": number},
    )
