"""Stages and reasons (SG-01 … SG-10), and what the technician's clock does to them (architecture 13)."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from orders.models import Phase, ReasonKind, ServiceStage, SlaStatus
from orders.operations import (
    add_reason,
    change_stage,
    follow_clock,
    next_stages,
    previous_stage,
    remove_reason,
)
from servicemgmt.core.errors import Invalid, Refused, Stale, refusing
from servicemgmt.core.models import Event
from tests.make_agreements import make_agreement, make_sla
from tests.make_money import NOW
from tests.make_orders import fresh, make_order, make_reason, make_stages, move, set_parameters

pytestmark = pytest.mark.django_db


def go(order, code, **fields):
    return change_stage(
        order.pk,
        to=ServiceStage.objects.get(code=code),
        **({"version": None, "by": None, "at": NOW} | fields),
    )


def test_SG_01_scenario_46_only_one_initial_stage():
    make_stages()
    with pytest.raises(IntegrityError, match="servicestage_only_one_initial"), transaction.atomic():
        ServiceStage.objects.create(code="SECOND", description="Second", phase=Phase.NEW)


def test_SG_02_scenario_46_the_parent_of_a_saved_stage_stays():
    stage = make_stages()["COMPLETED"]
    stage.parent = ServiceStage.objects.get(code="PLANNING")
    with (
        pytest.raises(Refused, match="stays"),
        transaction.atomic(),
        refusing(servicestage_parent_stays="stays"),
    ):
        stage.save()
    stage = ServiceStage.objects.get(code="COMPLETED")
    stage.description = "Finished"
    stage.save()


def test_SG_03_scenario_47_next_shows_the_children():
    order = make_order()
    assert [stage.code for stage in next_stages(order)] == ["INPROCESS", "CANCEL"]
    ServiceStage.objects.filter(code="CANCEL").update(ended_on=order.service_on)
    assert [stage.code for stage in next_stages(order)] == ["INPROCESS"], "an ended stage is not offered"


def test_SG_04_scenario_48_previous_is_the_parent():
    order = make_order()
    assert previous_stage(order) is None
    order = go(order, "INPROCESS")
    assert previous_stage(order).code == "PLANNING"
    assert go(order, "PLANNING").stage.code == "PLANNING"


def test_SG_05_no_skipping_across_the_tree():
    order = make_order()
    for code in ("COMPLETED", "ONHOLD", "PLANNING"):
        with pytest.raises(Refused, match="cannot go"):
            go(order, code)
    assert fresh(order).stage.code == "PLANNING"


def test_SG_06_scenario_47_a_stage_that_asks_for_a_reason_gets_one():
    order = make_order()
    with pytest.raises(Invalid) as refusal:
        go(order, "CANCEL")
    assert refusal.value.field == "reason"
    go(order, "CANCEL", reason=make_reason("TWICE"), text="Same as SO-1")
    reason = order.reasons.get()
    assert (reason.kind, reason.stage.code, reason.text) == (
        ReasonKind.STAGE_CHANGE,
        "CANCEL",
        "Same as SO-1",
    )


def test_a_stage_change_is_recorded_with_old_and_new():
    order = make_order()
    go(order, "INPROCESS")
    event = Event.objects.filter(action="stage_changed").get()
    assert event.changes["stage"] == ["Planning", "In process"]
    assert fresh(order).stage_since == NOW


def test_SG_07_scenario_51_a_stage_stops_the_clock_and_going_back_starts_it():
    order = make_order(agreement=make_agreement(sla=make_sla()))
    move(order, "INPROCESS")
    order = move(order, "ONHOLD", at=NOW + timedelta(hours=1))
    assert order.sla_status == SlaStatus.STOPPED
    order = go(order, "INPROCESS", at=NOW + timedelta(hours=3))
    assert order.sla_status == SlaStatus.STARTED
    assert [(log.started_at - NOW, log.ended_at and log.ended_at - NOW) for log in order.time_logs.all()] == [
        (timedelta(0), timedelta(hours=1)),
        (timedelta(hours=3), None),
    ]
    assert order.deadline == NOW + timedelta(hours=10)


def test_SG_07_a_clock_stopped_by_hand_is_not_started_by_a_stage():
    from orders.operations import stop_clock

    order = make_order(agreement=make_agreement(sla=make_sla()))
    move(order, "INPROCESS")
    stop_clock(order.pk, version=None, by=None, at=NOW + timedelta(hours=1))
    move(order, "ONHOLD", "INPROCESS", at=NOW + timedelta(hours=2))
    assert fresh(order).sla_status == SlaStatus.STOPPED


def test_scenario_57_a_stage_that_stops_an_exceeded_clock_demands_a_reason():
    set_parameters(reason_on_exceeding_time=True)
    order = make_order(agreement=make_agreement(sla=make_sla()))
    go(order, "INPROCESS")
    late = NOW + timedelta(hours=9)
    with pytest.raises(Invalid, match="exceeded"):
        go(order, "COMPLETED", at=late)
    go(order, "COMPLETED", at=late, reason=make_reason())
    assert order.reasons.get().kind == ReasonKind.CLOSE


def test_two_people_cannot_move_the_same_order():
    order = make_order()
    go(order, "INPROCESS", version=order.version)
    with pytest.raises(Stale):
        go(order, "INPROCESS", version=order.version)


@pytest.mark.parametrize(
    ("path", "phase", "lands"),
    [
        ([], Phase.WORKING, "INPROCESS"),
        (["INPROCESS"], Phase.DONE, "COMPLETED"),
        (["INPROCESS", "ONHOLD"], Phase.WORKING, "INPROCESS"),
        (["INPROCESS"], Phase.WORKING, "INPROCESS"),
        ([], Phase.DONE, "PLANNING"),
        (["INPROCESS"], Phase.PAUSED, "INPROCESS"),
        (["INPROCESS", "ONHOLD"], Phase.DONE, "ONHOLD"),
    ],
)
def test_architecture_13_a_press_moves_to_the_single_neighbour_of_that_phase_or_stays(path, phase, lands):
    order = make_order()
    move(order, *path)
    assert follow_clock(fresh(order), phase=phase, by=None, at=NOW).stage.code == lands
    assert fresh(order).stage.code == lands


def test_architecture_13_two_neighbours_of_a_phase_leave_the_stage():
    order = make_order()
    ServiceStage.objects.create(
        code="TRAVEL",
        description="Travel",
        phase=Phase.WORKING,
        parent=ServiceStage.objects.get(code="PLANNING"),
    )
    assert follow_clock(fresh(order), phase=Phase.WORKING, by=None, at=NOW).stage.code == "PLANNING"


def test_architecture_13_a_pause_with_its_reason_puts_the_order_on_hold():
    order = make_order()
    move(order, "INPROCESS")
    follow_clock(fresh(order), phase=Phase.PAUSED, by=None, at=NOW, reason=make_reason())
    assert fresh(order).stage.code == "ONHOLD"


def test_SG_10_reasons_by_hand():
    order = make_order()
    reason = add_reason(order.pk, reason=make_reason(), by=None, at=NOW, text="Pump ordered")
    assert (reason.kind, reason.stage) == (ReasonKind.MANUAL, order.stage)
    remove_reason(order.pk, reason.pk, by=None)
    assert not order.reasons.exists()
    assert Event.objects.filter(action="reason_removed").get().changes == {
        "reason": ["Parts Pump ordered", None]
    }


@pytest.mark.django_db(transaction=True)
def test_of_two_stage_changes_at_once_one_wins():
    order = make_order()
    stages = make_stages()
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def press(code: str) -> None:
        barrier.wait()
        try:
            change_stage(
                order.pk, to=stages[code], version=order.version, by=None, at=NOW, reason=reasons[code]
            )
            outcomes.append(code)
        except Stale:
            outcomes.append("stale")
        finally:
            connection.close()

    reasons = {"INPROCESS": None, "CANCEL": make_reason()}
    threads = [threading.Thread(target=press, args=(code,)) for code in reasons]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "stale" in outcomes and len(set(outcomes)) == 2
    assert Event.objects.filter(action="stage_changed").count() == 1
    assert fresh(order).stage.code in outcomes
