"""What a technician's device sends: hours, parts, money, codes, the signature; once, twice, too late."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from agreements.models import ServiceObjectGroup
from agreements.operations import create_object
from dispatch.operations import move_booking
from orders.models import RepairLine, SignOff, SymptomArea, SymptomCode
from orders.operations import relate_object
from servicemgmt.core.models import NumberSequence
from servicemgmt.core.roles import DISPATCHER, TECHNICIAN
from servicemgmt.inventory.models import OnHand, Warehouse
from servicemgmt.inventory.operations import receive
from tests.cast import stranger, user_in
from tests.dispatch.ask import JSON, begun, job
from tests.make_dispatch import make_booking, make_technician, make_visit
from tests.make_money import TODAY, category, company_today, item
from tests.make_orders import fresh, make_line, move

pytestmark = pytest.mark.django_db


def test_hours_go_on_the_planned_line(bo, visit):
    order = begun(visit)
    line = order.lines.get()
    bo.post(job(visit, "hours"), {"line": line.pk, "version": line.version, "quantity": "1.25"})
    line = order.lines.get()
    assert (line.quantity, line.planned_quantity, line.executed_on) == (
        Decimal("1.25"),
        2,
        company_today(),
    )


def test_hours_somebody_changed_meanwhile_are_409(bo, visit):
    order = begun(visit)
    line = order.lines.get()
    sent = {"line": line.pk, "version": line.version, "quantity": "1"}
    bo.post(job(visit, "hours"), sent)
    response = bo.post(job(visit, "hours"), sent)
    assert response.status_code == 409 and "Somebody else changed line 1" in response.text


def test_more_hours_on_a_line_of_their_own_make_no_new_work_for_the_board(bo, visit, client):
    order = begun(visit)
    key = str(uuid4())
    for _time in (1, 2):
        bo.post(job(visit, "hours"), {"quantity": "0.5", "description": "Waiting", "key": key})
    assert order.lines.count() == 2 and order.lines.last().planned_quantity is None
    client.force_login(user_in(DISPATCHER))
    assert client.get("/dispatch/board/").context["tray"].cards == []


def test_a_line_of_another_order_is_not_found(bo, visit):
    begun(visit)
    other = make_line(make_visit())
    assert bo.post(job(visit, "hours"), {"line": other.pk, "quantity": 1}).status_code == 404


def test_a_part_from_the_van(bo, visit):
    order = begun(visit)
    van = Warehouse.objects.create(code="VAN", description="Van", worker=visit.worker)
    part = item()
    OnHand.objects.create(item=part, warehouse=van, quantity=3)
    category("ITEM")
    assert bo.get(job(visit)).context["parts"][0].on_hand == 3
    bo.post(job(visit, "part"), {"item": part.pk, "quantity": 2})
    line = order.lines.get(kind="ITEM")
    assert (line.item, line.warehouse, line.quantity, line.worker) == (part, van, 2, visit.worker)


def test_of_a_tracked_part_the_piece_in_the_van_is_chosen(bo, visit):
    order = begun(visit)
    van = Warehouse.objects.create(code="VAN", description="Van", worker=visit.worker)
    pump = item("PUMP", tracking="SERIAL")
    receive(pump, van, Decimal(2), value=Decimal(9), on=TODAY, by=None, lot="S:1, S2")
    category("ITEM")
    choices = bo.get(job(visit)).context["parts"]
    assert [choice.value for choice in choices] == [f"{pump.pk}:S2", f"{pump.pk}:S:1"]
    bo.post(job(visit, "part"), {"item": choices[1].value, "quantity": 1})
    line = order.lines.get(kind="ITEM")
    assert (line.item, line.lot_number) == (pump, "S:1")
    both = {"item": choices[0].value, "quantity": 2}
    refused = bo.post(job(visit, "part"), both)
    assert refused.status_code == 422 and "lot" in refused.context["part"].errors
    bo.post(job(visit, "part"), both | {"lot": "S3, S2"})
    assert order.lines.filter(kind="ITEM").latest("pk").lot_number == "S3, S2"


def test_an_expense_and_a_fee(bo, visit):
    order = begun(visit)
    bo.post(
        job(visit, "expense"), {"category": category("EXPENSE").pk, "amount": "12.50", "description": "Toll"}
    )
    bo.post(job(visit, "fee"), {"category": category("FEE").pk})
    expense, fee = order.lines.get(kind="EXPENSE"), order.lines.get(kind="FEE")
    assert (expense.cost_price, expense.description, fee.quantity) == (Decimal("12.5"), "Toll", 1)


def test_repair_codes(bo, visit):
    order = begun(visit)
    NumberSequence.objects.get_or_create(code="object", defaults={"description": "object", "prefix": "OB-"})
    group = ServiceObjectGroup.objects.create(code="LIFT", description="Lifts")
    thing = create_object(by=None, description="Lift 1", group=group, site=order.site)
    relation = relate_object(order.pk, thing, by=None)
    area = SymptomArea.objects.create(code="DRIVE", description="Drive")
    code = SymptomCode.objects.create(code="NOISE", description="Noise", area=area)
    bo.post(job(visit, "repair"), {"object_relation": relation.pk, "symptom": code.pk})
    assert RepairLine.objects.get().symptom == code


SIGNED = {"signer_name": "Petra Huber", "strokes": "[[[1,2,0],[30,40,10],[60,20,25]]]"}


def test_the_signature(bo, visit):
    order = begun(visit)
    response = bo.post(job(visit, "sign"), SIGNED | {"version": fresh(order).version}, **JSON)
    assert response.status_code == 200
    signed = SignOff.objects.get()
    assert (signed.signer_name, signed.is_typed, len(signed.sha256)) == ("Petra Huber", False, 64)
    text = bo.get(job(visit)).text
    assert f"/documents/work-receipt/{order.number}/" in text and "Signed by Petra Huber" in text


def test_a_signature_over_other_lines_than_shown_is_409(bo, visit):
    order = begun(visit)
    version = fresh(order).version
    make_line(order)
    assert bo.post(job(visit, "sign"), SIGNED | {"version": version}, **JSON).status_code == 409
    assert not SignOff.objects.exists()


def test_a_name_alone_signs_only_on_purpose(bo, visit):
    begun(visit)
    assert bo.post(job(visit, "sign"), {"signer_name": "Petra Huber"}).status_code == 422
    bo.post(job(visit, "sign"), {"signer_name": "Petra Huber", "is_typed": "on"})
    assert SignOff.objects.get().is_typed


@pytest.mark.parametrize("strokes", ["nonsense", "9" * 5000, f"[[[{'9' * 400}, 1], [2, 2], [3, 3]]]"])
def test_what_is_no_signature_is_422(bo, visit, strokes):
    begun(visit)
    answer = bo.post(job(visit, "sign"), {"signer_name": "Petra Huber", "strokes": strokes})
    assert answer.status_code == 422
    assert not SignOff.objects.exists()


def test_what_a_device_offers_to_choose_from_stands_in_the_page(bo, visit):
    """Without a net nobody can be asked, and a technician may not search the masters."""
    category("EXPENSE", "TOLL")
    category("EXPENSE", "HOTEL")
    begun(visit)
    page = bo.get(job(visit)).content.decode()
    form = page[page.index('id="expense-category"') :].partition("</select>")[0]
    assert "TOLL" in form.upper() and "HOTEL" in form.upper()
    assert "combobox" not in form


def test_signing_twice_with_one_key_signs_once(bo, visit):
    begun(visit)
    entry = SIGNED | {"key": str(uuid4())}
    assert [bo.post(job(visit, "sign"), entry, **JSON).status_code for _time in (1, 2)] == [200, 200]
    assert SignOff.objects.count() == 1


def test_what_was_given_away_meanwhile_is_409_with_the_name_and_keeps_nothing(bo, visit):
    meg = make_technician("Meg")
    start = visit.during.lower
    move_booking(visit.pk, worker=meg, start=start, minutes=60, version=1, by=None, at=timezone.now())
    response = bo.post(job(visit, "press"), {"to": "WORKING"}, **JSON)
    assert response.status_code == 409 and "This job was given to Meg" in response.json()["say"]
    assert bo.post(job(visit, "fee"), {"category": category("FEE").pk}, **JSON).status_code == 409
    assert bo.get(job(visit)).status_code == 404


def test_what_was_sent_before_it_was_given_away_stays_sent(bo, visit):
    entry = {"category": category("FEE").pk, "key": str(uuid4())}
    begun(visit)
    assert bo.post(job(visit, "fee"), entry, **JSON).status_code == 200
    start = visit.during.lower
    move_booking(
        visit.pk,
        worker=make_technician("Meg"),
        start=start,
        minutes=60,
        version=1,
        by=None,
        at=timezone.now(),
    )
    assert bo.post(job(visit, "fee"), entry, **JSON).status_code == 200
    assert visit.activity.order.lines.filter(kind="FEE").count() == 1


POSTS = ["press", "hours", "part", "expense", "fee", "repair", "sign"]


@pytest.mark.parametrize("name", POSTS)
def test_each_entry_is_a_post_of_ones_own(client, visit, name):
    client.force_login(user_in(TECHNICIAN))
    assert client.get(job(visit, name)).status_code == 405
    assert client.post(job(visit, name), {}).status_code == 422
    other = make_booking(make_visit(), make_technician("Meg"))
    assert client.post(job(other, name), {}).status_code == 404
    client.force_login(stranger())
    assert client.post(job(visit, name), {}).status_code == 403


@pytest.mark.parametrize("name", ["hours", "part", "expense", "fee"])
def test_a_closed_order_takes_nothing_more(bo, visit, name):
    move(visit.activity.order, "INPROCESS", "COMPLETED")
    part = item()
    entry = {"quantity": 1, "item": part.pk, "amount": 5}
    entry["category"] = category("FEE" if name == "fee" else "EXPENSE").pk
    category("ITEM")
    response = bo.post(job(visit, name), entry)
    assert response.status_code == 409 and "does not allow changes" in response.text
