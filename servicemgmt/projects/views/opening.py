"""Opening items: the list, entering them or reading them from a file, and the page of one."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from servicemgmt.core.audit import subject_of
from servicemgmt.core.display import exchange_rate, money
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.forms import submit
from servicemgmt.core.lists import list_page
from servicemgmt.core.setup.importing import MAX_BYTES
from servicemgmt.core.web import Request, allow, page, reachable, status_of, traceless, whole
from servicemgmt.ledger.days import LedgerDays
from servicemgmt.masterdata.queries import company, company_today

from .. import operations
from ..models import CustomerItem, ItemKind
from ..operations.opening import check_opening_items, total_of
from ..receivables.lists import OPENING_ITEMS
from ..receivables.opening import (
    MOST_LINES,
    OpeningItemFormSet,
    OpeningItemsForm,
    filled,
    read_opening_items,
)
from ..receivables.queries import opening_items_listed
from .payments import settled_rows


@require_GET
@allow("projects.view_customeritem")
def opening_items(request: Request) -> HttpResponseBase:
    return list_page(request, OPENING_ITEMS, opening_items_listed())


@require_http_methods(["GET", "POST"])
@allow("projects.add_customeritem")
def opening_items_new(request: Request) -> HttpResponse:
    """Enter what was open (GET, `?rows=` for more lines), and post it (POST)."""
    if request.method == "GET":
        lines = OpeningItemFormSet()
        lines.extra = min(whole(request.GET.get("rows")) or lines.extra, MOST_LINES)
        first = date(company_today().year, 1, 1)
        return show(request, OpeningItemsForm(initial={"on": first}), lines)
    form, lines = OpeningItemsForm(request.POST), OpeningItemFormSet(request.POST)
    if not (form.is_valid() and lines.is_valid()):
        return show(request, form, lines, status=422)
    made = submit(
        form, lambda: operations.post_opening_items(lines.items, on=form.cleaned_data["on"], by=request.user)
    )
    if made is None:
        return show(request, form, lines, status=status_of(form.refusal))  # type: ignore[attr-defined]
    messages.success(request, _("Opening items posted: %(count)s.") % {"count": len(made)})
    return redirect("projects:opening_items")


@require_POST
@traceless("only checks; nothing is written")
@allow("projects.add_customeritem")
def opening_items_check(request: Request) -> HttpResponse:
    """What would be posted of the lines typed, or of those in the file: the errors of each, and the totals."""
    form, lines = OpeningItemsForm(request.POST, request.FILES), OpeningItemFormSet(request.POST)
    if upload := request.FILES.get("file"):
        try:
            lines = filled(read_opening_items(upload.name or "", upload.read(MAX_BYTES + 1)))
        except Invalid as refusal:
            form.is_valid()
            form.add_error("file", str(refusal))
            return show(request, form, OpeningItemFormSet(), status=422)
    is_valid = form.is_valid() & lines.is_valid()
    problem = ""
    if is_valid:
        try:
            check_opening_items(lines.items, on=LedgerDays.read().of(form.cleaned_data["on"]))
        except Refused as refusal:
            problem = str(refusal)
    good = {"is_good": is_valid and not problem, "problem": problem}
    return show(request, form, lines, status=200 if is_valid else 422, **good)


def show(
    request: Request, form: OpeningItemsForm, lines: OpeningItemFormSet, *, status: int = 200, **context: Any
) -> HttpResponse:
    is_read = lines.is_bound and lines.is_valid()
    context |= {
        "form": form,
        "lines": lines,
        "problems": lines.problems if lines.is_bound else [],
        "totals": total_of(lines.items) if is_read else [],
        "post_url": reverse("projects:opening_items_new"),
        "check_url": reverse("projects:opening_items_check"),
    }
    return page(request, "projects/opening_items_new.html", context, status=status)


@require_GET
@allow("projects.view_customeritem")
def open_item(request: Request, pk: int) -> HttpResponse:
    """An opening item with what it was settled with; any other leads to its document."""
    item = get_object_or_404(CustomerItem.objects.select_related("customer", "currency", "voucher"), pk=pk)
    if item.kind != ItemKind.OPENING:
        return redirect(item.url)
    may_settle = request.user.has_perm("projects.add_settlement")
    context = {
        "item": item,
        "subject": subject_of(item),
        "title": item.label,
        "subtitle": f"{item.customer} · {money(item.amount, item.currency)}",
        "badges": [
            {"label": _("Open") if item.open else _("Settled"), "tone": "blue" if item.open else "green"}
        ],
        "facts": facts_of(item),
        "side_facts": reachable(request.user, links_of(item)),
        "settlements": settled_rows(item),
        "may_settle": item.open and may_settle,
        "may_undo": may_settle,
    }
    return page(request, "projects/open_item.html", context)


def facts_of(item: CustomerItem) -> list[tuple[Any, ...]]:
    home = company().currency
    facts: list[tuple[Any, ...]] = [
        (_("Date of the document"), item.document_on),
        (_("Posted on"), item.on),
        (_("Due"), item.due_on),
        (_("Amount"), money(item.amount, item.currency)),
        (_("Open"), money(item.open, item.currency)),
    ]
    if item.currency_id != home.pk:
        facts += [
            (_("Exchange rate"), exchange_rate(item.exchange_rate)),
            (_("Amount in company currency"), money(item.company_amount, home)),
        ]
    return facts


def links_of(item: CustomerItem) -> list[tuple[Any, ...]]:
    customer, voucher = item.customer, item.voucher
    links = [
        (_("Customer"), customer, reverse("masterdata:customer", args=[customer.number])),
        (_("Statement"), _("Open"), reverse("projects:statement", args=[customer.number])),
    ]
    if voucher:
        links.append((_("Voucher"), voucher.number, reverse("ledger:voucher", args=[voucher.number])))
    return links
