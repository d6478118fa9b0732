"""The tray: open work that nobody has on the board, as cards to drag from."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from dispatch.filters import View
from dispatch.models import Activity, Booking, BookingStatus
from dispatch.parts import parts_of
from orders.models import LineStatus, OrderProgress, Phase, Priority, ServiceOrder, ServiceOrderLine
from orders.queries.parameters import parameters
from servicemgmt.projects.models import LineKind

from .planned import planned_lines

#: How far ahead of the day shown visits wait in the tray; a search finds later ones too.
AHEAD = timedelta(days=14)
MOST = 60

URGENCY = Case(
    When(priority=Priority.HIGH, then=Value(0)),
    When(priority=Priority.NORMAL, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)
ORDERINGS: dict[str, list[Any]] = {
    "urgency": [URGENCY, F("deadline").asc(nulls_last=True), "service_on", "pk"],
    "date": ["service_on", URGENCY, "pk"],
    "type": [F("activity_type__description").asc(nulls_last=True), "service_on", "pk"],
}
FIELDS = [
    "pk", "number", "description", "customer__name", "site__name", "site__city", "stage__description", "stage__phase",
    "priority", "service_on", "deadline", "preferred_technician__name", "activity_type__description",
]  # fmt: skip


@dataclass(slots=True)
class Card:
    """Something to plan: an order, one of its activities, or a booking of somebody who is in no team."""

    kind: str
    pk: int
    version: int
    minutes: int
    order_id: int
    number: str
    description: str
    customer: str
    place: str
    stage: str
    phase: str
    priority: str
    service_on: date
    deadline: datetime | None
    wish: str
    type: str
    notes: list[str] = field(default_factory=list)
    is_overdue: bool = False
    is_late: bool = False
    url: str = ""

    @property
    def key(self) -> str:
        return f"{self.kind}{self.pk}"


@dataclass(slots=True)
class Tray:
    """The cards of one tab, and how many each tab has."""

    view: View
    cards: list[Card]
    counts: dict[str, int]
    until: date

    @property
    def more(self) -> int:
        return max(self.counts[self.view.tab] - MOST, 0)


def read_tray(view: View, zone: str, *, at: datetime) -> Tray:
    """The tray beside the board of that view. Overdue: the day has passed, or the deadline."""
    today = at.astimezone(ZoneInfo(zone)).date()
    until = max(view.day or today, today) + AHEAD
    waiting = unplanned(view, until)
    late = Q(service_on__lt=today) | Q(deadline__lt=at)
    tabs = {
        "unscheduled": waiting.exclude(stage__phase=Phase.PAUSED),
        "overdue": waiting.exclude(stage__phase=Phase.PAUSED).filter(late),
        "hold": waiting.filter(stage__phase=Phase.PAUSED),
    }
    homeless = homeless_bookings(view) if view.tab == "unscheduled" else []
    counts = {name: rows.count() for name, rows in tabs.items()}
    counts["unscheduled"] += len(homeless)
    rows = list(tabs[view.tab].order_by(*ORDERINGS[view.sort]).values_list(*FIELDS)[:MOST])
    cards = [*homeless, *cards_of(rows)]
    for card in cards:
        card.is_late = card.deadline is not None and card.deadline < at
        card.is_overdue = card.is_late or card.service_on < today
    return Tray(view, cards, counts, until)


def unplanned(view: View, until: date) -> "QuerySet[ServiceOrder]":
    """Open orders with work that has no live booking."""
    live = Booking.objects.live()
    loose = Activity.objects.filter(order=OuterRef("pk")).exclude(
        Exists(live.filter(activity=OuterRef("pk")))
    )
    lines = ServiceOrderLine.objects.filter(
        order=OuterRef("pk"), kind=LineKind.HOUR, planned_quantity__gt=0, activity_line=None
    ).exclude(status=LineStatus.CANCELLED)
    rows: Any = ServiceOrder.objects.filter(progress=OrderProgress.IN_PROCESS)
    rows = rows.exclude(stage__phase__in=[Phase.DONE, Phase.CANCELLED])
    rows = rows.filter(Exists(loose) | Exists(lines) | ~Exists(Activity.objects.filter(order=OuterRef("pk"))))
    if view.priority:
        rows = rows.filter(priority=view.priority)
    found: QuerySet[ServiceOrder] = mentioned(rows, view.q) if view.q else rows.filter(service_on__lte=until)
    return found


def mentioned(rows: Any, text: str) -> Any:
    """Every word in number, customer, place or description."""
    for word in text.split()[:6]:
        rows = rows.filter(
            Q(number__icontains=word)
            | Q(customer__name__icontains=word)
            | Q(description__icontains=word)
            | Q(site__name__icontains=word)
            | Q(site__city__icontains=word)
        )
    return rows


def cards_of(rows: Iterable[tuple[Any, ...]]) -> list[Card]:
    """The cards of these orders: one per activity that is not booked, one for what has no activity yet."""
    rows = list(rows)
    ids = [row[0] for row in rows]
    usual = parameters().default_minutes
    activities: dict[int, list[tuple[int, int, int, str]]] = {}
    known = set(Activity.objects.filter(order__in=ids).values_list("order_id", flat=True))
    free = Activity.objects.filter(order__in=ids).exclude(
        Exists(Booking.objects.live().filter(activity=OuterRef("pk")))
    )
    for order_id, pk, version, minutes, task in free.order_by("pk").values_list(
        "order_id", "pk", "version", "planned_minutes", "task_relation__service_task__description"
    ):
        activities.setdefault(order_id, []).append((pk, version, minutes, task or ""))
    loose = planned_lines([pk for pk in ids if pk not in activities])
    cards = []
    for row in rows:
        for pk, version, minutes, task in activities.get(row[0], []):
            cards.append(card_of("a", pk, version, minutes, row, [task] if task else []))
        if row[0] not in activities:
            parts = parts_of(loose.get(row[0], []))
            minutes = parts[0].minutes if parts and row[0] not in known else usual
            notes = [_("1 of %(count)s parts") % {"count": len(parts)}] if len(parts) > 1 else []
            cards.append(card_of("o", row[0], 0, minutes, row, notes))
    return cards


def card_of(kind: str, pk: int, version: int, minutes: int, row: tuple[Any, ...], notes: list[str]) -> Card:
    (
        order_id,
        number,
        description,
        customer,
        site,
        city,
        stage,
        phase,
        priority,
        on,
        deadline,
        wish,
        type_,
    ) = row
    return Card(
        kind, pk, version, minutes, order_id, number, description, customer, city or site, stage, phase, priority, on,
        deadline, wish or "", type_ or "", notes,
    )  # fmt: skip


def homeless_bookings(view: View) -> list[Card]:
    """Scenario 61: what is booked for somebody in no team stands in the tray, for it has no row on the board."""
    names = [f"activity__order__{name}" for name in FIELDS]
    rows: Any = Booking.objects.live().filter(worker__team=None, status=BookingStatus.PLANNED)
    rows = rows.filter(activity__order__stage__phase__in=[Phase.NEW, Phase.PLANNED, Phase.WORKING])
    cards = []
    for pk, version, during, worker, *row in rows.order_by("during")[:MOST].values_list(
        "pk", "version", "during", "worker__name", *names
    ):
        minutes = int((during.upper - during.lower) / timedelta(minutes=1))
        note = _("booked for %(worker)s, who is in no team") % {"worker": worker}
        cards.append(card_of("b", pk, version, minutes, tuple(row), [note]))
    text = view.q.casefold()
    return [
        card
        for card in cards
        if (not view.priority or card.priority == view.priority)
        and text in f"{card.number} {card.customer} {card.place} {card.description}".casefold()
    ]
