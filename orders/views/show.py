"""The page of one order, and how every button on it is answered: the same page again, whole or as its region."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import trigger_client_event

from orders import rules
from orders.listing import PRIORITY_TONES, PROGRESS_TONES, deadline_state
from orders.loans.queries import loans_of
from orders.models import LineStatus, OrderProgress, Phase, ServiceOrder
from orders.operations import next_stages
from orders.queries.boms import objects_with_boms
from orders.queries.detail import (
    clock_of,
    line_rows,
    order_with_all,
    requirements_of,
    signatures,
    stage_path,
    totals,
)
from orders.queries.repair import unfinished_repairs
from servicemgmt.core.errors import Refused
from servicemgmt.core.forms import submit
from servicemgmt.core.models import User
from servicemgmt.core.web import page, status_of
from servicemgmt.masterdata.models import Team
from servicemgmt.masterdata.queries import company_today
from servicemgmt.projects.models import LineKind, TransactionStatus
from servicemgmt.projects.receivables.credit import credit_of

from .opened import opened_form


def find_order(request: HttpRequest, number: str) -> ServiceOrder:
    """The order of that number that the user may see; 404 otherwise."""
    visible = ServiceOrder.objects.visible_to(request.user)
    return get_object_or_404(order_with_all(visible), number=number)


def show(
    request: HttpRequest,
    order: ServiceOrder,
    *,
    opened: str = "",
    form: BaseForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render the order, with the form that is opened (`add:HOUR`, `line:7`, `stage:3` …), or the refusal."""
    may = allowed(request.user, order)
    if form is None and opened:
        form = opened_form(request, order, opened, may)
    kind, _colon, argument = opened.partition(":") if form else ("", "", "")
    context = order_context(request.user, order) | {
        "may": may,
        "form": form,
        "opened": kind,
        "opened_for": argument,
        "refusal": refusal,
        "over_credit": over_credit(request.user, order),
    }
    return page(request, "orders/order.html", context, regions=["order"], status=status)


def over_credit(user: User, order: ServiceOrder) -> str:
    """That the invoiced customer is over his credit limit, with the amounts for who may see them."""
    payer = order.project.invoice_customer_id if order.project else order.customer_id
    credit = credit_of(payer, company_today())
    if credit is None:
        return ""
    return credit.figures if user.has_perm("projects.view_salesprice") else credit.warning


def reply(
    request: HttpRequest,
    order: ServiceOrder,
    work: Callable[[], Any],
    *,
    done: Any,
    form: BaseForm | None = None,
    opened: str = "",
) -> HttpResponse:
    """Do what a button or form asks for and show the order as it is then.

    A form that is not valid is shown again (422); a refusal stands on the page in place (409, or 422 at its field).
    """
    if form is not None:
        if "version" in form.fields and form["version"].initial is None:
            form.initial["version"] = order.version
        if form.is_valid():
            submit(form, work)
        if form.errors:
            status = status_of(form.refusal) if getattr(form, "refusal", None) else 422
            return show(request, find_order(request, order.number), opened=opened, form=form, status=status)
    else:
        try:
            work()
        except Refused as refusal:
            fresh = find_order(request, order.number)
            return show(request, fresh, refusal=str(refusal), status=status_of(refusal))
    if request.htmx:
        response = show(request, find_order(request, order.number))
        return trigger_client_event(response, "toast", {"text": str(done), "tone": "green"})
    messages.success(request, str(done))
    return redirect("orders:order", order.number)


def allowed(user: User, order: ServiceOrder) -> dict[str, bool]:
    """What this user may do with this order now: his permission and the rule the operation will ask."""
    changes = user.has_perm("orders.change_serviceorder")
    posts = user.has_perm("orders.post_serviceorder")
    is_office = user.has_perm("orders.view_serviceorder")
    own = order.lines.filter(requirement__isnull=True)
    found = set(own.order_by().values_list("status", "transaction__status"))
    statuses, postings = {status for status, _posting in found}, {posting for _status, posting in found}
    return {
        "office": is_office,
        "manage": changes,
        "change": changes and rules.why_not_change(order) is None,
        "require": user.has_perm("projects.add_itemrequirement")
        and order.project_id is not None
        and rules.why_not_change(order) is None,
        "plan": user.has_perm("dispatch.change_booking") and rules.why_not_plan(order) is None,
        "cancel_line": changes and rules.why_not_cancel_line(order) is None,
        "cancel": changes
        and LineStatus.CREATED in statuses
        and order.progress != OrderProgress.CANCELLED
        and rules.why_not_cancel(order) is None,
        "revoke": changes
        and order.progress == OrderProgress.CANCELLED
        and rules.why_not_cancel_line(order) is None,
        "delete": user.has_perm("orders.delete_serviceorder") and rules.why_not_delete(order) is None,
        "sign": user.has_perm("orders.sign_serviceorder") and rules.why_not_sign(order) is None,
        "lend": is_office and user.has_perm("orders.add_loan"),
        "take_back": is_office and user.has_perm("orders.change_loan"),
        "post": posts and LineStatus.CREATED in statuses,
        "undo": posts and postings - {None} == {TransactionStatus.POSTED},
        "see_cost": user.has_perm("projects.view_transaction"),
        "see_prices": is_office or Team.objects.filter(members__user=user, shows_prices=True).exists(),
    }


def order_context(user: User, order: ServiceOrder) -> dict[str, Any]:
    """What the page shows, apart from what the user may do."""
    now, rows, requirements = timezone.now(), line_rows(order), requirements_of(order)
    clock = clock_of(order, now)
    deadline = clock.deadline if clock else None
    is_done = order.stage.phase == Phase.DONE or order.signed_off_at is not None
    used = clock.compliance if clock else order.compliance
    tone, state = deadline_state(order.sla_status, deadline, used, now, is_done=is_done)
    return {
        "order": order,
        "zone": order.site.time_zone,
        "rows": rows,
        "totals": totals(order, rows),
        "kinds": LineKind.choices,
        "stages": path_for_show(order),
        "previous": order.stage.parent,
        "clock": clock,
        "is_done": is_done,
        "deadline_tone": tone,
        "deadline_state": state,
        "time_logs": order.time_logs.all(),
        "tasks": order.task_relations.select_related("service_task__required_skill"),
        "objects": objects_with_boms(order),
        "loans": loans_of(order, company_today()),
        "assignments": order.assignments.select_related("worker__team").order_by("-is_lead", "worker__name"),
        "repairs": order.repair_lines.select_related(
            "object_relation__service_object", "condition", "symptom__area", "diagnosis__area", "resolution",
            "worker", "stage",
        ),
        "unfinished_repairs": unfinished_repairs(order).count(),
        "signatures": signatures(order),
        "schedule_url": reverse("dispatch:schedule", query={"order": order.pk}),
        "requirements": requirements,
        "reasons": order.reasons.select_related("stage", "reason", "given_by"),
        "posted": [row for row in rows if row.line.transaction],
        "call": getattr(order, "request", None),
        "subject": f"serviceorder:{order.pk}",
        "priority_tone": PRIORITY_TONES[order.priority],  # type: ignore[index]
        "progress_tone": PROGRESS_TONES[order.progress],  # type: ignore[index]
    }  # fmt: skip


def path_for_show(order: ServiceOrder) -> list[dict[str, Any]]:
    """The way the order came, where it is, and where it can go next."""
    path = [
        {"label": stage.description, "phase": stage.phase, "state": "done"} for stage in stage_path(order)
    ]
    path[-1]["state"] = "current"
    following = [
        {"label": stage.description, "phase": stage.phase, "state": "next", "value": stage.pk}
        for stage in next_stages(order)
    ]
    return path + following


def refused_only(request: HttpRequest, order: ServiceOrder, sentence: str | None = None) -> HttpResponse:
    """Answer a press on something that is not there (any more)."""
    return show(request, order, refusal=sentence or _("This is not there any more."), status=409)
