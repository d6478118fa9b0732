"""What customers owe: open items, settling them, the ageing report and a customer's statement."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from servicemgmt.core.display import money
from servicemgmt.core.export import WRITERS
from servicemgmt.core.forms import submit
from servicemgmt.core.lists import list_page
from servicemgmt.core.money import round_money
from servicemgmt.core.web import allow, page, status_of, whole
from servicemgmt.ledger.queries import home_currency
from servicemgmt.masterdata.models import Customer
from servicemgmt.masterdata.queries import company, company_today

from .. import operations
from ..filters import OpenItemFilter
from ..models import CustomerItem, Settlement
from ..receivables.credit import credit_of
from ..receivables.forms import AgeingForm, DayForm, SettleForm, StatementForm
from ..receivables.lists import OPEN_ITEMS
from ..receivables.queries import BUCKETS, aged, aged_totals, items_as_of, open_with, statement, usual_days

#: Rows of the ageing report on one page.
PAGE = 200


@require_GET
@allow("projects.view_customeritem")
def open_items(request: HttpRequest) -> HttpResponseBase:
    """The open items, at present or as of the end of a day."""
    form = OpenItemFilter(request.GET).form
    on = form.cleaned_data.get("as_of") if form.is_valid() else None
    return list_page(request, OPEN_ITEMS, items_as_of(on))


@require_http_methods(["GET", "POST"])
@allow("projects.add_settlement")
def item_settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Settle an open item with another of the same customer and currency."""
    item = get_object_or_404(CustomerItem.objects.select_related("customer", "currency"), pk=pk)
    others = open_with(item)
    digits = item.currency.digits
    most = min(abs(item.open), abs(others[0].open)) if others else abs(item.open)
    today = max([company_today(), item.on, *(row.on for row in others[:1])])
    form = SettleForm(
        request.POST or None,
        initial={
            "other": others[0].pk if others else None,
            "amount": format(round_money(most, digits), "f"),
            "on": today,
        },
    )
    form.fields["other"].queryset = CustomerItem.objects.filter(pk__in=[row.pk for row in others])  # type: ignore[attr-defined]
    form.fields["other"].label_from_instance = lambda row: f"{row.label} · {money(row.open, item.currency)}"  # type: ignore[attr-defined]
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            cleaned = form.cleaned_data
            row = submit(
                form,
                lambda: operations.settle(
                    item.pk, cleaned["other"].pk, amount=cleaned["amount"], on=cleaned["on"], by=request.user
                ),
            )
            if row is not None:
                messages.success(request, _("%(item)s is settled.") % {"item": item.label})
                return redirect(item.url)
            status = status_of(form.refusal)  # type: ignore[attr-defined]
    context = {
        "form": form,
        "title": _("Settle %(item)s") % {"item": item.label},
        "help": _("%(open)s is open of it.") % {"open": money(item.open, item.currency)}
        if others
        else _("%(customer)s has nothing open to settle it with.") % {"customer": item.customer},
        "submit_label": _("Settle"),
        "cancel_url": item.url,
        "action_url": request.path,
        "crumbs": [
            {"label": _("Open items"), "url": reverse("projects:open_items")},
            {"label": item.label, "url": item.url},
        ],
    }
    return page(request, "core/form.html", context, status=status)


@require_http_methods(["GET", "POST"])
@allow("projects.add_settlement")
def settlement_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo a settlement, after asking for the date."""
    found = get_object_or_404(
        Settlement.objects.select_related("debit__currency", "credit"), pk=pk, undoes__isnull=True
    )
    form = DayForm(request.POST or None, initial={"on": max(company_today(), found.on)})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            row = submit(
                form,
                lambda: operations.undo_settlement(found.pk, by=request.user, **form.cleaned_data),
            )
            if row is not None:
                messages.success(request, _("The settlement is undone."))
                return redirect(found.debit.url)
            status = status_of(form.refusal)  # type: ignore[attr-defined]
    names = {
        "debit": found.debit.label,
        "credit": found.credit.label,
        "amount": money(found.amount, found.debit.currency),
    }
    context = {
        "form": form,
        "title": _("Undo a settlement"),
        "text": _("%(amount)s of %(debit)s was settled with %(credit)s.") % names,
        "consequences": [_("Both are open again."), _("An exchange difference is reversed.")],
        "submit_label": _("Undo the settlement"),
        "cancel_url": found.debit.url,
        "action_url": request.path,
    }
    return page(request, "core/confirm.html", context, status=status)


@require_GET
@allow("projects.view_customeritem")
def ageing(request: HttpRequest) -> HttpResponseBase:
    """What is open at the end of a day by customer, currency and age."""
    today = company_today()
    form = AgeingForm(request.GET or None, initial={"as_of": today})
    is_fine = not request.GET or "as_of" not in request.GET or form.is_valid()
    cleaned = form.cleaned_data if form.is_bound and form.is_valid() else {}
    on: date = cleaned.get("as_of") or today
    customer = cleaned["customer"].pk if cleaned.get("customer") else None
    rows = aged(on, customer)
    if (wanted := request.GET.get("format", "")) in WRITERS and is_fine:
        return WRITERS[wanted](f"ageing-{on}", ageing_headers(), ageing_rows(rows))
    start = whole(request.GET.get("from"))
    found = list(rows[start : start + PAGE + 1]) if is_fine else []
    address = {"as_of": on.isoformat(), **({"customer": customer} if customer else {})}
    context = {
        "title": _("Ageing of receivables"),
        "crumbs": [{"label": _("Open items"), "url": reverse("projects:open_items")}],
        "form": form if "as_of" in request.GET else AgeingForm(initial={"as_of": on}),
        "on": on,
        "home": home_currency(),
        "buckets": [label for _name, label, *_days in BUCKETS],
        "rows": [shown(row, on) for row in found[:PAGE]],
        "totals": list(totals_of(on, customer)) if found else [],
        "csv_url": f"?{urlencode({**address, 'format': 'csv'})}",
        "xlsx_url": f"?{urlencode({**address, 'format': 'xlsx'})}",
        "next_url": f"?{urlencode({**address, 'from': start + PAGE})}" if len(found) > PAGE else "",
        "first_url": f"?{urlencode(address)}" if start else "",
    }
    return page(request, "projects/ageing.html", context, status=200 if is_fine else 422)


def totals_of(on: date, customer: int | None) -> Iterator[Any]:
    totals = aged_totals(on, customer)
    yield from (totals[name] for name, *_rest in BUCKETS)
    yield totals["total"]


def shown(row: dict[str, Any], on: date) -> dict[str, Any]:
    """A row with its buckets in order, each with the way to the items in it."""
    items = reverse("projects:open_items")
    asked = {"customer": row["customer"], "as_of": on.isoformat()}
    cells = []
    for name, label, first, last in BUCKETS:
        due = dict(asked)
        if first is not None:
            due["due_on_before"] = (on - timedelta(days=first)).isoformat()
        if last is not None:
            due["due_on_after"] = (on - timedelta(days=last)).isoformat()
        cells.append({"label": label, "amount": row[name], "url": f"{items}?{urlencode(due)}"})
    return row | {"cells": cells, "url": f"{items}?{urlencode(asked)}"}


def ageing_headers() -> list[Any]:
    labels = [label for _name, label, *_days in BUCKETS]
    company = [f"{label} ({home_currency()})" for label in [*labels, _("Total")]]
    return [_("Number"), _("Customer"), _("Currency"), *labels, _("Total"), *company]


def ageing_rows(rows: Any) -> Iterator[list[Any]]:
    names = [*(name for name, *_rest in BUCKETS), "total"]
    home = company().currency.digits
    for row in rows.iterator(chunk_size=1000):
        digits = row["currency__digits"]
        yield [
            row["customer__number"],
            row["customer__name"],
            row["currency__code"],
            *(round_money(row[name], digits) for name in names),
            *(round_money(row[f"company_{name}"], home) for name in names),
        ]


@require_GET
@allow("projects.view_customeritem")
def customer_statement(request: HttpRequest, number: str) -> HttpResponse:
    """A customer's account over some days, in each of its currencies, with what is open at the end."""
    customer = get_object_or_404(Customer, number=number)
    start = usual_days(company_today())
    form = StatementForm(request.GET if "first" in request.GET else None, initial=start)
    status = 200 if not form.is_bound or form.is_valid() else 422
    days = form.cleaned_data if form.is_bound and status == 200 else start
    context = {
        "title": _("Statement of %(customer)s") % {"customer": customer},
        "crumbs": [{"label": _("Open items"), "url": reverse("projects:open_items")}],
        "customer": customer,
        "form": form,
        "accounts": statement(customer, days["first"], days["last"]) if status == 200 else [],
        "first": days["first"],
        "last": days["last"],
        "pdf_url": pdf_url(customer, days["first"], days["last"]),
        "credit": credit_of(customer.pk, company_today()),
    }
    return page(request, "projects/statement.html", context, status=status)


def pdf_url(customer: Customer, first: date, last: date) -> str:
    """Where the printed statement is had; '' as long as no app right of this one offers it."""
    try:
        url = reverse("reporting:statement_pdf", args=[customer.number])
    except NoReverseMatch:
        return ""
    return f"{url}?{urlencode({'first': first.isoformat(), 'last': last.isoformat()})}"
