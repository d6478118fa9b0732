"""The reports about agreements."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from agreements.models import ServiceAgreement
from reporting.projects.views import link
from servicemgmt.core.export import WRITERS
from servicemgmt.core.forms.inputs import FIRST_DAY, LAST_DAY
from servicemgmt.core.lists import list_page
from servicemgmt.core.money import round_money
from servicemgmt.core.periods import Unit, step
from servicemgmt.core.web import Request, allow, page
from servicemgmt.masterdata.queries import company_today

from .forecast import Forecast, Summary, by_month, currencies, forecast, forecasts, year_from
from .forms import ForecastForm
from .utilisation import spec_of, utilised


@require_GET
@allow("projects.view_salesprice")
def agreement_forecast(request: Request) -> HttpResponseBase:
    """Visits and revenue of the next twelve months: chart, table by month, table by agreement, and as files."""
    form = ForecastForm({"on": company_today().isoformat()} | request.GET.dict())
    is_valid = form.is_valid()
    on = form.cleaned_data["on"] if is_valid else company_today()
    wanted = request.GET.get("format", "")
    if wanted in WRITERS and is_valid:
        parts = forecasts(asked(form, on), year_from(on))
        answer: HttpResponseBase = WRITERS[wanted]("agreement-forecast", heads(), exported(parts))
        return answer
    found = forecast(asked(form, on), year_from(on)) if is_valid else Summary(year_from(on))
    rows = by_month(found)
    context = {
        "title": _("Forecast of agreements"),
        "form": form,
        "months": [{"row": row, "label": date_format(row.key, "M Y")} for row in rows],
        "agreements": found.agreements,
        "left_out": found.count - len(found.agreements),
        "columns": columns(found),
        "renewed": found.renewed,
        "csv_url": link(request, format="csv"),
        "xlsx_url": link(request, format="xlsx"),
    }
    return page(request, "reporting/agreement_forecast.html", context, status=200 if is_valid else 422)


def asked(form: ForecastForm, on: date) -> Any:
    """The agreements that may have visits in the twelve months."""
    rows = ServiceAgreement.objects.contracts().filter(suspended=False)
    rows = rows.filter(start_date__lte=year_from(on).end).exclude(end_date__lt=on)
    for name in ("group", "customer"):
        if form.cleaned_data[name]:
            rows = rows.filter(**{name: form.cleaned_data[name]})
    chosen = form.cleaned_data["agreement"]
    return rows.filter(pk=chosen.pk) if chosen else rows


def columns(found: Summary) -> list[dict[str, Any]]:
    """The chart: visits by month, whatever their currency."""
    visits = dict.fromkeys(found.months, 0)
    for (month, _code), sums in found.sums.items():
        visits[month] += sums.visits
    most = max(visits.values(), default=0) or 1
    return [
        {"label": date_format(month, "M Y"), "percent": count * 100 / most, "display": str(count)}
        for month, count in visits.items()
    ]


def heads() -> list[str]:
    return [
        _("Agreement"),
        _("Description"),
        _("Customer"),
        _("Month"),
        _("Visits created"),
        _("Visits forecast"),
        _("Hours"),
        _("Revenue"),
        _("Fees of subscriptions"),
        _("Currency"),
        _("Lines without price"),
    ]


def digits_of(agreement: ServiceAgreement) -> int:
    """Of the agreement's currency; revenue is rounded by the line already, so that this only writes it alike."""
    return agreement.project.currency.digits if agreement.project else 2


def exported(parts: Iterable[Forecast]) -> Iterator[list[Any]]:
    """A row an agreement and month, made while the file is written."""
    for found in parts:
        rows, codes = {row.pk: row for row in found.agreements}, currencies(found)
        for (key, month), cell in sorted(found.cells.items(), key=lambda pair: pair[0]):
            yield [
                rows[key].number,
                rows[key].description,
                getattr(rows[key].customer, "name", ""),
                month,
                cell.created,
                cell.planned,
                round(cell.hours, 2),
                round_money(cell.revenue, digits_of(rows[key])),
                round_money(cell.fees, digits_of(rows[key])),
                codes[key],
                cell.unpriced,
            ]


@require_GET
@allow("agreements.view_serviceagreement")
def utilisation(request: Request) -> HttpResponseBase:
    """Planned against delivered; without days the last twelve months up to today.

    Days the other way round are said at their field (422), and nothing is counted.
    """
    first, last = _days(request)
    is_reversed = last < first
    rows = utilised(first, last)
    context = {
        "first": first,
        "last": last,
        "is_reversed": is_reversed,
        "forecast_url": reverse("reporting:agreement_forecast"),
    }
    found = list_page(
        request,
        spec_of(first, last),
        rows.none() if is_reversed else rows,
        template="reporting/utilisation.html",
        context=context,
    )
    if is_reversed:
        found.status_code = 422
    return found


def _days(request: Request) -> tuple[date, date]:
    """The days asked for; twelve months up to the last one, or from the first one where that is yet to come."""
    today = company_today()
    first, last = _day(request, "during_after"), _day(request, "during_before")
    if first and not last:
        return first, today if first <= today else step(first, Unit.MONTH, 12) - timedelta(days=1)
    last = last or today
    return first or step(last, Unit.MONTH, -12) + timedelta(days=1), last


def _day(request: Request, name: str) -> date | None:
    """The day asked for, or None where it is none, or one that no field takes."""
    try:
        found = parse_date(request.GET.get(name, ""))
    except ValueError:
        return None
    return found if found and FIRST_DAY <= found <= LAST_DAY else None
