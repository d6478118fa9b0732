"""The pages of template and service BOMs: who may, what they show, what they refuse."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from agreements.boms.operations import change_bom_line
from agreements.models import BomChange, BomOptions, ServiceBom, TemplateBom
from servicemgmt.core.models import Event
from servicemgmt.masterdata.models import ItemKind
from tests import make_boms, make_money
from tests.cast import stranger, user_in
from tests.make_agreements import make_agreement
from tests.make_boms import make_bom, make_part, make_parts_list, make_relation, make_template, part_of
from tests.make_money import TODAY, company_today
from tests.make_orders import make_order, make_worker, set_parameters

pytestmark = pytest.mark.django_db


@pytest.fixture
def pia(client: Client) -> Client:
    client.force_login(user_in("Planner"))
    return client


def url(name: str, *arguments: object) -> str:
    return reverse(f"agreements:{name}", args=arguments)


def test_TB_01_a_template_is_made_listed_changed_and_deleted(pia: Client) -> None:
    make_boms.make_sequences()
    lift = make_part("LIFT", ItemKind.BOM)
    make_parts_list(lift, (make_part("ROPE"), 6))
    new, data = (
        url("template_bom_new"),
        {"name": "Lift", "source": "ITEM", "item": lift.pk, "on": "2026-06-01"},
    )
    assert pia.get(new).context["form"].fields["item"].required
    bare = pia.post(new, data | {"item": ""})
    assert bare.status_code == 422 and set(bare.context["form"].errors) == {"item"}
    assert set(pia.post(new, data | {"source": "TEMPLATE"}).context["form"].errors) == {"template"}
    assert pia.post(new, data).status_code == 302
    made = TemplateBom.objects.get()
    detail = url("template_bom", made.number)
    shown = pia.get(detail).text
    assert "ROPE" in shown and 'value="6"' in shown and "000000" not in shown
    assert "Lift" in pia.get(url("template_boms") + "?q=LIFT&tab=free").text
    add = url("template_line_add", made.number)
    line = {"item": make_part("MOTOR").pk, "quantity": "2", "version": made.version}
    assert pia.post(add, line | {"quantity": ""}).status_code == 422
    assert pia.post(add, line).status_code == 302 and pia.post(add, line).status_code == 409
    rope = made.lines.get(item__number="ROPE")
    change = url("template_line_change", made.number, rope.pk)
    assert pia.post(change, {"quantity": "x", "version": 2}).status_code == 422
    pia.post(change, {"quantity": "0", "version": 2})
    assert list(made.lines.values_list("item__number", flat=True)) == ["MOTOR"]
    edit = url("template_bom_edit", made.number)
    assert pia.get(edit).status_code == 200
    assert pia.post(edit, {"name": "Lift drive", "version": 3}).status_code == 302
    assert 'value="TEMPLATE" selected' in pia.get(f"{new}?template={made.number}").text
    assert pia.post(url("template_bom_delete", made.number), {"version": 4}).status_code == 302
    assert not TemplateBom.objects.exists()
    actions = Event.objects.filter(subject=f"templatebom:{made.pk}").order_by("pk")
    told = list(actions.values_list("action", flat=True))
    assert told == ["created", "line_added", "line_removed", "changed", "deleted"]


def test_TB_03_TB_05_a_bom_is_attached_and_designed(pia: Client) -> None:
    relation, template = make_relation(), make_template("Lift", 4, 2)
    attach = url("bom_attach", relation.pk)
    assert pia.get(attach).status_code == 200
    assert "Move that one here" not in pia.get(attach).text
    assert pia.post(attach, {"template": template.pk}).status_code == 302
    assert pia.post(attach, {"template": template.pk}).status_code == 409
    bom = ServiceBom.objects.get()
    assert "stays as it is" in pia.get(url("template_bom", template.number)).text
    designer = url("service_bom", bom.pk)
    assert designer in pia.get(url("agreement", relation.agreement.number)).text
    assert "Part P1" in pia.get(designer).text
    motor, top = make_part("MOTOR"), part_of(bom, "P1")
    palette = pia.get(designer + "?q=MOTOR", headers={"HX-Request": "true", "HX-Target": "ul#palette"})
    assert "Part MOTOR" in palette.text and "Part P1" not in palette.text
    add, data = url("bom_part_add", bom.pk), {"item": motor.pk, "parent": top.pk, "version": bom.version}
    assert pia.post(add, {"version": 1}).status_code == 422
    pia.post(add, data)
    assert part_of(bom, "MOTOR").parent_id == top.pk
    assert "Put in later" in pia.get(designer).text and "BOM line added" in pia.get(designer).text
    pia.post(url("bom_part_delete", bom.pk, top.pk), {"version": 2})
    assert not bom.lines.filter(item__number="MOTOR", quantity__gt=0).exists()
    assert "BOM line deleted" in pia.get(url("bom_changes")).text
    assert "Part P2" in pia.get(url("bom_parts")).text
    BomOptions.objects.create(show_number=False, edit_when_adding=True, emphasise_changes=False)
    plain = pia.get(designer + "?q=MOTOR").text
    assert "Put in later" not in plain and reverse("orders:bom_part_new", args=[bom.pk]) in plain


@pytest.mark.usefixtures("in_march")
def test_TB_06_a_part_is_replaced_and_billed_by_its_form(pia: Client) -> None:
    set_parameters(item_category=make_money.category("ITEM"))
    relation = make_relation()
    bom = make_bom(relation=relation)
    order = make_order(agreement=relation.agreement, service_on=company_today())
    form = reverse("orders:bom_part", args=[part_of(bom, "P1").pk])
    other = make_order(service_on=company_today())
    offered = pia.get(form).text
    assert order.number in offered and other.number not in offered and "orders.serviceorder" not in offered
    data = {
        "replacement": "on", "item": make_part("P1").pk, "quantity": "1", "on": TODAY.isoformat(), "version": 1,
        "order": order.pk, "billing": "LINE",
    }  # fmt: skip
    too_many = pia.post(form, data | {"quantity": "5"})
    assert too_many.status_code == 422 and "At most 4" in too_many.text
    assert pia.post(form, data).status_code == 302 and pia.post(form, data).status_code == 409
    assert order.lines.get().quantity == 1
    assert order.number in pia.get(url("service_bom", bom.pk)).text
    designer = f"{url('service_bom', bom.pk)}?order={order.number}"
    assert designer in pia.get(reverse("orders:order", args=[order.number])).text
    assert f"{reverse('orders:bom_part_new', args=[bom.pk])}?order={order.number}" in pia.get(designer).text
    new = reverse("orders:bom_part_new", args=[bom.pk])
    assert pia.get(new).status_code == 200 and pia.post(new, {"version": 2}).status_code == 422
    data |= {"version": 2, "item": make_part("P8").pk, "parent": part_of(bom, "P2").pk, "billing": "NOTHING"}
    assert pia.post(new, data).status_code == 302
    assert part_of(bom, "P8").parent_id == part_of(bom, "P2").pk


@pytest.mark.usefixtures("in_march")
def test_TB_08_TB_09_TB_10_move_template_and_delete(pia: Client) -> None:
    relation = make_relation()
    bom = make_bom(4, relation=relation)
    change_bom_line(part_of(bom, "P1").pk, quantity=Decimal(3), on=TODAY, version=None, by=None)
    new = make_relation(agreement=make_agreement("Successor"), service_object=relation.service_object)
    move = url("bom_move", bom.pk)
    assert new.agreement.number in pia.get(move).text
    assert "Move that one here" in pia.get(url("bom_attach", new.pk)).text
    assert pia.post(move, {"to": relation.pk, "version": 2}).status_code == 422
    assert pia.post(move, {"to": new.pk, "version": 1}).status_code == 409
    assert pia.post(move, {"to": new.pk, "version": 2}).status_code == 302
    assert new.agreement.number in pia.get(url("service_bom", bom.pk)).text
    template = url("bom_template", bom.pk)
    assert pia.get(template).status_code == 200
    assert pia.post(template, {"name": "As it is"}).status_code == 302
    delete = url("bom_delete", bom.pk)
    assert "can be changed again" in pia.get(delete).text
    assert pia.post(delete, {"version": 2}).status_code == 409
    assert pia.post(delete, {"version": 3}).status_code == 302
    assert pia.get(url("service_bom", bom.pk)).status_code == 404
    assert BomChange.objects.count() == 1


def test_C12_who_may_see_and_change_boms(client: Client) -> None:
    bo = user_in("Technician")
    mine, other = make_bom(4), make_bom(4, relation=make_relation("Lift 2", agreement=make_agreement("Two")))
    order = make_order(service_object=mine.service_object, service_on=company_today())
    order.assignments.create(worker=make_worker("Bo", user=bo))
    client.force_login(bo)
    assert client.get(url("service_bom", mine.pk)).status_code == 200
    assert client.get(url("service_bom", other.pk)).status_code == 404
    pressed = client.post(url("bom_part_delete", mine.pk, part_of(mine, "P1").pk), {"version": 1})
    assert pressed.status_code == 302 and mine.changes.get().made_by == bo
    closed = [url("template_boms"), url("bom_delete", mine.pk), url("bom_move", mine.pk), url("bom_changes")]
    assert {client.get(address).status_code for address in closed} == {403}
    client.force_login(user_in("Dispatcher"))
    assert client.get(url("service_bom", other.pk)).status_code == 200
    assert client.get(url("bom_delete", other.pk)).status_code == 403
    client.force_login(stranger())
    assert client.get(url("service_bom", other.pk)).status_code == 403
