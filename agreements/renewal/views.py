"""The list of agreements that end, and what can be decided about one."""

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agreements.operations.agreement import is_renewed
from agreements.views.find import CHANGE, VIEW, agreement_of
from agreements.views.life import asked
from servicemgmt.core.display import moment
from servicemgmt.core.lists import list_page
from servicemgmt.core.web import allow, attempt, next_url, ticked, version_of
from servicemgmt.masterdata.queries import company_today

from . import operations
from .anchors import next_terms
from .forms import NoticeForm, RenewForm
from .lists import expiring, expiring_spec
from .rules import notice_until, why_not_notice, why_not_renew
from .run import start_renewing


@require_GET
@allow(VIEW)
def expiring_list(request: HttpRequest) -> HttpResponseBase:
    today = company_today()
    return list_page(request, expiring_spec(today), expiring())


@require_POST
@allow(CHANGE)
def renew_chosen(request: HttpRequest) -> HttpResponse:
    """A run over the ticked rows; what cannot be renewed is told in its messages."""
    chosen = ticked(request)
    if not chosen:
        messages.error(request, _("Tick the agreements first."))
        return redirect(next_url(request, reverse("agreements:expiring")))
    run = start_renewing(on=company_today(), by=request.user, agreement_ids=chosen)
    return redirect("core:run", run.pk)


@require_http_methods(["GET", "POST"])
@allow(CHANGE)
def renew_one(request: HttpRequest, number: str) -> HttpResponse:
    """Ask, showing the new term; then make the successor and go there."""
    agreement = agreement_of(number)
    form = RenewForm(request.POST or None, initial={"version": agreement.version})
    term = next_terms([agreement]).get(agreement.pk)
    return asked(
        request,
        agreement,
        form,
        partial(operations.renew_one, agreement.pk, by=request.user),
        title=_("Renew %(number)s") % {"number": number},
        text=_("A successor is made from %(start)s to %(end)s with the lines, relations and prices.")
        % {"start": moment(term and term.start), "end": moment(term and term.end)},
        consequences=[
            _("This agreement stays as it is until its last day."),
            _("Lines that have ended, and those that come once only, stay behind."),
            _("Service BOMs stay with this agreement until somebody moves them to the successor."),
        ],
        label=_("Renew"),
        done=_("%(old)s is renewed.") % {"old": number},
        why_not=why_not_renew(agreement, has_successor=is_renewed(agreement)),
        then=lambda successor: successor,
    )


@require_http_methods(["GET", "POST"])
@allow(CHANGE)
def notice(request: HttpRequest, number: str) -> HttpResponse:
    """That it is not renewed, since when and why."""
    agreement = agreement_of(number)
    today = company_today()
    form = NoticeForm(request.POST or None, initial={"version": agreement.version, "on": today}, today=today)
    last = agreement.end_date and notice_until(agreement.end_date, agreement.notice_days)
    return asked(
        request,
        agreement,
        form,
        partial(operations.give_notice, agreement.pk, by=request.user),
        title=_("Notice for %(number)s") % {"number": number},
        text=_("Notice counts until %(day)s.") % {"day": moment(last)},
        consequences=[_("The agreement runs until its last day and is not renewed.")],
        label=_("Enter the notice"),
        done=_("%(number)s ends with its last day.") % {"number": number},
        why_not=why_not_notice(agreement, has_successor=is_renewed(agreement)),
    )


@require_POST
@allow(CHANGE)
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    agreement, version = agreement_of(number), version_of(request)
    return attempt(
        request,
        lambda: operations.withdraw_notice(agreement.pk, version=version, by=request.user),
        done=_("The notice is taken back."),
        to="agreements:agreement",
        number=number,
    )
