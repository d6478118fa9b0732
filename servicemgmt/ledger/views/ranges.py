"""The range of dates that the pages of the ledger are about."""

from datetime import date
from urllib.parse import urlencode

from servicemgmt.core.web import Request
from servicemgmt.masterdata.queries import company_today

from ..forms import RangeForm


def range_asked(request: Request) -> dict[str, object]:
    """What a RangeForm is filled with: the address, or from the first of January to today where it says nothing."""
    today = company_today()
    return {"start": today.replace(month=1, day=1), "end": today, **request.GET.dict()}


def address(form: RangeForm, **more: str) -> str:
    """The query string of the form's range with what else it should say; '' where the range is none."""
    if not form.is_valid():
        return ""
    span: dict[str, date] = form.cleaned_data
    return "?" + urlencode({"start": span["start"].isoformat(), "end": span["end"].isoformat()} | more)
