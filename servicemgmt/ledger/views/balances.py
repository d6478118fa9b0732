"""The trial balance."""

from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from servicemgmt.core.export import WRITERS
from servicemgmt.core.money import ZERO
from servicemgmt.core.web import Request, allow, page
from servicemgmt.masterdata.queries import company

from ..forms import RangeForm
from ..queries import trial_balance as query


@require_GET
@allow("ledger.view_voucher")
def trial_balance(request: Request) -> HttpResponseBase:
    """Opening, turnover and closing of every account in company currency, for a range of dates; also as a file."""
    today = timezone.localdate()
    asked = {"start": today.replace(month=1, day=1), "end": today} | request.GET.dict()
    form = RangeForm(asked)
    is_valid = form.is_valid()
    rows = query(form.cleaned_data["start"], form.cleaned_data["end"]) if is_valid else []
    writer = WRITERS.get(request.GET.get("format", ""))
    if writer and is_valid:
        headers = [_("Account"), _("Description"), _("Opening"), _("Debit"), _("Credit"), _("Closing")]
        table = (
            (r.account.code, r.account.description, r.opening, r.debit, r.credit, r.closing) for r in rows
        )
        answer: HttpResponseBase = writer("trial-balance", headers, table)
        return answer
    sums = {
        name: sum((getattr(row, name) for row in rows), ZERO)
        for name in ("opening", "debit", "credit", "closing")
    }
    query_string = request.GET.copy()
    query_string.pop("format", None)
    here = f"{reverse('ledger:trial_balance')}?{query_string.urlencode()}&format="
    context = {"form": form, "rows": rows, "sums": sums, "home": company().currency, "file_url": here}
    return page(request, "ledger/trial_balance.html", context, status=200 if is_valid else 422)
