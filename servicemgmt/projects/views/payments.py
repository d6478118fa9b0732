"""Payments: the list, entering one, what it settled, and its reversal."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import sanitize_separators
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from servicemgmt.core.audit import subject_of
from servicemgmt.core.display import exchange_rate, money
from servicemgmt.core.errors import Invalid
from servicemgmt.core.forms import submit
from servicemgmt.core.lists import list_page
from servicemgmt.core.money import ZERO, round_money
from servicemgmt.core.web import allow, page, reachable, status_of, ticked
from servicemgmt.masterdata.queries import company, company_today

from .. import operations
from ..models import CustomerItem, Payment, PaymentMethod
from ..receivables.forms import PaymentForm, ReverseForm
from ..receivables.lists import PAYMENTS
from ..receivables.queries import open_of, payments_listed, settlements_of
from ..receivables.settling import oldest_first


@require_GET
@allow("projects.view_payment")
def payments(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, PAYMENTS, payments_listed())


@require_http_methods(["GET", "POST"])
@allow("projects.add_payment")
def payment_new(request: HttpRequest) -> HttpResponse:
    """Enter a payment: asked for who paid how much, the page proposes what that settles; posted, it is settled."""
    now = timezone.now()
    asked = request.POST if request.method == "POST" else request.GET
    given = asked if "amount" in asked else None
    method = PaymentMethod.objects.current(company_today()).values_list("pk", flat=True).first()
    start = {"paid_on": company_today(), "method": method, "customer": asked.get("customer")}
    form = PaymentForm(given, initial=start)
    status = 200 if given is None or form.is_valid() else 422
    rows = rows_of(form, asked if request.method == "POST" else None) if given and status == 200 else []
    if request.method == "POST":
        payment = post(form, request, now) if status == 200 and given else None
        if payment:
            messages.success(request, _("%(number)s is posted.") % {"number": payment.number})
            return redirect("projects:payment", payment.number)
        status = status_of(form.refusal) if getattr(form, "refusal", None) else 422
    context = {
        "form": form,
        "rows": rows,
        "is_ready": given is not None and not form.errors or bool(rows),
        "remark": paid_back_beyond_credit(form, rows) if given and not form.errors else "",
    }
    return page(request, "projects/payment_new.html", context, status=status)


def rows_of(form: PaymentForm, posted: Any) -> list[dict[str, Any]]:
    """The customer's open items with what the payment settles of them: as typed, else oldest first."""
    cleaned = form.cleaned_data
    amount: Decimal = cleaned["amount"]
    items = open_of(cleaned["customer"], cleaned["currency"], owed=amount > 0)
    parts = oldest_first(items, abs(amount))
    return [
        {
            "item": item,
            "is_ticked": str(item.pk) in posted.getlist("pk") if posted is not None else item.pk in parts,
            "part": posted.get(f"part-{item.pk}", "")
            if posted is not None
            else format(round_money(parts.get(item.pk, ZERO) or abs(item.open), item.currency.digits), "f"),
        }
        for item in items
    ]


def paid_back_beyond_credit(form: PaymentForm, rows: list[dict[str, Any]]) -> str:
    """That more is paid back than the customer has in credit, which he owes from then on; or nothing."""
    amount, currency = form.cleaned_data["amount"], form.cleaned_data["currency"]
    credit = -sum((row["item"].open for row in rows), ZERO)
    if amount >= 0 or -amount <= credit:
        return ""
    return _(
        "%(customer)s has %(credit)s in credit. The %(rest)s paid back beyond that will be owed to us."
    ) % {
        "customer": form.cleaned_data["customer"].name,
        "credit": money(credit, currency),
        "rest": money(-amount - credit, currency),
    }


def post(form: PaymentForm, request: HttpRequest, now: Any) -> Payment | None:
    def work() -> Payment:
        return operations.enter_payment(
            **form.cleaned_data, settle=parts_of(request), by=request.user, at=now
        )

    found: Payment | None = submit(form, work)
    return found


def parts_of(request: HttpRequest) -> dict[int, Decimal]:
    """The amounts of the ticked items, by key. Raises Invalid for what is no amount."""
    parts = {}
    for key in ticked(request):
        try:
            parts[key] = Decimal(str(sanitize_separators(request.POST.get(f"part-{key}", "").strip())))
        except InvalidOperation:
            raise Invalid(_("Enter the amount that is settled of every ticked item.")) from None
        if not parts[key].is_finite() or parts[key] <= 0:
            raise Invalid(_("Enter a positive amount with the currency's decimals."))
    return parts


@require_GET
@allow("projects.view_payment")
def payment(request: HttpRequest, number: str) -> HttpResponse:
    found = get_object_or_404(
        Payment.objects.select_related(
            "customer", "currency", "method__account", "voucher", "reverses", "item", "posted_by"
        ),
        number=number,
    )
    back = Payment.objects.filter(reverses=found).first()
    badges = []
    if back or found.reverses:
        badges.append({"label": _("Reversed") if back else _("Reversal"), "tone": "gray"})
    elif found.item.open:
        badges.append({"label": _("On account"), "tone": "orange"})
    may_write = request.user.has_perm("projects.add_payment")
    context = {
        "payment": found,
        "subject": subject_of(found),
        "title": found.number,
        "subtitle": f"{found.customer} · {money(found.amount, found.currency)}",
        "badges": badges,
        "facts": facts_of(found),
        "side_facts": reachable(request.user, links_of(found, back)),
        "item": found.item,
        "settlements": settled_rows(found.item),
        "may_settle": found.item.open and request.user.has_perm("projects.add_settlement"),
        "may_undo": request.user.has_perm("projects.add_settlement") and not (back or found.reverses),
        "may_reverse": may_write and not back and not found.reverses,
    }
    return page(request, "projects/payment.html", context)


def settled_rows(item: CustomerItem) -> list[dict[str, Any]]:
    """What an item was settled with: the other document, the amount, and whether that still stands."""
    rows = []
    for row in settlements_of(item):
        other = row.credit if row.debit_id == item.pk else row.debit
        rows.append(
            {
                "row": row,
                "other": other,
                "url": other.url,
                "is_undone": hasattr(row, "undone_by"),
                "stands": not row.undoes_id and not hasattr(row, "undone_by"),
            }
        )
    return rows


def facts_of(found: Payment) -> list[tuple[Any, ...]]:
    home = company().currency
    facts: list[tuple[Any, ...]] = [
        (_("Paid on"), found.paid_on),
        (_("Amount"), money(found.amount, found.currency)),
        (_("On account"), money(-found.item.open, found.currency)),
        (_("Payment method"), found.method),
    ]
    if found.currency_id != home.pk:
        facts += [
            (_("Exchange rate"), exchange_rate(found.exchange_rate)),
            (_("Amount in company currency"), money(found.company_amount, home)),
        ]
    if found.reference:
        facts.append((_("Reference"), found.reference))
    return facts


def links_of(found: Payment, back: Payment | None) -> list[tuple[Any, ...]]:
    account = found.method.account
    links: list[tuple[Any, ...]] = [
        (_("Customer"), found.customer, reverse("masterdata:customer", args=[found.customer.number])),
        (_("Statement"), _("Open"), reverse("projects:statement", args=[found.customer.number])),
        (_("Voucher"), found.voucher.number, reverse("ledger:voucher", args=[found.voucher.number])),
        (_("Account"), account, reverse("ledger:account", args=[account.code])),
    ]
    if found.reverses:
        url = reverse("projects:payment", args=[found.reverses.number])
        links.append((_("Reverses"), found.reverses.number, url))
    if back:
        links.append((_("Reversed by"), back.number, reverse("projects:payment", args=[back.number])))
    return [*links, (_("Posted by"), found.posted_by or _("System"))]


@require_http_methods(["GET", "POST"])
@allow("projects.add_payment")
def payment_reverse(request: HttpRequest, number: str) -> HttpResponse:
    """Reverse a payment, after asking for the date and the reason."""
    found = get_object_or_404(Payment.objects.select_related("currency", "item"), number=number)
    now = timezone.now()
    form = ReverseForm(request.POST or None, initial={"on": max(company_today(), found.paid_on)})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            back = submit(
                form,
                lambda: operations.reverse_payment(found.pk, by=request.user, at=now, **form.cleaned_data),
            )
            if back is not None:
                messages.success(request, _("%(number)s is posted.") % {"number": back.number})
                return redirect("projects:payment", found.number)
            status = status_of(form.refusal)  # type: ignore[attr-defined]
    address = reverse("projects:payment", args=[found.number])
    context = {
        "form": form,
        "crumbs": [
            {"label": _("Payments"), "url": reverse("projects:payments")},
            {"label": found.number, "url": address},
        ],
        "title": _("Reverse %(number)s") % {"number": found.number},
        "text": _("A payment of %(amount)s takes this one back.")
        % {"amount": money(-found.amount, found.currency)},
        "consequences": [_("What it settled is open again."), _("Exchange differences are reversed.")],
        "submit_label": _("Reverse the payment"),
        "cancel_url": address,
        "action_url": request.path,
    }
    return page(request, "core/confirm.html", context, status=status)
