"""Opening balances: entered or read from a file, checked, posted as one voucher, and reversed."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.forms import submit
from servicemgmt.core.setup.importing import MAX_BYTES
from servicemgmt.core.web import Request, allow, attempt, page, status_of, traceless, whole
from servicemgmt.masterdata.queries import company, company_today

from ..forms import OpeningForm, OpeningFormSet, filled
from ..models import OpeningBalance
from ..opening_file import MOST_LINES, read_opening
from ..operations import post_opening, reverse_opening
from ..operations.opening import check_opening


@require_GET
@allow("ledger.view_openingbalance")
def openings(request: Request) -> HttpResponse:
    """The years that were opened here, each with its voucher."""
    rows = OpeningBalance.objects.select_related("voucher__posted_by", "reversal")
    return page(request, "ledger/openings.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@allow("ledger.add_openingbalance")
def opening_new(request: Request) -> HttpResponse:
    """Enter what accounts open with (GET, `?rows=` for more lines), and post it as one voucher (POST)."""
    if request.method == "GET":
        lines = OpeningFormSet()
        lines.extra = min(whole(request.GET.get("rows")) or lines.extra, MOST_LINES)
        first = date(company_today().year, 1, 1)
        return show(request, OpeningForm(initial={"on": first}), lines)
    form, lines = OpeningForm(request.POST), OpeningFormSet(request.POST)
    if not (form.is_valid() and lines.is_valid()):
        return show(request, form, lines, status=422)
    values = form.cleaned_data
    made = submit(
        form,
        lambda: post_opening(lines.lines, on=values["on"], text=values["text"], by=request.user),
    )
    if made is None:
        return show(request, form, lines, status=status_of(form.refusal))  # type: ignore[attr-defined]
    messages.success(request, _("The opening balances of %(year)s are posted.") % {"year": made.year})
    return redirect("ledger:voucher", made.voucher.number)


@require_POST
@traceless("only checks; nothing is written")
@allow("ledger.add_openingbalance")
def opening_check(request: Request) -> HttpResponse:
    """What would be posted of the lines typed, or of those in the file: the errors of each, the sums, the balance."""
    form, lines = OpeningForm(request.POST, request.FILES), OpeningFormSet(request.POST)
    if upload := request.FILES.get("file"):
        try:
            lines = filled(read_opening(upload.name or "", upload.read(MAX_BYTES + 1)))
        except Invalid as refusal:
            form.is_valid()
            form.add_error("file", str(refusal))
            return show(request, form, OpeningFormSet(), status=422)
    is_valid = form.is_valid() & lines.is_valid()
    problem = ""
    if is_valid:
        try:
            check_opening(lines.lines, company().currency)
        except Refused as refusal:
            problem = str(refusal)
    return show(
        request,
        form,
        lines,
        status=200 if is_valid else 422,
        is_good=is_valid and not problem,
        problem=problem,
    )


def show(
    request: Request, form: OpeningForm, lines: OpeningFormSet, *, status: int = 200, **context: Any
) -> HttpResponse:
    return page(
        request,
        "ledger/opening_new.html",
        {
            "form": form,
            "lines": lines,
            "accounts": lines.accounts.values(),
            "problems": lines.problems if lines.is_bound else [],
            "sums": lines.sums if lines.is_bound and lines.is_valid() is not None else None,
            "home": company().currency,
            "post_url": reverse("ledger:opening_new"),
            "check_url": reverse("ledger:opening_check"),
            **context,
        },
        status=status,
    )


@require_POST
@allow("ledger.change_openingbalance")
def opening_reverse(request: Request, pk: int) -> HttpResponse:
    """Take the opening of a year back."""
    row = get_object_or_404(OpeningBalance, pk=pk)
    return attempt(
        request,
        lambda: reverse_opening(row.pk, by=request.user),
        done=_("The opening balances of %(year)s are reversed.") % {"year": row.year},
        to="ledger:openings",
    )
