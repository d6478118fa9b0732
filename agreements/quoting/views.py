"""What a customer said to a quote."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agreements.models import ServiceAgreement
from agreements.views.find import CHANGE, agreement_of, crumbs_of
from agreements.views.life import asked
from servicemgmt.core.errors import Sentence
from servicemgmt.core.forms import submit
from servicemgmt.core.web import allow, form_status, page
from servicemgmt.masterdata.queries import company_today

from . import operations, signing
from .forms import AgreeForm, AnswerForm, DeclineForm, OfferForm, SignForm
from .rules import why_not_agree, why_not_decline, why_not_offer

AGREE = "agreements.agree_serviceagreement"


def told(
    request: HttpRequest,
    number: str,
    asking: type[AnswerForm],
    work: Callable[..., Any],
    why_not: Callable[[ServiceAgreement], Sentence | None],
    **said: Any,
) -> HttpResponse:
    """Ask what the customer said, as `asked` asks it with what is `said`, and do the work as of today."""
    agreement, today = agreement_of(number), company_today()
    form = asking(request.POST or None, initial={"version": agreement.version}, today=today)
    work = partial(work, agreement.pk, by=request.user, today=today)
    return asked(request, agreement, form, work, why_not=why_not(agreement), **said)


@require_http_methods(["GET", "POST"])
@allow(AGREE)
def agree(request: HttpRequest, number: str) -> HttpResponse:
    """The customer agreed, by whatever way; a signature on our paper or pad is recorded as such instead."""
    return told(
        request,
        number,
        AgreeForm,
        operations.agree,
        lambda quote: why_not_agree(quote, quote.quoted_until or date.max),
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
    context = {
        "form": form,
        "agreement": agreement,
        "crumbs": crumbs_of(agreement),
        "title": _("Sign %(number)s") % {"number": number},
        "help": _("The customer signs what the document shows now."),
        "why_not": "" if getattr(form, "refusal", None) else signing.why_not_sign(agreement, today),
        "submit_label": _("Sign"),
        "cancel_url": reverse("agreements:agreement", args=[number]),
    }
    return page(request, "agreements/agreement_sign.html", context, status=form_status(form))


@require_http_methods(["GET", "POST"])
@allow(AGREE)
def decline(request: HttpRequest, number: str) -> HttpResponse:
    """Nothing comes of it, with the reason."""
    return told(
        request,
        number,
        DeclineForm,
        operations.decline,
        why_not_decline,
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
    return told(
        request,
        number,
        OfferForm,
        operations.offer_again,
        why_not_offer,
        title=_("Offer %(number)s again") % {"number": number},
        text=_("It is a quote as it stands now; look at its lines and prices first."),
        consequences=[],
        label=_("Offer again"),
        done=_("%(number)s is offered again.") % {"number": number},
    )
