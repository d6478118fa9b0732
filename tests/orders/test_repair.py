"""Repair lines (RP-01 … RP-06), scenarios 69 … 71."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models import ProtectedError

from orders.forms import RepairForm
from orders.models import (
    Condition,
    DiagnosisArea,
    DiagnosisCode,
    RepairLine,
    RepairStage,
    Resolution,
    SymptomArea,
    SymptomCode,
)
from orders.operations import add_repair_line, change_repair_line, relate_object, remove_repair_line
from orders.queries.repair import suggestions, unfinished_repairs
from servicemgmt.core.errors import Invalid, Refused, Stale
from servicemgmt.core.models import Event
from servicemgmt.core.roles import TECHNICIAN
from tests.cast import user_in
from tests.make_agreements import make_object
from tests.make_money import NOW
from tests.make_orders import make_order, make_worker, move

pytestmark = pytest.mark.django_db


@pytest.fixture
def codes():
    """RP-07: the documented example."""
    area = SymptomArea.objects.create(code="HDD", description="Hard drive")
    found = DiagnosisArea.objects.create(code="PART", description="Defective part")
    return {
        "condition": Condition.objects.create(code="LONG", description="Fails after extended use"),
        "symptom": SymptomCode.objects.create(area=area, code="BLUE", description="Blue screen"),
        "diagnosis": DiagnosisCode.objects.create(
            area=found, code="CARD", description="New video card installed"
        ),
        "resolution": Resolution.objects.create(code="REPLACED", description="Replaced"),
    }


def add(order, **fields):
    return add_repair_line(order.pk, **({"version": None, "by": None, "at": NOW} | fields))


def test_RP_01_scenario_69_the_object_must_be_related(codes):
    order, lift = make_order(), make_object()
    with pytest.raises(Invalid, match="not related") as refusal:
        add(order, service_object=lift, **codes)
    assert refusal.value.field == "service_object"
    with pytest.raises(Invalid):
        add(order, name="No object")
    relate_object(order.pk, lift, by=None)
    line = add(order, service_object=lift, worker=make_worker(), **codes)
    assert line.name == "Blue screen" and line.created_at and line.finished_at is None


def test_RP_01_the_form_lists_the_orders_objects_and_begins_with_the_only_one():
    order, lift, other = make_order(), make_object(), make_object()
    relate_object(order.pk, lift, by=None)
    offered = RepairForm(order=order)["service_object"]
    assert [(one.data["value"], one.data["selected"]) for one in offered] == [("", False), (lift.pk, True)]
    assert other.pk != lift.pk


def test_RP_03_many_lines_per_object(codes):
    order, lift = make_order(), make_object()
    relate_object(order.pk, lift, by=None)
    add(order, service_object=lift, name="First step")
    add(order, service_object=lift, name="Second step")
    assert order.repair_lines.count() == 2
    with pytest.raises(Invalid) as refusal:
        add(order, service_object=lift)
    assert refusal.value.field == "name"


def test_RP_04_scenario_70_a_finishing_stage_stamps_the_end_and_another_clears_it(codes):
    order, lift = make_order(), make_object()
    relate_object(order.pk, lift, by=None)
    done = RepairStage.objects.create(code="DONE", description="Finished", finished=True)
    begun = RepairStage.objects.create(code="OPEN", description="Open")
    line = add(order, service_object=lift, stage=begun, **codes)
    assert list(unfinished_repairs(order)) == [line]
    line = change_repair_line(line.pk, version=1, by=None, at=NOW + timedelta(hours=1), stage=done)
    assert line.finished_at == NOW + timedelta(hours=1) and not unfinished_repairs(order)
    line = change_repair_line(line.pk, version=2, by=None, at=NOW + timedelta(hours=2), note="x")
    assert line.finished_at == NOW + timedelta(hours=1), "stamped once"
    assert change_repair_line(line.pk, version=3, by=None, at=NOW, stage=begun).finished_at is None
    with pytest.raises(Stale):
        change_repair_line(line.pk, version=3, by=None, at=NOW, stage=done)


def test_RP_05_scenario_71_past_resolutions_are_suggested_with_their_counts(codes):
    repaired = Resolution.objects.create(code="REPAIRED", description="Repaired")
    for resolution in (codes["resolution"], repaired, codes["resolution"]):
        order, lift = make_order(), make_object()
        relate_object(order.pk, lift, by=None)
        add(order, service_object=lift, **(codes | {"resolution": resolution}))
    found = suggestions(codes["symptom"])
    assert [(row.resolution, row.count) for row in found] == [("Replaced", 2), ("Repaired", 1)]
    other = Condition.objects.create(code="COLD", description="When cold")
    assert suggestions(codes["symptom"], other) == []
    assert [row.count for row in suggestions(codes["symptom"], codes["condition"])] == [2, 1]


def test_RP_06_a_used_code_cannot_be_deleted(codes):
    order, lift = make_order(), make_object()
    relate_object(order.pk, lift, by=None)
    add(order, service_object=lift, **codes)
    for master in codes.values():
        with pytest.raises(ProtectedError):
            master.delete()


def test_the_stage_locks_repair_lines_too(codes):
    order, lift = make_order(), make_object()
    relate_object(order.pk, lift, by=None)
    line = add(order, service_object=lift, **codes)
    move(order, "INPROCESS", "COMPLETED")
    for write in (
        lambda: add(order, service_object=lift, **codes),
        lambda: change_repair_line(line.pk, version=1, by=None, at=NOW, note="x"),
        lambda: remove_repair_line(line.pk, by=None),
    ):
        with pytest.raises(Refused, match="does not allow changes"):
            write()


def test_a_repair_line_sent_twice_is_written_once(codes):
    order, lift, key = make_order(), make_object(), uuid4()
    relate_object(order.pk, lift, by=None)
    bo = user_in(TECHNICIAN)
    first = add(order, by=bo, key=key, device_at=NOW, service_object=lift, **codes)
    assert add(order, by=bo, key=key, device_at=NOW, service_object=lift, **codes) == first
    assert RepairLine.objects.count() == 1
    assert Event.objects.filter(action="repair_added").count() == 1


def test_a_wrong_repair_line_is_removed_and_the_trail_keeps_it(codes):
    order, lift = make_order(), make_object()
    relate_object(order.pk, lift, by=None)
    line = add(order, service_object=lift, **codes)
    remove_repair_line(line.pk, by=None)
    assert not order.repair_lines.exists()
    assert Event.objects.get(action="repair_removed").changes["symptom"] == ["Blue screen", None]
