"""The small masters of orders on the setup pages, and the trail in words."""

from decimal import Decimal

import pytest

from orders.models import Phase, ServiceParameters, ServiceStage, SymptomArea, SymptomCode
from orders.operations import change_line
from servicemgmt.core.models import Event
from servicemgmt.core.roles import ADMINISTRATOR, DISPATCHER
from servicemgmt.core.trail import described
from tests.cast import user_in
from tests.make_money import NOW
from tests.make_orders import make_line, make_order, make_stages

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "name",
    [
        "servicestage", "stagereasoncode", "condition", "symptomarea", "symptomcode", "diagnosisarea", "diagnosiscode",
        "resolution", "repairstage", "historymapping",
    ],
)  # fmt: skip
def test_every_master_has_its_list_and_form(client, name):
    make_stages()
    client.force_login(user_in(ADMINISTRATOR))
    assert client.get(f"/setup/{name}/").status_code == 200
    assert client.get(f"/setup/{name}/new/").status_code == 200


def test_SG_01_scenario_46_a_second_initial_stage_is_refused_on_the_page(client):
    make_stages()
    client.force_login(user_in(ADMINISTRATOR))
    data = {"code": "SECOND", "description": "Second", "phase": Phase.NEW, "parent": "", "version": 1}
    answer = client.post("/setup/servicestage/new/", data)
    assert answer.status_code == 422 and "Only one initial stage" in answer.content.decode()
    assert not ServiceStage.objects.filter(code="SECOND").exists()
    data["parent"] = ServiceStage.objects.get(code="PLANNING").pk
    assert client.post("/setup/servicestage/new/", data).status_code == 302
    assert Event.objects.filter(action="created", subject_label="Second").exists()


def test_SG_02_scenario_46_what_a_stage_follows_stays(client):
    stage = make_stages()["COMPLETED"]
    client.force_login(user_in(ADMINISTRATOR))
    other = ServiceStage.objects.get(code="PLANNING").pk
    data = {
        "code": "COMPLETED",
        "description": "Finished",
        "phase": Phase.DONE,
        "parent": other,
        "version": 1,
    }
    client.post(f"/setup/servicestage/{stage.pk}/", data)
    stage.refresh_from_db()
    assert stage.parent.code == "INPROCESS"


def test_SG_02_a_stage_in_use_or_with_children_is_not_deleted(client):
    order = make_order()
    client.force_login(user_in(ADMINISTRATOR))
    client.post(f"/setup/servicestage/{order.stage_id}/delete/", {"version": 1})
    assert ServiceStage.objects.filter(pk=order.stage_id).exists()


def test_RP_06_the_same_code_may_stand_in_another_area(client):
    doors, drive = (SymptomArea.objects.create(code=c, description=c) for c in ("DOORS", "DRIVE"))
    SymptomCode.objects.create(area=doors, code="NOISE", description="Noise")
    client.force_login(user_in(ADMINISTRATOR))
    data = {"area": drive.pk, "code": "NOISE", "description": "Noise", "version": 1}
    assert client.post("/setup/symptomcode/new/", data).status_code == 302
    assert client.post("/setup/symptomcode/new/", data).status_code == 422


def test_the_service_parameters_are_one_form(client):
    client.force_login(user_in(ADMINISTRATOR))
    data = {"default_minutes": 45, "board_days_before": 0, "board_days_after": 6, "version": 1}
    wide = client.post("/setup/serviceparameters/new/", data | {"board_days_after": 29})
    assert wide.status_code in (409, 422) and "at most 28 days" in wide.text
    assert client.post("/setup/serviceparameters/new/", data).status_code == 302
    assert ServiceParameters.objects.get().default_minutes == 45
    assert client.get("/setup/serviceparameters/new/").status_code in (403, 404), "there is one already"
    answer = client.get("/setup/serviceparameters/", follow=True)
    assert answer.status_code == 200 and "reason_on_cancelling" in answer.content.decode()
    client.force_login(user_in(DISPATCHER))
    assert client.post("/setup/serviceparameters/new/", {}).status_code in (403, 404)


def test_the_trail_speaks_in_words():
    line = make_line(make_order())
    change_line(line.pk, version=1, by=None, at=NOW, quantity=Decimal(3))
    told = described(Event.objects.get(action="line_changed"))
    assert told["text"] == "Line changed"
    assert ("Quantity", "2", "3") in told["changes"] and ("Line", "", "1 Some hour") in told["changes"]
