"""The pages of an agreement's lines, relations and copying."""

from decimal import Decimal

import pytest
from django.test import Client

from agreements import operations
from servicemgmt.core.models import Event
from tests import make_money
from tests.agreements.ask import line_data, url
from tests.make_agreements import (
    make_agreement,
    make_interval,
    make_line,
    make_object,
    make_task,
    make_template_group,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("kind", "shown", "not_shown"),
    [
        ("HOUR", ["worker", "quantity"], ["item", "unit", "cost_price", "item_setup"]),
        ("EXPENSE", ["worker", "cost_price"], ["item", "unit", "item_setup"]),
        ("ITEM", ["item", "unit", "item_setup"], ["worker", "cost_price"]),
        ("FEE", ["worker", "sales_price"], ["item", "unit", "cost_price", "item_setup"]),
    ],
)
def test_AG_08_each_type_has_its_own_form(
    pia: Client, kind: str, shown: list[str], not_shown: list[str]
) -> None:
    agreement = make_agreement()
    for code in ("HOUR", "EXPENSE", "ITEM", "FEE"):
        make_money.category(code)
    make_money.category(kind, code="OFF", is_active=False)
    form = pia.get(url("line_new", agreement.number), {"kind": kind}).context["form"]
    assert set(shown) <= set(form.fields) and not set(not_shown) & set(form.fields)
    assert [category.code for category in form.fields["category"].queryset] == [kind]


def test_lines_are_added_changed_stopped_and_removed(pia: Client) -> None:
    agreement = make_agreement()
    number = agreement.number
    answer = pia.post(url("line_new", number) + "?kind=HOUR", line_data(again="1"))
    assert answer["Location"].endswith("?kind=HOUR")
    line = agreement.lines.get()
    assert (line.quantity, line.line_property) == (Decimal("2.5"), agreement.project.line_property)
    assert pia.post(url("line_new", number), line_data(quantity="0")).status_code == 422
    changed = line_data(quantity="3", version=1)
    assert pia.post(url("line_edit", number, line.pk), changed).status_code == 302
    actual = line_data(quantity="3", version=2, interval=make_interval().pk, due_from="ACTUAL")
    said = pia.post(url("line_edit", number, line.pk), actual, follow=True)
    assert "Visits of the line that are there stay" in said.text
    stale = pia.post(url("line_edit", number, line.pk), changed)
    assert stale.status_code == 409 and "changed by someone else" in stale.text
    pia.post(url("line_stop", number, line.pk), {"version": 3, "reason": "Unused"})
    assert "stopped already" in pia.get(url("line_stop", number, line.pk), follow=True).text
    assert "Stopped: Unused" in pia.get(url("agreement", number)).text
    pia.post(url("line_restart", number, line.pk), {"version": 4})
    pia.post(url("line_remove", number, line.pk), {"version": 5})
    assert not agreement.lines.exists()
    actions = Event.objects.filter(subject=f"serviceagreement:{agreement.pk}").values_list(
        "action", flat=True
    )
    assert {"line_added", "line_changed", "line_removed"} <= set(actions)


def test_an_item_line_is_called_like_its_item(pia: Client) -> None:
    agreement = make_agreement()
    data = line_data(
        description="",
        category=make_money.category("ITEM").pk,
        item=make_money.item().pk,
        item_setup="JOURNAL",
        unit="",
    )
    pia.post(url("line_new", agreement.number) + "?kind=ITEM", data)
    line = agreement.lines.get()
    assert line.description == line.item.name and line.unit == line.item.unit


def test_AG_10_the_form_offers_related_objects_only(pia: Client) -> None:
    agreement, other = make_agreement("A"), make_agreement("B")
    mine = operations.relate_object(agreement.pk, make_object("Mine"), by=None)
    theirs = operations.relate_object(other.pk, make_object("Theirs"), by=None)
    form = pia.get(url("line_new", agreement.number)).context["form"]
    assert list(form.fields["object_relation"].queryset) == [mine]
    answer = pia.post(url("line_new", agreement.number), line_data(object_relation=theirs.pk))
    assert answer.status_code == 422 and "object_relation" in answer.context["form"].errors


def test_relations_come_go_and_are_refused_in_place(pia: Client) -> None:
    agreement, lift, oil = make_agreement(), make_object(), make_task("OIL")
    number = agreement.number
    pia.post(url("relate_object", number), {"service_object": lift.pk})
    again = pia.post(url("relate_object", number), {"service_object": lift.pk})
    assert again.status_code == 409 and "related already" in again.text
    assert pia.post(url("relate_object", number), {}).status_code == 422
    pia.post(url("relate_task", number), {"service_task": oil.pk})
    assert pia.post(url("relate_task", number), {"service_task": oil.pk}).status_code == 422
    task = agreement.task_relations.get()
    notes = {"note_internal": "Two litres", "note_external": "Done", "version": 1}
    assert pia.post(url("task_notes", number, task.pk), notes).status_code == 302
    assert pia.post(url("task_notes", number, task.pk), notes | {"note_internal": "x"}).status_code == 409
    pia.post(url("unrelate_task", number, task.pk))
    pia.post(url("unrelate_object", number, agreement.object_relations.get().pk))
    assert not agreement.task_relations.exists() and not agreement.object_relations.exists()
    other = make_agreement("B")
    assert pia.post(url("unrelate_task", other.number, task.pk)).status_code == 404


def test_AG_13_copying_shows_the_tree_then_the_lines(pia: Client) -> None:
    folder = make_template_group("TOP")
    template = make_agreement("Lift model", template_group=make_template_group("BELOW", parent=folder))
    keep, stopped = make_line(template, description="Keep"), make_line(template, description="Stopped one")
    operations.stop_line(stopped.pk, reason="Unused", version=1, by=None)
    agreement = make_agreement()
    tree = pia.get(url("copy_lines", agreement.number))
    assert "Lift model" in tree.text
    page = pia.get(url("copy_lines", agreement.number), {"source": template.pk})
    assert "Keep" in page.text and "Stopped one" not in page.text and "1 stopped line" in page.text
    target = url("copy_lines", agreement.number) + f"?source={template.pk}"
    refused = pia.post(target, {"version": 1})
    assert refused.status_code == 409 and "Tick the lines" in refused.text
    assert pia.post(target, {"version": 1, "line": keep.pk}).status_code == 302
    assert agreement.lines.get().description == "Keep"
