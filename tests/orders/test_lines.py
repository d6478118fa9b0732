"""Lines of orders: what they get by themselves, who may change them, what progress follows (SO-01, SO-10 … SO-13)."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest

from orders.forms.line import LineForm
from orders.models import LineStatus, OrderProgress, ServiceOrderLine
from orders.operations import (
    cancel_line,
    cancel_order,
    change_line,
    progress_of,
    relate_object,
    revoke_line,
    revoke_order,
)
from servicemgmt.core.errors import Invalid, Refused, Stale
from servicemgmt.core.models import Event
from servicemgmt.core.roles import TECHNICIAN
from servicemgmt.masterdata.models import Item, Unit
from servicemgmt.projects.models import LineKind, ProjectValidation
from servicemgmt.projects.operations import close_project
from tests import make_money
from tests.cast import user_in
from tests.make_agreements import make_agreement, make_object, make_task
from tests.make_agreements import make_line as make_agreement_line
from tests.make_money import NOW, TODAY
from tests.make_orders import (
    fresh,
    make_line,
    make_order,
    make_worker,
    move,
    sign,
)

pytestmark = pytest.mark.django_db


def test_a_project_stays_open_while_orders_have_lines_to_post():
    order = make_order()
    line = make_line(order)

    def close() -> None:
        close_project(order.project.pk, version=order.project.version, on=TODAY, by=None)

    with pytest.raises(Refused, match=f"not posted yet: {order.number}"):
        close()
    cancel_line(line.pk, version=None, by=None, at=NOW)
    close()


C, P, X = LineStatus.CREATED, LineStatus.POSTED, LineStatus.CANCELLED


@pytest.mark.parametrize(
    ("statuses", "progress"),
    [
        ((C, C, C), OrderProgress.IN_PROCESS),
        ((X, C, C), OrderProgress.IN_PROCESS),
        ((C, X, P), OrderProgress.IN_PROCESS),
        ((X, X, X), OrderProgress.CANCELLED),
        ((P, P, P), OrderProgress.POSTED),
        ((P, X, X), OrderProgress.POSTED),
        ((), OrderProgress.IN_PROCESS),
    ],
)
def test_SO_11_scenario_36_progress_of_mixed_lines(statuses, progress):
    assert progress_of(statuses) == progress


def test_AG_09_only_combinations_allowed_on_the_project_are_chosen_on_orders_too():
    order, ann, bo = make_order(), make_worker("Ann"), make_worker("Bo")
    hours, travel = make_money.category(), make_money.category("HOUR", "TRAVEL")
    line = make_line(order, worker=bo, category=hours)
    ProjectValidation.objects.create(project=order.project, category=hours, worker=ann)
    for wrong, field in (({"category": travel}, "category"), ({"worker": bo}, "worker")):
        with pytest.raises(Invalid) as refusal:
            make_line(order, **({"worker": ann, "category": hours} | wrong))
        assert refusal.value.field == field
    with pytest.raises(Invalid):
        change_line(line.pk, version=line.version, by=None, at=NOW, category=travel)
    change_line(line.pk, version=line.version, by=None, at=NOW, quantity=Decimal(3))
    assert make_line(order, worker=ann, category=hours)
    form = LineForm(order=order, kind=LineKind.HOUR)
    assert list(form.fields["category"].queryset) == [hours] and list(form.fields["worker"].queryset) == [ann]


def test_goods_are_in_the_unit_of_their_item_on_orders_and_in_agreements():
    box, part = Unit.objects.create(code="BOX", description="Box"), make_money.item()
    order, agreement = make_order(), make_agreement()
    for make_one in (partial(make_line, order), partial(make_agreement_line, agreement)):
        with pytest.raises(Invalid, match=f"kept in {part.unit.description}") as caught:
            make_one(LineKind.ITEM, item=part, unit=box)
        assert caught.value.field == "unit"
        line = make_one(LineKind.ITEM, item=part)
        assert line.unit == part.unit
    other = make_money.item("V-1")
    Item.objects.filter(pk=other.pk).update(unit=box)
    first = order.lines.get()
    first = change_line(first.pk, version=None, by=None, at=NOW, item=Item.objects.get(pk=other.pk))
    assert first.unit == box, "another item, another unit"


def test_the_plan_stays_when_actuals_are_entered():
    order = make_order()
    line = make_line(order, quantity=Decimal(2))
    assert line.planned_quantity == 2
    line = change_line(line.pk, version=1, by=None, at=NOW, quantity=Decimal(4))
    assert line.planned_quantity == 4, "still planning"
    move(order, "INPROCESS")
    line = change_line(line.pk, version=2, by=None, at=NOW, quantity=Decimal(5))
    assert (line.planned_quantity, line.quantity) == (4, 5)
    assert make_line(order).planned_quantity is None, "entered at work, it was not planned"


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        ("ITEM", {"item": None}, "item"),
        ("HOUR", {"quantity": Decimal(0)}, "quantity"),
        ("HOUR", {"quantity": Decimal(-1)}, "quantity"),
        ("HOUR", {"quantity": None}, "quantity"),
        ("HOUR", {"quantity": Decimal(1_000_001)}, "quantity"),
        ("EXPENSE", {"quantity": Decimal(-1_000_001)}, "quantity"),
        ("EXPENSE", {"quantity": Decimal(1000), "cost_price": Decimal(10) ** 10}, "quantity"),
        ("FEE", {"category": None}, "category"),
    ],
)
def test_what_a_line_must_hold(kind, fields, field):
    order = make_order()
    with pytest.raises(Invalid) as refusal:
        make_line(order, kind, **fields)
    assert refusal.value.field == field
    assert not order.lines.exists()


def test_a_change_that_no_document_can_hold_is_refused():
    line = make_line(make_order(), "EXPENSE", quantity=Decimal(1000))
    for fields in ({"quantity": Decimal(10) ** 9}, {"sales_price": Decimal(10) ** 10}):
        with pytest.raises(Invalid):
            change_line(line.pk, version=1, by=None, at=NOW, **fields)


def test_a_category_of_another_type_is_refused():
    with pytest.raises(Invalid):
        make_line(make_order(), "HOUR", category=make_money.category("FEE"))


def test_expenses_and_fees_may_be_negative_for_they_correct():
    assert make_line(make_order(), "EXPENSE", quantity=Decimal(-1)).quantity == -1


def test_SO_20_hours_are_end_minus_start():
    line = make_line(make_order(), quantity=None, started_at=NOW, ended_at=NOW.replace(hour=10, minute=20))
    assert line.quantity == Decimal("1.33")


def test_SO_12_scenario_50_the_stage_locks_lines():
    order = make_order()
    line = make_line(order)
    move(order, "INPROCESS", "ONHOLD")
    with pytest.raises(Refused, match="does not allow changes"):
        change_line(line.pk, version=1, by=None, at=NOW, quantity=Decimal(9))
    with pytest.raises(Refused, match="does not allow changes"):
        make_line(order)


def test_SO_13_scenario_38_the_stage_forbids_cancelling():
    order = make_order()
    line = make_line(order)
    move(order, "INPROCESS", "COMPLETED")
    with pytest.raises(Refused, match="does not allow cancelling"):
        cancel_line(line.pk, version=1, by=None, at=NOW)
    with pytest.raises(Refused, match="does not allow cancelling"):
        cancel_order(order.pk, version=None, by=None, at=NOW)


def test_SO_13_scenario_40_a_line_is_cancelled_and_taken_back():
    order = make_order()
    line = make_line(order)
    cancel_line(line.pk, version=1, by=None, at=NOW)
    assert fresh(order).progress == OrderProgress.CANCELLED
    with pytest.raises(Refused):
        cancel_line(line.pk, version=2, by=None, at=NOW)
    with pytest.raises(Refused, match="cancelled"):
        change_line(line.pk, version=2, by=None, at=NOW, quantity=Decimal(1))
    revoke_line(line.pk, version=2, by=None, at=NOW)
    assert fresh(order).progress == OrderProgress.IN_PROCESS
    with pytest.raises(Refused):
        revoke_line(line.pk, version=3, by=None, at=NOW)


def test_SO_13_an_order_is_cancelled_through_its_lines():
    order = make_order()
    with pytest.raises(Refused, match="no lines"):
        cancel_order(order.pk, version=None, by=None, at=NOW)
    make_line(order)
    make_line(order)
    cancel_order(order.pk, version=None, by=None, at=NOW)
    assert fresh(order).progress == OrderProgress.CANCELLED
    revoke_order(order.pk, version=None, by=None, at=NOW)
    assert {line.status for line in order.lines.all()} == {LineStatus.CREATED}


def test_SO_13_item_requirements_keep_an_order_from_being_cancelled():
    order = make_order()
    make_line(order, "ITEM", item_setup="REQUIREMENT")
    with pytest.raises(Refused, match="item requirements"):
        cancel_order(order.pk, version=None, by=None, at=NOW)


def test_AG_10_scenario_10_an_object_that_is_not_related_is_refused():
    order = make_order()
    lift = make_object()
    with pytest.raises(Invalid, match="not related"):
        make_line(order, service_object=lift)
    relation = relate_object(order.pk, lift, by=None)
    assert make_line(order, service_object=lift).object_relation == relation


def test_F11_AG_11_relations_of_the_agreement_are_usable_in_its_orders():
    from agreements.operations import relate_object as relate_to_agreement
    from agreements.operations import relate_task as relate_task_to_agreement

    agreement, lift, task = make_agreement(), make_object(), make_task()
    relate_to_agreement(agreement.pk, lift, reference="left", by=None)
    relate_task_to_agreement(
        agreement.pk, task, note_internal="Key at the gate", note_external="Yearly", by=None
    )
    one, other = make_order(agreement=agreement), make_order(agreement=agreement)
    line = make_line(one, service_object=lift, service_task=task)
    assert line.object_relation.reference == "left"
    assert (line.task_relation.note_internal, line.task_relation.note_external) == (
        "Key at the gate",
        "Yearly",
    )
    assert make_line(one, service_task=task).task_relation == line.task_relation, "copied once"
    own = make_task("OWN")
    one.task_relations.create(service_task=own)
    make_line(one, service_task=own)
    with pytest.raises(Invalid, match="not related"):
        make_line(other, service_task=own)
    with pytest.raises(Invalid, match="not related"):
        make_line(other, task_relation=line.task_relation)


def test_SO_01_a_line_of_an_agreement_line_needs_that_line_running():
    agreement = make_agreement()
    source = make_agreement_line(agreement, start_date=date(2026, 4, 1))
    order = make_order(agreement=agreement)
    with pytest.raises(Refused, match="outside the period of the agreement line"):
        make_line(order, agreement_line=source)


def test_two_people_cannot_overwrite_each_others_line():
    line = make_line(make_order())
    change_line(line.pk, version=1, by=None, at=NOW, quantity=Decimal(3))
    with pytest.raises(Stale):
        change_line(line.pk, version=1, by=None, at=NOW, quantity=Decimal(4))


def test_every_write_to_a_line_voids_the_sign_off():
    order = make_order()
    first = make_line(order)
    move(order, "INPROCESS")
    writes = [
        lambda: make_line(order),
        lambda: change_line(first.pk, version=None, by=None, at=NOW, quantity=Decimal(7)),
        lambda: cancel_line(first.pk, version=None, by=None, at=NOW),
        lambda: revoke_line(first.pk, version=None, by=None, at=NOW),
    ]
    for write in writes:
        signed = sign(order)
        write()
        signed.refresh_from_db()
        assert signed.voided_at == NOW and "changed afterwards" in signed.void_reason
        assert fresh(order).signed_off_at is None
        assert not order.lines.filter(signed_off_at__isnull=False).exists()


def test_architecture_19_a_line_sent_twice_is_written_once():
    order, key, bo = make_order(), uuid4(), user_in(TECHNICIAN)
    first = make_line(order, by=bo, key=key, device_at=NOW)
    again = make_line(order, by=bo, key=key, device_at=NOW, quantity=Decimal(99))
    assert again == first and again.quantity == 2
    assert ServiceOrderLine.objects.count() == 1
    changed_key = uuid4()
    change_line(first.pk, version=1, by=bo, at=NOW, key=changed_key, device_at=NOW, quantity=Decimal(3))
    again = change_line(
        first.pk, version=1, by=bo, at=NOW, key=changed_key, device_at=NOW, quantity=Decimal(3)
    )
    assert (again.quantity, again.version) == (3, 2)
    with pytest.raises(Refused, match="sent before as something else"):
        make_line(order, by=bo, key=changed_key, device_at=NOW)


def test_a_clock_that_is_wrong_by_more_than_five_minutes_is_flagged():
    order, bo = make_order(), user_in(TECHNICIAN)
    for minutes in (-5, 5, -6, 6):
        make_line(order, by=bo, key=uuid4(), device_at=NOW + timedelta(minutes=minutes))
    events = Event.objects.filter(action="line_added").order_by("pk")
    clocks = [event.changes.get("device clock") for event in events]
    assert clocks[:2] == [None, None]
    assert clocks[2:] == [[(NOW + timedelta(minutes=n)).isoformat(), NOW.isoformat()] for n in (-6, 6)]


def test_every_write_leaves_an_event_on_the_order():
    order = make_order()
    line = make_line(order)
    change_line(line.pk, version=1, by=None, at=NOW, quantity=Decimal(3))
    event = Event.objects.filter(subject=f"serviceorder:{order.pk}").first()
    assert (event.action, event.changes) == (
        "line_changed",
        {
            "line": [None, "1 Some hour"],
            "quantity": ["2", "3"],
        },
    )
    assert order.lines.get().executed_on is None and order.service_on == TODAY
