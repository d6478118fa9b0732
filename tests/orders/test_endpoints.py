"""Every press on an order's page: works, only as POST, not for strangers, not in the wrong state, leaves an Event."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from orders.models import RepairStage, ServiceOrder
from orders.operations import assign
from servicemgmt.core.models import Event
from servicemgmt.core.roles import DISPATCHER, FINANCE, PLANNER, TECHNICIAN
from tests.cast import stranger, user_in
from tests.make_agreements import make_object, make_task
from tests.make_money import NOW, company_today
from tests.make_orders import fresh, make_reason, move
from tests.orders.scene import Scene

pytestmark = pytest.mark.django_db


LINE = {"quantity": "3", "description": "Work"}


#: name → (path under the order, what is posted, the Event it leaves, whether On hold refuses it)
PRESSES: dict[str, tuple[Callable[[Scene], str], Callable[[Scene], dict[str, Any]], str, bool]] = {
    "line_add": (
        lambda s: "lines/add/HOUR/", lambda s: LINE | {"category": s.line.category_id}, "line_added", True,
    ),
    "line_change": (
        lambda s: f"lines/{s.line.pk}/",
        lambda s: LINE | {"category": s.line.category_id, "version": 1},
        "line_changed",
        True,
    ),
    "line_cancel": (lambda s: f"lines/{s.line.pk}/cancel/", lambda s: {}, "line_cancelled", False),
    "line_revoke": (lambda s: f"lines/{s.cancelled.pk}/revoke/", lambda s: {}, "line_revoked", False),
    "object_add": (
        lambda s: "objects/", lambda s: {"service_object": make_object("Lift 3").pk}, "related", True,
    ),
    "object_remove": (lambda s: f"objects/{s.unused.pk}/remove/", lambda s: {}, "unrelated", True),
    "task_add": (lambda s: "tasks/", lambda s: {"service_task": make_task("OTHER").pk}, "related", True),
    "task_change": (
        lambda s: f"tasks/{s.task.pk}/",
        lambda s: {"version": fresh(s.order).version, "note_internal": "New"},
        "task_changed",
        True,
    ),
    "task_remove": (lambda s: f"tasks/{s.task.pk}/remove/", lambda s: {}, "unrelated", True),
    "worker_add": (lambda s: "technicians/", lambda s: {"worker": s.worker.pk}, "assigned", False),
    "worker_remove": (
        lambda s: f"technicians/{s.assignment.pk}/remove/", lambda s: {}, "unassigned", False,
    ),
    "reason_add": (lambda s: "reasons/", lambda s: {"reason": make_reason().pk}, "reason_given", False),
    "reason_remove": (lambda s: f"reasons/{s.reason.pk}/remove/", lambda s: {}, "reason_removed", False),
    "repair_add": (
        lambda s: "repairs/", lambda s: {"service_object": s.lift.pk, "name": "Noise"}, "repair_added", True,
    ),
    "repair_change": (
        lambda s: f"repairs/{s.repair.pk}/",
        lambda s: {"service_object": s.lift.pk, "name": "Other", "version": 1},
        "repair_changed",
        True,
    ),
    "repair_remove": (lambda s: f"repairs/{s.repair.pk}/remove/", lambda s: {}, "repair_removed", True),
    "clock_stop": (
        lambda s: "clock/stop/", lambda s: {"version": fresh(s.order).version}, "clock_stopped", False,
    ),
    "cancel": (lambda s: "cancel/", lambda s: {"version": fresh(s.order).version}, "cancelled", False),
    "stage": (
        lambda s: "stage/",
        lambda s: {"version": fresh(s.order).version, "to": s.order.stage.children.get(code="INPROCESS").pk},
        "stage_changed",
        False,
    ),
}  # fmt: skip


def url(scene: Scene, name: str) -> str:
    return f"/orders/{scene.order.number}/{PRESSES[name][0](scene)}"


@pytest.mark.parametrize("name", PRESSES)
def test_a_press_works_and_leaves_an_event(client: Client, scene, name):
    client.force_login(user_in(DISPATCHER))
    answer = client.post(url(scene, name), PRESSES[name][1](scene))
    assert answer.status_code == 302, answer.content.decode()
    assert answer.url == f"/orders/{scene.order.number}/"
    assert Event.objects.filter(action=PRESSES[name][2], actor=user_in(DISPATCHER)).exists()


@pytest.mark.parametrize("name", PRESSES)
def test_a_press_by_htmx_answers_with_the_order_in_place(client: Client, scene, name):
    client.force_login(user_in(DISPATCHER))
    headers = {"HX-Request": "true", "HX-Target": "div#order"}
    answer = client.post(url(scene, name), PRESSES[name][1](scene), headers=headers)
    text = answer.content.decode()
    assert answer.status_code == 200 and text.lstrip().startswith("<div") and 'id="order"' in text
    assert "<html" not in text and "toast" in answer["HX-Trigger"]


@pytest.mark.parametrize("name", PRESSES)
def test_a_press_is_a_post_and_not_for_strangers(client: Client, scene, name):
    client.force_login(user_in(DISPATCHER))
    assert client.get(url(scene, name)).status_code == 405
    for user in (stranger(), user_in(TECHNICIAN), user_in(FINANCE)):
        client.force_login(user)
        before = Event.objects.count()
        assert client.post(url(scene, name), PRESSES[name][1](scene)).status_code == 403
        assert Event.objects.filter(actor=user).count() == 0 or Event.objects.count() == before


@pytest.mark.parametrize("name", [name for name, press in PRESSES.items() if press[3]])
def test_a_press_in_the_wrong_stage_is_refused_in_place(client: Client, scene, name):
    data = PRESSES[name][1](scene)
    move(scene.order, "INPROCESS", "ONHOLD")
    if "version" in data and name.startswith("task"):
        data["version"] = fresh(scene.order).version
    client.force_login(user_in(DISPATCHER))
    answer = client.post(url(scene, name), data)
    assert answer.status_code == 409
    assert "does not allow changes" in answer.content.decode()


def test_a_stale_page_is_told_so(client, scene):
    client.force_login(user_in(DISPATCHER))
    stage = scene.order.stage.children.get(code="INPROCESS")
    answer = client.post(f"/orders/{scene.order.number}/stage/", {"version": 1, "to": stage.pk})
    assert answer.status_code == 409 and "Somebody else changed" in answer.content.decode()


def test_SG_06_the_stage_button_opens_the_form_for_the_reason(client, scene):
    client.force_login(user_in(DISPATCHER))
    stage = scene.order.stage.children.get(code="CANCEL")
    data = {"version": fresh(scene.order).version, "to": stage.pk}
    answer = client.post(f"/orders/{scene.order.number}/stage/", data)
    text = answer.content.decode()
    assert answer.status_code == 422 and 'name="reason"' in text and f'name="to" value="{stage.pk}"' in text
    answer = client.post(f"/orders/{scene.order.number}/stage/", data | {"reason": ""})
    assert answer.status_code == 422
    answer = client.post(f"/orders/{scene.order.number}/stage/", data | {"reason": make_reason().pk})
    assert answer.status_code == 302 and fresh(scene.order).stage == stage


def test_a_bad_form_is_shown_again_with_what_was_typed(client, scene):
    client.force_login(user_in(DISPATCHER))
    answer = client.post(
        f"/orders/{scene.order.number}/lines/add/HOUR/", {"quantity": "", "description": "Half typed"}
    )
    assert answer.status_code == 422 and "Half typed" in answer.content.decode()


def test_an_invisible_order_is_not_there(client, scene):
    bo = user_in(TECHNICIAN)
    client.force_login(bo)
    assert client.get(f"/orders/{scene.order.number}/").status_code == 404
    client.force_login(stranger())
    assert client.get(f"/orders/{scene.order.number}/").status_code == 403
    assert client.get("/orders/").status_code == 403


def test_C12_a_technician_opens_his_order_and_sees_neither_cost_nor_price(client, scene):
    bo = user_in(TECHNICIAN)
    scene.worker.user = bo
    scene.worker.save()
    ServiceOrder.objects.update(service_on=company_today())
    assign(scene.order, scene.worker, by=None)
    client.force_login(bo)
    answer = client.get(f"/orders/{scene.order.number}/")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Cost" not in text and "Price" not in text and "180.00" not in text and "Margin" not in text
    client.force_login(user_in(DISPATCHER))
    text = client.get(f"/orders/{scene.order.number}/").content.decode()
    assert "180.00" in text and "Margin" not in text and ">Cost<" not in text
    client.force_login(user_in(PLANNER))
    assert "Margin" in client.get(f"/orders/{scene.order.number}/").content.decode()


def test_sign_off_with_a_typed_name(client, scene):
    move(scene.order, "INPROCESS")
    client.force_login(user_in(DISPATCHER))
    page = client.get(f"/orders/{scene.order.number}/?open=sign").content.decode()
    assert "signature-pad" in page and "repair line is not finished" in page
    data = {"version": fresh(scene.order).version, "key": uuid4(), "signer_name": "Mrs Huber", "strokes": ""}
    url = f"/orders/{scene.order.number}/sign-off/"
    assert client.get(url).status_code == 405
    assert client.post(url, data).status_code == 302
    assert client.post(url, data).status_code == 302, "sent again, answered again"
    assert scene.order.sign_offs.count() == 1
    assert client.post(url, data | {"key": uuid4()}).status_code == 409
    page = client.get(f"/orders/{scene.order.number}/").content.decode()
    assert "Mrs Huber" in page and "Valid" in page
    for user in (stranger(), user_in(FINANCE)):
        client.force_login(user)
        assert client.post(url, data).status_code == 403


def test_RP_05_suggestions_as_a_region(client, scene):
    from orders.models import Resolution, SymptomArea, SymptomCode
    from orders.operations import change_repair_line

    area = SymptomArea.objects.create(code="HDD", description="Hard drive")
    code = SymptomCode.objects.create(area=area, code="BLUE", description="Blue screen")
    done = RepairStage.objects.create(code="DONE", description="Finished", finished=True)
    change_repair_line(
        scene.repair.pk, version=1, by=None, at=NOW, symptom=code, stage=done,
        resolution=Resolution.objects.create(code="R", description="Replaced"),
    )  # fmt: skip
    client.force_login(user_in(DISPATCHER))
    text = client.get(f"/orders/suggestions/?symptom={code.pk}").content.decode()
    assert "Replaced" in text and "<html" not in text
    assert client.get("/orders/suggestions/").status_code == 200
    assert client.post("/orders/suggestions/").status_code == 405
    assert client.get(f"/orders/{scene.order.number}/?open=repair:{scene.repair.pk}").status_code == 200
