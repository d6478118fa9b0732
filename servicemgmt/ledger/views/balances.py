"""The trial balance."""

from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from servicemgmt.core.export import WRITERS
from servicemgmt.core.money import round_money
from servicemgmt.core.web import Request, allow, page
from servicemgmt.masterdata.queries import company

from ..balances import totals_of
from ..balances import trial_balance as query
from ..forms import RangeForm
from .ranges import address, range_asked


@require_GET
@allow("ledger.view_voucher")
def trial_balance(request: Request) -> HttpResponseBase:
    """Opening, turnover and closing of every account in company currency, for a range of dates; also as a file."""
    form = RangeForm(range_asked(request))
    is_valid = form.is_valid()
    rows = query(form.cleaned_data["start"], form.cleaned_data["end"]) if is_valid else []
    writer = WRITERS.get(request.GET.get("format", ""))
    if writer and is_valid:
        headers = [_("Account"), _("Description"), _("Opening"), _("Debit"), _("Credit"), _("Closing")]
        digits = company().currency.digits
        table = (
            (
                r.account.code,
                r.account.description,
                *(round_money(amount, digits) for amount in (r.opening, r.debit, r.credit, r.closing)),
            )
            for r in rows
        )
        answer: HttpResponseBase = writer("trial-balance", headers, table)
        return answer
    sums = totals_of(rows)
    context = {
        "title": _("Trial balance"),
        "crumbs": [{"label": _("Vouchers"), "url": reverse("ledger:vouchers")}],
        "form": form,
        "rows": rows,
        "sums": sums,
        "is_balanced": not sums["opening"] and not sums["closing"] and sums["debit"] == sums["credit"],
        "home": company().currency,
        "range": address(form),
        "csv_url": address(form, format="csv"),
        "xlsx_url": address(form, format="xlsx"),
    }
    return page(request, "ledger/trial_balance.html", context, status=200 if is_valid else 422)
