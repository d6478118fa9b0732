"""The lists of orders and of requests: their columns, tabs and actions."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.errors import Sentence
from servicemgmt.core.lists import Action, Column, ListSpec, Tab
from servicemgmt.masterdata.queries import company_day

from .filters import OrderFilter, RequestFilter, sla_condition, to_post
from .models import (
    Assignment,
    OrderProgress,
    Phase,
    Priority,
    RequestStatus,
    ServiceOrder,
    ServiceOrderQuerySet,
    SlaStatus,
)
from .sla import SOON

type Row = dict[str, Any]

PRIORITY_TONES = {Priority.HIGH: "red", Priority.NORMAL: "yellow", Priority.LOW: "green"}
PROGRESS_TONES = {
    OrderProgress.POSTED: "green",
    OrderProgress.CANCELLED: "gray",
    OrderProgress.IN_PROCESS: "blue",
}
REQUEST_TONES = {RequestStatus.OPEN: "blue", RequestStatus.ORDERED: "green", RequestStatus.CLOSED: "gray"}

OPEN = Q(progress=OrderProgress.IN_PROCESS) & ~Q(stage__phase__in=[Phase.DONE, Phase.CANCELLED])
OVERDUE = OPEN & Q(stage__phase__in=[Phase.NEW, Phase.PLANNED], service_on__lt=company_day())


def with_technicians(orders: QuerySet[ServiceOrder]) -> QuerySet[ServiceOrder]:
    """The orders with `technicians`, the names of those on them, the lead first."""
    names = Assignment.objects.filter(order=OuterRef("pk")).order_by("-is_lead", "worker__name")
    return orders.annotate(technicians=ArraySubquery(names.values("worker__name")))


def deadline_state(
    status: str, deadline: datetime | None, compliance: Any, now: datetime, *, is_done: bool = False
) -> tuple[str, Sentence]:
    """(tone, word) of an SLA clock: in time, soon, late; stopped, met once the work is done; nothing without one."""
    if status == SlaStatus.STARTED and deadline:
        if deadline < now:
            return "red", _("late")
        return ("orange", _("due soon")) if deadline - now < SOON else ("green", _("in time"))
    if status in (SlaStatus.STOPPED, SlaStatus.CANCELLED) and compliance is not None and compliance > 100:
        return "red", _("exceeded")
    if status == SlaStatus.STOPPED:
        return ("green", _("met")) if is_done else ("gray", _("clock stopped"))
    return ("gray", _("SLA cancelled")) if status == SlaStatus.CANCELLED else ("", "")


def _state(row: Row) -> tuple[str, Sentence]:
    is_done = row["stage__phase"] == Phase.DONE or row["signed_off_at"] is not None
    clock = row["sla_status"], row["deadline"], row["compliance"]
    return deadline_state(*clock, timezone.now(), is_done=is_done)


def order_url(row: Row) -> str:
    return reverse("orders:order", args=[row["number"]])


ORDERS = ListSpec(
    name="orders",
    title=_("Service orders"),
    help=_("Every visit, from the call or the agreement to the posted work."),
    columns=[
        Column("number", _("Number"), sort="number", kind="link"),
        Column("description", _("Description"), sort="description", needs=["calendar_conflict"]),
        Column("customer__name", _("Customer"), sort="customer__name", needs=["site__name"],
               sub=lambda row: row["site__name"]),
        Column("stage__description", _("Stage"), kind="badge", needs=["stage__phase"],
               tone=lambda row: row["stage__phase"]),
        Column("priority", _("Priority"), kind="badge", tone=lambda row: PRIORITY_TONES[row["priority"]]),
        Column("service_on", _("Service date"), sort="service_on", kind="date"),
        Column("technicians", _("Technician"), kind="text", value=lambda row: ", ".join(row["technicians"]),
               needs=["technicians"]),
        Column("deadline", _("Complete by"), sort="deadline", kind="datetime", zone="site__time_zone",
               needs=["sla_status", "compliance", "signed_off_at"], tone=lambda row: _state(row)[0],
               sub=lambda row: _state(row)[1]),
        Column("progress", _("Progress"), kind="badge", tone=lambda row: PROGRESS_TONES[row["progress"]]),
        Column("external_number", _("External number"), only_export=True),
        Column("compliance", _("SLA used %"), only_export=True),
        Column("signed_off_at", _("Signed off"), only_export=True),
    ],
    default_sort="-service_on",
    filterset=OrderFilter,
    row_url=order_url,
    create=("orders:order_new", _("New order"), "orders.add_serviceorder"),
    tabs=[
        Tab("open", _("Open"), OPEN),
        Tab("unassigned", _("Unassigned"), OPEN & Q(~Exists(Assignment.objects.filter(order=OuterRef("pk"))))),
        Tab("late", _("Late"), OVERDUE | (OPEN & sla_condition("late"))),
        Tab("hold", _("On hold"), OPEN & Q(stage__phase=Phase.PAUSED)),
        Tab("post", _("To post"), to_post()),
        Tab("all", _("All")),
    ],
    tab_counts=True,
    actions=[Action("orders:post", _("Post orders"), "book-open", permission="orders.post_serviceorder")],
    bulk_actions=[
        Action("orders:post_chosen", _("Post"), "book-open", permission="orders.post_serviceorder"),
    ],
    empty_title=_("No orders here"),
    empty_text=_("Orders come from agreements, from requests, or are entered by hand."),
    empty_icon="clipboard-list",
)  # fmt: skip

REQUESTS = ListSpec(
    name="requests",
    title=_("Service requests"),
    help=_("What customers reported: turn it into an order, or answer it."),
    columns=[
        Column("number", _("Number"), sort="number", kind="link"),
        Column("summary", _("What is wrong"), sort="summary", needs=["service_object__description"],
               sub=lambda row: row["service_object__description"]),
        Column("customer__name", _("Customer"), sort="customer__name", needs=["caller"],
               sub=lambda row: row["caller"]),
        Column("priority", _("Priority"), kind="badge", tone=lambda row: PRIORITY_TONES[row["priority"]]),
        Column("preferred_on", _("Wished for"), sort="preferred_on", kind="date"),
        Column("received_at", _("Received"), sort="received_at", kind="datetime"),
        Column("status", _("Status"), kind="badge", tone=lambda row: REQUEST_TONES[row["status"]]),
        Column("order__number", _("Order"), kind="text",
               href=lambda row: reverse("orders:order", args=[row["order__number"]]) if row["order__number"] else ""),
    ],
    default_sort="-received_at",
    filterset=RequestFilter,
    row_url=lambda row: reverse("orders:request", args=[row["number"]]),
    create=("orders:request_new", _("New request"), "orders.add_servicerequest"),
    tabs=[
        Tab("open", _("Open"), Q(status=RequestStatus.OPEN)),
        Tab("ordered", _("Ordered"), Q(status=RequestStatus.ORDERED)),
        Tab("closed", _("Closed"), Q(status=RequestStatus.CLOSED)),
        Tab("all", _("All")),
    ],
    tab_counts=True,
    empty_title=_("No requests here"),
    empty_text=_("When a customer calls, take it down as a new request: N."),
    empty_icon="phone",
)  # fmt: skip


def listed_orders(orders: ServiceOrderQuerySet) -> QuerySet[ServiceOrder]:
    """What the list of orders shows of these."""
    return with_technicians(orders)
