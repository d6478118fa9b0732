"""Builders of service orders, through the operations that people use; stages are those of specification C.5."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Permission
from django.db.models import Model

from orders.models import (
    Phase,
    ServiceOrder,
    ServiceOrderLine,
    ServiceParameters,
    ServiceRequest,
    ServiceStage,
    SignOff,
    StageReasonCode,
)
from orders.operations import add_line, change_stage, create_order, receive_request, sign_off
from orders.posting import post_order_lines
from orders.posting.post import Posted
from servicemgmt.core.models import NumberSequence, User
from servicemgmt.core.roles import DISPATCHER
from servicemgmt.masterdata.models import Employee, Team
from servicemgmt.masterdata.operations import create_employee
from servicemgmt.projects.models import LineKind
from tests import make_money
from tests.cast import user_in
from tests.make_agreements import make_project
from tests.make_money import NOW, TODAY

STAGES = [
    ("PLANNING", "Planning", None, Phase.NEW, "can_delete can_modify can_cancel"),
    ("INPROCESS", "In process", "PLANNING", Phase.WORKING, "can_modify can_cancel can_sign_off"),
    ("ONHOLD", "On hold", "INPROCESS", Phase.PAUSED, "can_cancel close_time_log give_reason"),
    ("COMPLETED", "Completed", "INPROCESS", Phase.DONE, "can_sign_off can_transfer close_time_log"),
    ("CANCEL", "Cancel", "PLANNING", Phase.CANCELLED, "can_delete can_cancel close_time_log give_reason"),
]
STROKES = [[[0, 0], [10, 5], [20, 0]], [[5, 20], [25, 22]]]


def make_stages() -> dict[str, ServiceStage]:
    """The documented stage tree by code, made once."""
    made = {stage.code: stage for stage in ServiceStage.objects.all()}
    for code, description, parent, phase, flags in STAGES:
        if code not in made:
            made[code] = ServiceStage.objects.create(
                code=code,
                description=description,
                parent=made[parent] if parent else None,
                phase=phase,
                **dict.fromkeys(flags.split(), True),
            )
    return made


def make_reason(code: str = "PARTS") -> StageReasonCode:
    return StageReasonCode.objects.get_or_create(code=code, defaults={"description": code.title()})[0]


def set_parameters(**fields: Any) -> ServiceParameters:
    """The company's choices, changed as named."""
    row = ServiceParameters.objects.first() or ServiceParameters()
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    return row


def make_worker(name: str = "Bo", *, user: User | None = None, team: Team | None = None) -> Employee:
    """A technician, made on first use of the name."""
    make_money.firm()
    found = Employee.objects.filter(name=name).first()
    return found or create_employee(by=None, name=name, time_zone="Europe/Berlin", user=user, team=team)


def make_order(*, by: User | None = None, at: datetime = NOW, **fields: Any) -> ServiceOrder:
    """An order in its initial stage on a project of Huber's, unless told otherwise."""
    make_money.firm()
    make_stages()
    for code, prefix in (("order", "SO-"), ("request", "SR-")):
        NumberSequence.objects.get_or_create(code=code, defaults={"description": code, "prefix": prefix})
    if not {"project", "agreement", "customer"} & set(fields):
        fields["project"] = make_project()
    return create_order(by=by, at=at, **({"description": "Lift does not move", "service_on": TODAY} | fields))


def make_line(
    order: ServiceOrder,
    kind: str = LineKind.HOUR,
    *,
    at: datetime = NOW,
    by: User | None = None,
    **fields: Any,
) -> ServiceOrderLine:
    """A chargeable line of two units with prices 40 and 90, unless told otherwise."""
    defaults: dict[str, Any] = {
        "category": make_money.category(kind),
        "quantity": Decimal(2),
        "description": f"Some {kind.lower()}",
        "sales_price": Decimal(90),
    }
    if kind != LineKind.FEE:
        defaults["cost_price"] = Decimal(40)
    if kind == LineKind.ITEM:
        defaults["item"] = make_money.item()
        del defaults["cost_price"]
    return add_line(order.pk, version=None, by=by, at=at, kind=kind, **(defaults | fields))


def move(
    order: ServiceOrder, *codes: str, by: User | None = None, at: datetime = NOW, **fields: Any
) -> ServiceOrder:
    """Take the order through these stages; a reason is given where one is asked for."""
    for code in codes:
        stage = ServiceStage.objects.get(code=code)
        reason = {"reason": make_reason()} if stage.give_reason else {}
        order = change_stage(order.pk, to=stage, version=None, by=by, at=at, **(reason | fields))
    return order


def sign(order: ServiceOrder, *, by: User | None = None, at: datetime = NOW, **fields: Any) -> SignOff:
    """The customer signs."""
    given: dict[str, Any] = {
        "signer_name": "Mrs Huber",
        "signer_role": "Manager",
        "strokes": STROKES,
        "key": uuid4(),
    }
    return sign_off(
        order.pk,
        version=None,
        by=by or user_in(DISPATCHER),
        at=at,
        device_at=fields.pop("device_at", at),
        **(given | fields),
    )


def make_done_order(
    *, by: User | None = None, kinds: tuple[str, ...] = (LineKind.HOUR,), **fields: Any
) -> ServiceOrder:
    """An order that is worked, signed and completed: ready to post."""
    order = make_order(by=by, **fields)
    for kind in kinds:
        make_line(order, kind, by=by)
    move(order, "INPROCESS", by=by)
    sign(order, by=by)
    return move(order, "COMPLETED", by=by)


def make_request(*, by: User | None = None, at: datetime = NOW, **fields: Any) -> ServiceRequest:
    """A call of Huber's."""
    make_stages()
    make_money.firm()
    for code, prefix in (("order", "SO-"), ("request", "SR-")):
        NumberSequence.objects.get_or_create(code=code, defaults={"description": code, "prefix": prefix})
    customer = fields.pop("customer", None) or make_money.customer()
    return receive_request(by=by, at=at, customer=customer, **({"summary": "Lift stuck"} | fields))


def fresh[Row: Model](row: Row) -> Row:
    """The row as it stands now."""
    return type(row)._default_manager.get(pk=row.pk)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def grant(user: User, codename: str) -> User:
    """A single permission besides the role."""
    user.user_permissions.add(Permission.objects.get(codename=codename))
    return user


def post(order: ServiceOrder, **fields: Any) -> Posted:
    """Post what can be posted of an order."""
    return post_order_lines(order.pk, **({"by": None, "at": NOW} | fields))
