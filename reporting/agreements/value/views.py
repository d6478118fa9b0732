"""The report: what agreements were worth a year, what they are worth now, and every change in between."""

from typing import Any

from django import forms
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from agreements.models import AgreementGroup, ServiceAgreement
from reporting.projects.views import link
from servicemgmt.core.export import WRITERS
from servicemgmt.core.forms import DateInput, dress, in_order
from servicemgmt.core.money import ZERO
from servicemgmt.core.web import Request, allow, page
from servicemgmt.masterdata.models import Customer
from servicemgmt.masterdata.queries import company_today

from .load import Movement, Movements, code_of, movements
from .timeline import Reason

#: How many changes the page tells; the files have all.
SHOWN = 200


class ValueForm(forms.Form):
    """Over which days, and of which agreements."""

    first = forms.DateField(label=gettext_lazy("From"), widget=DateInput)
    last = forms.DateField(label=gettext_lazy("To"), widget=DateInput)
    group = forms.ModelChoiceField(
        label=gettext_lazy("Group"), queryset=AgreementGroup.objects.all(), required=False
    )
    customer = forms.ModelChoiceField(
        label=gettext_lazy("Customer"), queryset=Customer.objects.all(), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        in_order(self, "first", "last")
        return cleaned


@require_GET
@allow("projects.view_salesprice")
def agreement_value(request: Request) -> HttpResponseBase:
    """Without days this year so far; as files with `?format=`. Wrong days are said at their field (422)."""
    today = company_today()
    usual = {"first": today.replace(month=1, day=1).isoformat(), "last": today.isoformat()}
    form = ValueForm(usual | request.GET.dict())
    is_valid = form.is_valid()
    found = (
        movements(_asked(form), form.cleaned_data["first"], form.cleaned_data["last"])
        if is_valid
        else Movements()
    )
    wanted = request.GET.get("format", "")
    if wanted in WRITERS and is_valid:
        answer: HttpResponseBase = WRITERS[wanted](
            "agreement-value", HEADS, [_exported(row) for row in found.rows]
        )
        return answer
    context = {
        "title": _("Value of agreements"),
        "form": form,
        "sums": _sums(found),
        "rows": [{"row": row, "code": code_of(row.agreement)} for row in found.rows[:SHOWN]],
        "left_out": max(0, len(found.rows) - SHOWN),
        "csv_url": link(request, format="csv"),
        "xlsx_url": link(request, format="xlsx"),
    }
    return page(request, "reporting/agreement_value.html", context, status=200 if is_valid else 422)


def _asked(form: ValueForm) -> Any:
    rows = ServiceAgreement.objects.contracts()
    for name in ("group", "customer"):
        if form.cleaned_data[name]:
            rows = rows.filter(**{name: form.cleaned_data[name]})
    return rows


def _sums(found: Movements) -> list[dict[str, Any]]:
    """By currency: the worth before, what each reason came to in their usual order, the worth after."""
    return [
        {
            "code": code,
            "opening": found.opening[code],
            "closing": found.closing[code],
            "reasons": [
                {"label": reason.label, "delta": deltas[reason]}
                for reason in Reason
                if deltas.get(reason, ZERO)
            ],
        }
        for code, deltas in sorted(found.sums().items())
    ]


HEADS = [
    gettext_lazy("Day"),
    gettext_lazy("Agreement"),
    gettext_lazy("Description"),
    gettext_lazy("Customer"),
    gettext_lazy("Line"),
    gettext_lazy("Why"),
    gettext_lazy("More"),
    gettext_lazy("Change a year"),
    gettext_lazy("Currency"),
]


def _exported(row: Movement) -> list[Any]:
    change, agreement = row.change, row.agreement
    return [
        change.day,
        agreement.number,
        agreement.description,
        agreement.customer.name if agreement.customer else "",
        row.label,
        str(change.reason.label),
        change.detail,
        change.delta,
        code_of(agreement),
    ]
