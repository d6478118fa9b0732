"""Deferred revenue: its slices, recognising them, taking that back, and the roll-forward."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from servicemgmt.core.audit import subject_of
from servicemgmt.core.display import money
from servicemgmt.core.errors import Refused
from servicemgmt.core.export import WRITERS
from servicemgmt.core.lists import list_page
from servicemgmt.core.money import ZERO
from servicemgmt.core.runs import start_run
from servicemgmt.core.web import Request, allow, next_url, page, reachable, ticked
from servicemgmt.masterdata.queries import company, company_today

from ..accruals import rolling
from ..accruals.forms import AccrueForm, RollForwardForm, TakeBackForm
from ..accruals.lists import POSTINGS, SLICE_TONES, SLICES, postings_listed, slices_listed
from ..accruals.monthly import turns
from ..accruals.operations import delete_complete, reverse_accruals
from ..accruals.queries import asked_of, due_months, slices_due
from ..accruals.runs import CODE
from ..models import AccrualKind, SliceStatus, Transaction
from .transactions import period_text


@require_GET
@allow("projects.view_accrualslice")
def accruals(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, SLICES, slices_listed())


@require_GET
@allow("projects.view_accrualslice")
def accrual_postings(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, POSTINGS, postings_listed())


@require_http_methods(["GET", "POST"])
@allow("projects.add_accrualposting")
def accrue(request: Request) -> HttpResponse:
    """See what a posting date recognises, the months that are closed already apart, and do it as a run (SB-20)."""
    asked = request.POST if request.method == "POST" else request.GET
    today = company_today()
    last_month = today.replace(day=1) - timedelta(days=1)
    form = AccrueForm({"until": last_month.isoformat()} | asked.dict())
    context: dict[str, Any] = {"form": form, "home": company().currency, "turns": turns(today)}
    if request.user.has_perm("projects.view_projectparameters"):
        context["setup_url"] = reverse("core:setup_list", args=["projectparameters"])
    if not form.is_valid():
        return page(request, "projects/accrue.html", context, status=422)
    parameters = form.parameters
    try:
        months = due_months(slices_due(form.cleaned_data["until"], **asked_of(parameters)))
    except Refused as refusal:
        form.add_error(None, str(refusal))
        status = 409 if request.method == "POST" else 200
        return page(request, "projects/accrue.html", context, status=status)
    if request.method == "POST":
        return redirect("core:run", start_run(CODE, by=request.user, parameters=parameters).pk)
    context |= {
        "parts": [
            (_("To be recognised"), [row for row in months if row.posted_on is None]),
            (
                _("Missed months: closed by now, or over before the invoice"),
                [row for row in months if row.posted_on],
            ),
        ],
        "count": sum(row.count for row in months),
        "total": sum((row.company_amount for row in months), ZERO),
    }
    return page(request, "projects/accrue.html", context)


@require_POST
@allow("projects.add_accrualposting")
def accruals_reverse(request: Request) -> HttpResponse:
    """Take back what was recognised of the ticked slices, on the day given or today (SB-21)."""
    now = timezone.now()
    form = TakeBackForm({"on": company_today().isoformat()} | request.POST.dict())
    back = redirect(next_url(request, reverse("projects:accruals")))
    if not form.is_valid():
        messages.error(request, " ".join(form.errors["on"]))
        return back
    try:
        made = reverse_accruals(ticked(request), on=form.cleaned_data["on"], by=request.user, at=now)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        numbers = ", ".join(voucher.number for voucher in made)
        messages.success(request, _("Taken back with %(vouchers)s.") % {"vouchers": numbers})
    return back


@require_GET
@allow("projects.view_accrualslice")
def accruals_of(request: Request, pk: int) -> HttpResponse:
    """The deferred revenue of one transaction: its slices, and every voucher that touched it."""
    row = get_object_or_404(
        Transaction.objects.select_related("accrual_rule", "currency", "customer", "category", "invoice"),
        pk=pk,
        accrual_rule__isnull=False,
    )
    slices = list(
        row.slices.select_related("voucher", "line__invoice").order_by("starts_on", "cuts__pk", "pk")
    )
    may_change = request.user.has_perm("projects.add_accrualposting")
    is_done = bool(slices) and all(one.status != SliceStatus.OPEN for one in slices)
    context = {
        "row": row,
        "subject": subject_of(row),
        "title": row.text or row.category.description,
        "subtitle": _("Accruals of %(customer)s") % {"customer": row.customer},
        "facts": facts_of(row),
        "side_facts": reachable(request.user, links_of(row)),
        "slices": [(one, SLICE_TONES[one.status]) for one in slices],
        "postings": row.accruals.select_related("voucher").order_by("voucher__posted_on", "pk"),
        "form": TakeBackForm(initial={"on": company_today()}),
        "may_take_back": may_change and any(one.status == SliceStatus.POSTED for one in slices),
        "may_delete": is_done and request.user.has_perm("projects.delete_accrualslice"),
    }
    return page(request, "projects/accruals_of.html", context)


def facts_of(row: Transaction) -> list[tuple[Any, ...]]:
    """The rule and what is left deferred, in the invoice's currency."""
    left: Decimal = row.accruals.aggregate(sum=Sum("amount", default=ZERO))["sum"]
    facts: list[tuple[Any, ...]] = [(_("Accrual rule"), row.accrual_rule)]
    if row.service_period:
        facts.append((_("Service period"), period_text(row.service_period)))
    return [*facts, (_("Still deferred"), money(left, row.currency))]


def links_of(row: Transaction) -> list[tuple[Any, ...]]:
    links: list[tuple[Any, ...]] = [
        (
            _("Transaction"),
            row.text or row.category.description,
            reverse("projects:transaction", args=[row.pk]),
        ),
        (_("Customer"), row.customer, reverse("masterdata:customer", args=[row.customer.number])),
    ]
    if row.invoice:
        links.append(
            (_("Invoice"), row.invoice.number, reverse("projects:invoice", args=[row.invoice.number]))
        )
    return links


@require_POST
@allow("projects.delete_accrualslice")
def accruals_delete(request: Request, pk: int) -> HttpResponse:
    """Delete the slices of a transaction that are all done with (SB-24)."""
    row = get_object_or_404(Transaction, pk=pk)
    try:
        delete_complete([row.pk], by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The slices are deleted; the vouchers stay."))
    return redirect("projects:accruals_of", row.pk)


@require_GET
@allow("projects.view_accrualslice")
def roll_forward(request: HttpRequest) -> HttpResponseBase:
    """Opening + invoiced − recognised − credited = closing, by month or by what revenue is for (billing-rules 50)."""
    today = company_today()
    start = {"first": today.replace(month=1, day=1).isoformat(), "last": today.isoformat(), "by": "month"}
    form = RollForwardForm(start | request.GET.dict())
    is_valid = form.is_valid()
    cleaned = form.cleaned_data
    found = rolling.roll_forward(cleaned["first"], cleaned["last"], cleaned["by"]) if is_valid else None
    if found and (writer := WRITERS.get(request.GET.get("format", ""))):
        answer: HttpResponseBase = writer("deferred-revenue", headers(form), table(found))
        return answer
    context: dict[str, Any] = {
        "title": _("Roll-forward of deferred revenue"),
        "crumbs": [{"label": _("Accruals"), "url": reverse("projects:accruals")}],
        "form": form,
        "home": company().currency,
    }
    if found:
        address = {name: form[name].value() for name in ("first", "last", "by")}
        held = rolling.held(cleaned["last"])
        context |= {
            "label": dict(form.fields["by"].choices)[cleaned["by"]],  # type: ignore[attr-defined]
            "rows": [(row, figures(row, form)) for row in found.rows],
            "totals": figures(found.total, form),
            "schedule": [(row, slices_url(row.month)) for row in rolling.schedule()],
            "held": held,
            "agrees": held == found.total.closing,
            "csv_url": f"?{urlencode({**address, 'format': 'csv'})}",
            "xlsx_url": f"?{urlencode({**address, 'format': 'xlsx'})}",
        }
    return page(request, "projects/roll_forward.html", context, status=200 if is_valid else 422)


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount of the roll-forward and where the postings behind it are listed."""

    label: str
    amount: Decimal
    url: str = ""


def figures(row: rolling.Rolled, form: RollForwardForm) -> list[Figure]:
    """The figures of a line, each with the way to its postings; what is for no agreement leads nowhere."""
    by, first, last = (form.cleaned_data[name] for name in ("by", "first", "last"))
    whose: dict[str, Any] = {}
    if isinstance(row.key, date):
        first, last = max(first, row.key), min(last, rolling.month_end(row.key))
    elif by != "month" and row.key is not None:
        whose = {by: row.key}
    until, since = {"posted_on_before": last}, {"posted_on_after": first}
    before = {"posted_on_before": first - timedelta(days=1)}
    taken = [AccrualKind.RECOGNISED, AccrualKind.REVERSED]
    asked: list[tuple[str, Decimal, dict[str, Any]]] = [
        (_("Opening"), row.opening, before),
        (_("Invoiced"), row.invoiced, {**since, **until, "kind": [AccrualKind.DEFERRED]}),
        (_("Recognised"), row.recognised, {**since, **until, "kind": taken}),
        (_("Credited"), row.credited, {**since, **until, "kind": [AccrualKind.CREDITED]}),
        (_("Closing"), row.closing, until),
    ]
    base = reverse("projects:accrual_postings")
    return [
        Figure(label, amount, f"{base}?{urlencode({**whose, **wanted}, doseq=True)}" if row.key != "" else "")
        for label, amount, wanted in asked
    ]


def slices_url(month: date) -> str:
    """Where the slices that wait and end in the month are listed."""
    days = {"ends_on_after": month, "ends_on_before": rolling.month_end(month)}
    return f"{reverse('projects:accruals')}?{urlencode(days)}"


def headers(form: RollForwardForm) -> list[str]:
    by = dict(form.fields["by"].choices)[form.cleaned_data["by"]]  # type: ignore[attr-defined]
    return [str(by), _("Opening"), _("Invoiced"), _("Recognised"), _("Credited"), _("Closing")]


def table(found: rolling.RollForward) -> list[list[Any]]:
    rows = [
        [row.label, row.opening, row.invoiced, row.recognised, row.credited, row.closing]
        for row in found.rows
    ]
    total = found.total
    return [
        *rows,
        [_("Total"), total.opening, total.invoiced, total.recognised, total.credited, total.closing],
    ]
