"""A project's budget beside what was posted."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from servicemgmt.core.export import csv_response, xlsx_response
from servicemgmt.core.web import allow, page
from servicemgmt.masterdata.queries import company

from ..budgets.queries import Comparison, compare, together
from ..forms import PlainForm
from ..models import Project

WRITERS = {"csv": csv_response, "xlsx": xlsx_response}


class UntilForm(PlainForm):
    """Up to which day."""

    until = forms.DateField(
        label=gettext_lazy("Up to"),
        required=False,
        help_text=gettext_lazy("Empty: the whole project."),
    )


@require_GET
@allow("projects.view_budgetline")
def budget(request: HttpRequest, number: str) -> HttpResponseBase:
    """Budget, actual, remaining and forecast by category; as a file with `?format=csv` or `xlsx`."""
    found = get_object_or_404(Project.objects.select_related("currency"), number=number)
    form = UntilForm(request.GET)
    is_valid = form.is_valid()
    until = form.cleaned_data["until"] if is_valid else None
    rows = compare(found, until)
    home = company().currency
    wanted = request.GET.get("format", "")
    if wanted in WRITERS:
        heads = heads_of(home.code, found.currency.code)
        written: HttpResponseBase = WRITERS[wanted](f"budget-{found.number}", heads, lines_of(rows))
        return written
    asked = f"&until={until.isoformat()}" if until else ""
    context: dict[str, Any] = {
        "title": _("Budget"),
        "project": found,
        "form": form,
        "rows": rows,
        "total": together(rows),
        "home": home,
        "setup_url": reverse("core:setup_list", args=["budgetline"]) + f"?project={found.pk}",
        "work_url": work_url(found, until),
        "csv_url": f"?format=csv{asked}",
        "xlsx_url": f"?format=xlsx{asked}",
    }
    return page(request, "projects/budget.html", context, status=200 if is_valid else 422)


def work_url(project: Project, until: date | None) -> str:
    """Where the transactions are that the actual figures add up."""
    asked = {"project": project.pk, "only": "standing"}
    days = {"executed_on_before": until.isoformat()} if until else {}
    return f"{reverse('projects:transactions')}?{urlencode(asked | days)}"


def heads_of(home: str, currency: str) -> list[str]:
    columns = [_("Quantity"), _("Cost %(code)s") % {"code": home}, _("Revenue %(code)s") % {"code": currency}]
    parts = [_("Budget"), _("Actual"), _("Remaining"), _("Forecast")]
    return [_("Category"), *(f"{column}: {part}" for column in columns for part in parts)]


def lines_of(rows: list[Comparison]) -> Iterator[list[Any]]:
    for row in rows:
        parts = (row.budget, row.actual, row.remaining, row.forecast)
        yield [
            str(row.category),
            *(getattr(part, name) for name in ("quantity", "cost", "revenue") for part in parts),
        ]
