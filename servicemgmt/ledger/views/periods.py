"""Fiscal periods: which dates take postings."""

from collections.abc import Callable
from itertools import groupby

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from servicemgmt.core.forms import submit
from servicemgmt.core.web import Request, allow, attempt, page, status_of, version_of
from servicemgmt.masterdata.queries import company_today

from ..forms import YearForm
from ..models import FiscalPeriod
from ..operations import close_period, create_fiscal_year, open_period


@require_GET
@allow("ledger.view_fiscalperiod")
def periods(request: Request) -> HttpResponse:
    return show(request, YearForm(initial={"year": next_year()}))


def show(request: Request, form: YearForm, *, status: int = 200) -> HttpResponse:
    rows = FiscalPeriod.objects.select_related("closed_by").order_by("during")
    years = [(year, list(group)) for year, group in groupby(rows, key=lambda row: row.during.lower.year)][
        ::-1
    ]
    context = {"years": years, "form": form}
    return page(request, "ledger/periods.html", context, status=status)


def next_year() -> int:
    """The first year without periods, from this year on."""
    last = FiscalPeriod.objects.order_by("during").last()
    return last.during.lower.year + 1 if last else company_today().year


@require_POST
@allow("ledger.add_fiscalperiod")
def year_new(request: Request) -> HttpResponse:
    """Make the twelve periods of a year."""
    form = YearForm(request.POST)
    if not form.is_valid():
        return show(request, form, status=422)
    made = submit(form, lambda: create_fiscal_year(form.cleaned_data["year"], by=request.user))
    if made is None:
        return show(request, form, status=status_of(form.refusal))  # type: ignore[attr-defined]
    messages.success(request, _("%(count)s fiscal periods made.") % {"count": len(made)})
    return redirect("ledger:periods")


@require_POST
@allow("ledger.change_fiscalperiod")
def period_close(request: Request, pk: int) -> HttpResponse:
    return turn(request, pk, close_period, _("%(name)s is closed."))


@require_POST
@allow("ledger.change_fiscalperiod")
def period_open(request: Request, pk: int) -> HttpResponse:
    return turn(request, pk, open_period, _("%(name)s is open."))


def turn(request: Request, pk: int, operation: Callable[..., FiscalPeriod], done: str) -> HttpResponse:
    row = get_object_or_404(FiscalPeriod, pk=pk)
    return attempt(
        request,
        lambda: operation(row.pk, version=version_of(request), by=request.user, at=timezone.now()),
        done=done % {"name": row.name},
        to="ledger:periods",
    )
