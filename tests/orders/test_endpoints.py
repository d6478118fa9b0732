"""Every press on an order's page: works, only as POST, not for strangers, not in the wrong state, leaves an Event."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from orders.models import (
    LineStatus,
    OrderProgress,
    RepairStage,
    RequestStatus,
    ServiceOrder,
    ServiceRequest,
    SlaStatus,
)
from orders.operations import add_reason, add_repair_line, assign, cancel_line, relate_object, relate_task
from orders.posting import post_order_lines
from servicemgmt.core.models import Event, Run
from servicemgmt.core.roles import DISPATCHER, FINANCE, PLANNER, TECHNICIAN
from tests import make_money
from tests.cast import stranger, user_in
from tests.make_agreements import make_agreement, make_object, make_site, make_sla, make_task
from tests.make_money import NOW
from tests.make_orders import (
    fresh,
    make_done_order,
    make_line,
    make_order,
    make_reason,
    make_request,
    make_worker,
    move,
)

pytestmark = pytest.mark.django_db


@dataclass
class Scene:
    """An order in planning with one of everything."""

    order: ServiceOrder

    def __post_init__(self) -> None:
        order = self.order
        self.line = make_line(order)
        self.cancelled = make_line(order)
        cancel_line(self.cancelled.pk, version=None, by=None, at=NOW)
        self.lift, self.other = make_object(), make_object("Lift 2")
        self.relation = relate_object(order.pk, self.lift, by=None)
        self.unused = relate_object(order.pk, self.other, by=None)
        self.task = relate_task(order.pk, make_task(), by=None)
        self.worker = make_worker()
        self.assignment = assign(order, make_worker("Kim"), lead=True, by=None)
        self.reason = add_reason(order.pk, reason=make_reason(), by=None, at=NOW)
        self.repair = add_repair_line(
            order.pk, version=None, by=None, at=NOW, service_object=self.lift, name="Door"
        )


@pytest.fixture
def scene() -> Scene:
    return Scene(make_order(agreement=make_agreement(sla=make_sla())))


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
    from django.utils import timezone

    bo = user_in(TECHNICIAN)
    scene.worker.user = bo
    scene.worker.save()
    ServiceOrder.objects.update(service_on=timezone.localdate())
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


def test_order_is_created_edited_and_deleted_by_hand(client):
    agreement = make_agreement("Yearly check")
    make_order()
    client.force_login(user_in(DISPATCHER))
    page = client.get(f"/orders/new/?agreement={agreement.pk}")
    assert page.status_code == 200 and "Yearly check" in page.content.decode()
    answer = client.post(
        "/orders/new/",
        {"agreement": agreement.pk, "priority": "HIGH", "service_on": "2026-05-04", "window_from": "08:00",
         "window_until": "10:00", "site": agreement.project.site_id},
    )  # fmt: skip
    assert answer.status_code == 302, answer.content.decode()
    order = ServiceOrder.objects.get(agreement=agreement)
    assert order.description == "Yearly check" and order.promised_window.lower.isoformat().startswith(
        "2026-05-04"
    )
    edit = f"/orders/{order.number}/edit/"
    assert client.get(edit).status_code == 200
    data = {
        "description": "Other", "priority": "LOW", "service_on": "2026-05-05", "site": order.site_id, "version": 2,
    }  # fmt: skip
    assert client.post(edit, data).status_code == 409, "another version"
    answer = client.post(edit, data | {"version": order.version})
    assert answer.status_code == 302 and fresh(order).description == "Other"
    delete = f"/orders/{order.number}/delete/"
    assert client.get(delete).status_code == 405
    assert client.post(delete).status_code == 302
    assert not ServiceOrder.objects.filter(pk=order.pk).exists()
    assert Event.objects.filter(action="deleted").exists()


def test_a_new_order_that_cannot_be_is_shown_again(client):
    agreement = make_agreement()
    make_order()
    client.force_login(user_in(DISPATCHER))
    answer = client.post(
        "/orders/new/", {"agreement": agreement.pk, "priority": "LOW", "service_on": "2031-01-01"}
    )
    assert answer.status_code == 422 and "outside the period" in answer.content.decode()
    client.force_login(user_in(FINANCE))
    assert client.get("/orders/new/").status_code == 403


def test_an_order_that_must_stay_is_not_deleted(client, scene):
    move(scene.order, "INPROCESS")
    client.force_login(user_in(DISPATCHER))
    answer = client.post(f"/orders/{scene.order.number}/delete/", follow=True)
    assert ServiceOrder.objects.exists() and "does not allow deleting" in answer.content.decode()


def test_cancelled_and_taken_back(client, scene):
    client.force_login(user_in(DISPATCHER))
    for action, progress in (("cancel", OrderProgress.CANCELLED), ("revoke", OrderProgress.IN_PROCESS)):
        answer = client.post(
            f"/orders/{scene.order.number}/{action}/", {"version": fresh(scene.order).version}
        )
        assert answer.status_code == 302 and fresh(scene.order).progress == progress
    assert {line.status for line in scene.order.lines.all()} == {LineStatus.CREATED}


def test_the_sla_is_cancelled_with_its_reason(client, scene):
    client.force_login(user_in(DISPATCHER))
    url = f"/orders/{scene.order.number}/clock/cancel/"
    data = {"version": fresh(scene.order).version}
    assert client.post(url, data).status_code == 422
    assert client.post(url, data | {"reason": make_reason().pk}).status_code == 302
    assert fresh(scene.order).sla_status == SlaStatus.CANCELLED
    assert client.post(f"/orders/{scene.order.number}/clock/melt/", data).status_code == 409


# --- requests ---------------------------------------------------------------------------------------------


def test_a_call_is_taken_and_ordered_in_one_press(client):
    agreement = make_agreement()
    site, ann = make_site(), user_in(DISPATCHER)
    make_request()
    client.force_login(ann)
    page = client.get(f"/orders/requests/new/?customer={site.customer_id}").content.decode()
    assert str(agreement) in page and "What applies" in page
    for name in ("section#choices", "div#about"):
        region = client.get(
            f"/orders/requests/new/?customer={site.customer_id}",
            headers={"HX-Request": "true", "HX-Target": name},
        ).content.decode()
        assert region.lstrip().startswith(f"<{name.partition('#')[0]}") and "<html" not in region
        assert 'name="summary"' not in region, "what is just typed stays"
    data = {"customer": site.customer_id, "summary": "Lift stuck", "priority": "HIGH", "site": site.pk}
    answer = client.post("/orders/requests/new/", data | {"then": "order"})
    order = ServiceOrder.objects.get()
    assert answer.url == f"/orders/{order.number}/" and order.agreement == agreement
    answer = client.post("/orders/requests/new/", data)
    row = ServiceRequest.objects.order_by("-pk").first()
    assert answer.url == f"/orders/requests/{row.number}/"
    assert client.post("/orders/requests/new/", data | {"summary": ""}).status_code == 422
    assert "Lift stuck" in client.get(f"/orders/requests/{row.number}/").content.decode()
    assert client.get("/orders/requests/").status_code == 200
    assert Event.objects.filter(action="received", actor=ann).exists()


def test_where_the_order_cannot_be_made_the_call_is_not_kept_either(client):
    make_request()
    site = make_site()
    client.force_login(user_in(DISPATCHER))
    data = {"customer": site.customer_id, "summary": "Lift stuck", "priority": "HIGH", "then": "order"}
    answer = client.post("/orders/requests/new/", data)
    assert answer.status_code == 409 and "service parameters" in answer.content.decode()
    assert ServiceRequest.objects.count() == 1


def test_a_request_is_edited_ordered_closed_and_opened_again(client):
    make_agreement()
    make_site()
    row, other = make_request(), make_request()
    client.force_login(user_in(DISPATCHER))
    base, them = f"/orders/requests/{row.number}/", f"/orders/requests/{other.number}/"
    assert client.get(f"{base}edit/").status_code == 200
    data = {"customer": row.customer_id, "summary": "Door stuck", "priority": "LOW", "version": 1}
    assert client.post(f"{base}edit/", data).status_code == 302
    assert client.post(f"{base}edit/", data | {"summary": "X"}).status_code == 409
    for path in ("order", "close", "reopen"):
        assert client.get(f"{base}{path}/").status_code == 405
    assert client.post(f"{base}order/", {"version": 1}).status_code == 409
    assert client.post(f"{base}order/", {"version": 2}).status_code == 302
    assert client.post(f"{them}close/", {"version": 1, "answer": ""}).status_code == 422
    assert client.post(f"{them}close/", {"version": 1, "answer": "Power was off"}).status_code == 302
    assert client.post(f"{them}order/", {"version": 2}).status_code == 409
    assert client.get(them).status_code == 200
    assert client.post(f"{them}reopen/", {"version": 2}).status_code == 302
    assert client.post(f"{them}reopen/", {"version": 3}).status_code == 409
    assert set(ServiceRequest.objects.values_list("status", flat=True)) == {
        RequestStatus.OPEN,
        RequestStatus.ORDERED,
    }
    client.force_login(stranger())
    for path in ("", "edit/", "order/", "close/", "reopen/"):
        assert client.post(f"{base}{path}").status_code in (403, 405)


# --- posting ----------------------------------------------------------------------------------------------


def test_posting_is_previewed_and_started(client, django_capture_on_commit_callbacks):
    order, bad = make_done_order(kinds=("HOUR", "FEE")), make_order()
    make_line(bad)
    cleo = user_in(FINANCE)
    client.force_login(cleo)
    chosen = client.post("/orders/post/chosen/", {"pk": [order.pk, bad.pk, "x"]})
    assert chosen.status_code == 302
    page = client.get(chosen.url).content.decode()
    assert (
        "will be posted" in page and "not signed off" in page and order.number in page and bad.number in page
    )
    assert order.lines.get(kind="HOUR").status == LineStatus.CREATED, "a preview posts nothing"
    answer = client.post("/orders/post/start/", {"orders": f"{order.pk},{bad.pk}", "kinds": ["HOUR", "FEE"]})
    run = Run.objects.get()
    assert answer.url == f"/runs/{run.pk}/" and run.parameters["kinds"] == ["FEE", "HOUR"]
    assert client.post("/orders/post/start/", {"kinds": []}).status_code == 422
    assert client.get("/orders/post/start/").status_code == 405
    assert client.get("/orders/post/?since=nonsense").status_code == 422
    for user in (stranger(), user_in(DISPATCHER), user_in(TECHNICIAN)):
        client.force_login(user)
        assert client.get("/orders/post/").status_code == 403
        assert client.post("/orders/post/start/", {"orders": order.pk, "kinds": ["HOUR"]}).status_code == 403


def test_posting_is_undone_from_the_order(client):
    order = make_done_order()
    post_order_lines(order.pk, by=None, at=NOW)
    url = f"/orders/{order.number}/undo-posting/"
    client.force_login(user_in(DISPATCHER))
    assert client.post(url).status_code == 403
    client.force_login(user_in(FINANCE))
    assert "Undo posting" in client.get(f"/orders/{order.number}/").content.decode()
    assert client.get(url).status_code == 405
    assert client.post(url, {"version": 1}).status_code == 409
    make_money.firm()
    answer = client.post(url, {"version": fresh(order).version})
    assert answer.status_code == 302, answer.content.decode()
    assert order.lines.get().status == LineStatus.CREATED
    assert client.post(url, {"version": fresh(order).version}).status_code == 409
    assert Event.objects.filter(action="posting_undone", actor=user_in(FINANCE)).exists()


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
