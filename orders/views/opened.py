"""The form that is open on an order's page: `?open=line:7` says which, so it works without JavaScript too."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.forms import BaseForm
from django.http import HttpRequest

from agreements.models import ItemSetup
from orders.forms import (
    AssignForm,
    ClockForm,
    LineForm,
    ManualReasonForm,
    NotesForm,
    ObjectForm,
    OrderRequireForm,
    ReasonForm,
    RepairForm,
    ReturnPartForm,
    SignForm,
    TaskForm,
)
from orders.loans.forms import OrderLendForm, TakeBackForm
from orders.loans.lists import USUAL
from orders.models import ServiceOrder
from orders.queries.parameters import parameters
from servicemgmt.core.web import whole
from servicemgmt.masterdata.queries import company_today
from servicemgmt.projects.models import LineKind
from servicemgmt.projects.operations import pieces_out

type Opener = Callable[[HttpRequest, ServiceOrder, str], BaseForm | None]


def opened_form(
    request: HttpRequest, order: ServiceOrder, opened: str, may: dict[str, bool]
) -> BaseForm | None:
    """The empty or present form, or None where there is no such thing or the user may not do it now."""
    kind, _colon, argument = opened.partition(":")
    gate, opener = OPENERS.get(kind, ("", None))
    if opener is None or not may[gate]:
        return None
    form = opener(request, order, argument)
    if form is not None and form.visible_fields():
        form.visible_fields()[0].field.widget.attrs["autofocus"] = True
    return form


def add_line(request: HttpRequest, order: ServiceOrder, kind: str) -> BaseForm | None:
    if kind not in LineKind.values:
        return None
    return LineForm(order=order, kind=kind, sees_cost=sees_cost(request))


def change_line(request: HttpRequest, order: ServiceOrder, pk: str) -> BaseForm | None:
    line = order.lines.filter(pk=whole(pk), status="CREATED", requirement__isnull=True).first()
    return LineForm(instance=line, order=order, sees_cost=sees_cost(request)) if line else None


def change_stage(request: HttpRequest, order: ServiceOrder, pk: str) -> BaseForm | None:
    return ReasonForm(initial={"version": order.version})


def clock(request: HttpRequest, order: ServiceOrder, action: str) -> BaseForm | None:
    return clock_form(order, action) if order.sla_id and action in ("start", "stop", "cancel") else None


def clock_form(order: ServiceOrder, action: str, data: Any = None) -> ClockForm:
    """Starting needs no reason, cancelling no moment."""
    form = ClockForm(
        data, initial={"version": order.version}, zone=order.site.time_zone, with_reason=action != "start"
    )
    if action == "cancel":
        del form.fields["moment"]
    return form


def change_task(request: HttpRequest, order: ServiceOrder, pk: str) -> BaseForm | None:
    task = order.task_relations.filter(pk=whole(pk)).first()
    if task is None:
        return None
    notes = {"note_internal": task.note_internal, "note_external": task.note_external}
    return NotesForm(initial=notes | {"version": order.version})


def repair(request: HttpRequest, order: ServiceOrder, pk: str) -> BaseForm | None:
    if pk == "new":
        return RepairForm(order=order)
    line = order.repair_lines.filter(pk=whole(pk)).first()
    return RepairForm(instance=line, order=order) if line else None


def sign(request: HttpRequest, order: ServiceOrder, argument: str) -> BaseForm | None:
    return sign_form(order)


def sign_form(order: ServiceOrder, data: Any = None) -> SignForm:
    """A sign-off of its own key, so that a repeated sending signs once."""
    asks = order.sla_id is not None and parameters().reason_on_exceeding_time
    return SignForm(data, initial={"version": order.version, "key": uuid4()}, asks_reason=asks)


def require(request: HttpRequest, order: ServiceOrder, pk: str) -> BaseForm | None:
    """An item to reserve; filled in from a line that asks for it (`require:7`)."""
    initial: dict[str, Any] = {"needed_on": order.service_on, "category": parameters().item_category}
    waiting = order.lines.filter(status="CREATED", requirement__isnull=True)
    line = waiting.filter(pk=whole(pk), kind=LineKind.ITEM).first()
    if line:
        initial |= {
            "item": line.item,
            "quantity": format(line.quantity.normalize(), "f"),
            "category": line.category,
            "text": line.description,
            "line": line.pk if line.item_setup == ItemSetup.REQUIREMENT else None,
        }
        initial |= {"warehouse": line.warehouse} if line.warehouse else {}
        initial |= {"sales_price": line.agreed_price} if line.agreed_price is not None else {}
    return OrderRequireForm(initial=initial)


def return_part(request: HttpRequest, order: ServiceOrder, pk: str) -> BaseForm | None:
    """How much of a posted part comes back."""
    line = order.lines.filter(pk=whole(pk), kind=LineKind.ITEM, status="POSTED").first()
    if line is None or line.transaction is None:
        return None
    first = {"version": order.version, "quantity": 1}
    return ReturnPartForm(initial=first, pieces=pieces_out(line.transaction))


def lend(request: HttpRequest, order: ServiceOrder, argument: str) -> OrderLendForm:
    """A loaner for the customer; where the order is for one object, it stands in for that."""
    today, objects = company_today(), order.object_relations.values_list("service_object", flat=True)[:2]
    only = objects[0] if len(objects) == 1 else None
    first = {"lent_on": today, "due_on": today + USUAL, "stands_in_for": only}
    return OrderLendForm(initial=first, order=order)


def take_back(request: HttpRequest, order: ServiceOrder, pk: str) -> BaseForm | None:
    loan = order.loans.filter(pk=whole(pk), returned_on=None).first()
    first = {"returned_on": company_today()}
    return TakeBackForm(initial=first | {"version": loan.version}) if loan else None


def sees_cost(request: HttpRequest) -> bool:
    return request.user.has_perm("projects.view_transaction")


#: What can be opened: the gate of `show.allowed`, and what makes the form.
OPENERS: dict[str, tuple[str, Opener]] = {
    "add": ("change", add_line),
    "line": ("change", change_line),
    "stage": ("manage", change_stage),
    "clock": ("manage", clock),
    "task": ("change", change_task),
    "relate": ("change", lambda request, order, argument: ObjectForm(order=order)),
    "relate_task": ("change", lambda request, order, argument: TaskForm()),
    "assign": ("manage", lambda request, order, argument: AssignForm()),
    "require": ("require", require),
    "return": ("undo", return_part),
    "reason": ("manage", lambda request, order, argument: ManualReasonForm()),
    "repair": ("change", repair),
    "sign": ("sign", sign),
    "lend": ("lend", lend),
    "take_back": ("take_back", take_back),
}
