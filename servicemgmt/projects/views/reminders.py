"""Reminders: the list, one letter, and making them as a run."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from servicemgmt.core.audit import subject_of
from servicemgmt.core.display import money
from servicemgmt.core.errors import Refused
from servicemgmt.core.forms import submit
from servicemgmt.core.lists import list_page
from servicemgmt.core.runs import start_run
from servicemgmt.core.web import allow, page, reachable, status_of
from servicemgmt.masterdata.queries import company_today

from ..models import CustomerItem, ItemKind, Reminder
from ..operations import waive_fee, why_not_waive
from ..receivables.forms import RemindForm, ReverseForm
from ..receivables.lists import REMINDERS
from ..receivables.reminding import DueReminder, due_reminders
from .payments import settled_rows


@require_GET
@allow("projects.view_reminder")
def reminders(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, REMINDERS, Reminder.objects.all())


@require_http_methods(["GET", "POST"])
@allow("projects.add_reminder")
def remind(request: HttpRequest) -> HttpResponse:
    """See whom the day's reminders go to, and make them as a run."""
    asked = request.POST if request.method == "POST" else request.GET
    form = RemindForm({"on": company_today().isoformat()} | asked.dict())
    preview: list[DueReminder] = []
    if not form.is_valid():
        return page(request, "projects/remind.html", {"form": form, "preview": preview}, status=422)
    cleaned = form.cleaned_data
    try:
        preview = due_reminders(cleaned["on"], [cleaned["customer"].pk] if cleaned["customer"] else None)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        status = 409 if request.method == "POST" else 200
        return page(request, "projects/remind.html", {"form": form, "preview": preview}, status=status)
    if request.method == "POST":
        run = start_run("make_reminders", by=request.user, parameters=form.parameters)
        return redirect("core:run", run.pk)
    context = {"form": form, "preview": preview, "is_ahead": cleaned["on"] > company_today()}
    return page(request, "projects/remind.html", context)


@require_GET
@allow("projects.view_reminder")
def reminder(request: HttpRequest, number: str) -> HttpResponse:
    found = get_object_or_404(
        Reminder.objects.select_related("customer", "currency", "level", "run", "made_by"), number=number
    )
    links = [
        (_("Customer"), found.customer, reverse("masterdata:customer", args=[found.customer.number])),
        (_("Statement"), _("Open"), reverse("projects:statement", args=[found.customer.number])),
        (_("Made by"), found.made_by or _("System")),
    ]
    fee = (
        CustomerItem.objects.filter(kind=ItemKind.REMINDER_FEE, label=found.number)
        .select_related("currency", "voucher")
        .first()
    )
    may_settle = request.user.has_perm("projects.add_settlement")
    waived = (
        CustomerItem.objects.filter(kind=ItemKind.WAIVED_FEE, label=found.number)
        .select_related("voucher")
        .first()
    )
    for label, item in ((_("Voucher"), fee), (_("Waived with"), waived)):
        if item and item.voucher:
            address = reverse("ledger:voucher", args=[item.voucher.number])
            links.append((label, item.voucher.number, address))
    if found.run:
        links.append((_("Run"), found.run.pk, reverse("core:run", args=[found.run.pk])))
    context = {
        "reminder": found,
        "subject": subject_of(found),
        "title": found.number,
        "subtitle": f"{found.customer} · {found.level}",
        "facts": [
            (_("Date"), found.on),
            (_("Overdue"), money(found.open, found.currency)),
            (_("Fee"), money(found.fee, found.currency)),
        ],
        "side_facts": reachable(request.user, links),
        "lines": found.lines.select_related("item"),
        "pdf_url": pdf_url(found),
        "item": fee,
        "settlements": settled_rows(fee) if fee else [],
        "may_settle": fee and fee.open and may_settle,
        "may_undo": may_settle and not waived,
        "badges": [{"label": _("Fee waived"), "tone": "gray"}] if waived else [],
        "may_waive": fee and not waived and request.user.has_perm("projects.waive_fee"),
    }
    return page(request, "projects/reminder.html", context)


@require_http_methods(["GET", "POST"])
@allow("projects.waive_fee")
def reminder_waive(request: HttpRequest, number: str) -> HttpResponse:
    """Waive a posted fee, after asking for the date and the reason."""
    found = get_object_or_404(Reminder.objects.select_related("customer", "currency"), number=number)
    if request.method == "GET" and (why_not := why_not_waive(found)):
        messages.error(request, why_not)
        return redirect("projects:reminder", found.number)
    now = timezone.now()
    form = ReverseForm(request.POST or None, initial={"on": company_today()})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            cleaned = form.cleaned_data
            done = submit(form, lambda: waive_fee(found.pk, by=request.user, at=now, **cleaned))
            if done is not None:
                messages.success(request, _("The fee of %(number)s is waived.") % {"number": found.number})
                return redirect("projects:reminder", found.number)
            status = status_of(form.refusal)  # type: ignore[attr-defined]
    context = {
        "form": form,
        "reminder": found,
        "title": _("Waive the fee of %(number)s") % {"number": found.number},
        "text": _("%(customer)s will not owe the %(amount)s of this reminder any more.")
        % {"customer": found.customer, "amount": money(found.fee, found.currency)},
        "consequences": [_("Its voucher is reversed on the date given."), _("The letter stays as it is.")],
        "submit_label": _("Waive the fee"),
        "cancel_url": reverse("projects:reminder", args=[found.number]),
        "action_url": request.path,
    }
    return page(request, "projects/reminder_waive.html", context, status=status)


def pdf_url(found: Reminder) -> str:
    """Where the letter is had; '' as long as no app right of this one offers it."""
    try:
        return reverse("reporting:reminder_pdf", args=[found.number])
    except NoReverseMatch:
        return ""
