"""Service BOMs: attached, changed, deleted, moved (TB-03, TB-06 … TB-09), and a history nobody can rewrite."""

from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agreements.boms import operations
from agreements.boms.operations import attach_bom, change_bom_line, delete_bom, move_bom
from agreements.boms.queries import holder_of
from agreements.boms.trees import Change, replayed
from agreements.models import BomChange, ServiceBom, ServiceBomLine
from agreements.operations import delete_agreement, unrelate_object
from servicemgmt.core.errors import Invalid, Refused, Stale
from servicemgmt.core.models import Event
from tests.make_agreements import make_agreement, make_object
from tests.make_boms import make_bom, make_part, make_relation, make_template, part_of
from tests.make_money import NOW, TODAY

pytestmark = pytest.mark.django_db


def change(line: ServiceBomLine, quantity: int, **fields: Any) -> BomChange:
    return change_bom_line(line.pk, quantity=Decimal(quantity), on=TODAY, version=None, by=None, **fields)


def held(bom: ServiceBom) -> list[tuple[str, int]]:
    rows = bom.lines.filter(quantity__gt=0).order_by("position", "pk").values_list("item__number", "quantity")
    return [(number, int(quantity)) for number, quantity in rows]


def check_history(bom: ServiceBom) -> None:
    """Played from the template's lines, the history gives the present ones; and the database agrees."""
    names = ["action", "active_line", "replaced_line", "quantity", "quantity_before", "quantity_left"]
    changes = [Change(*row) for row in bom.changes.order_by("pk").values_list(*names)]
    first = dict(bom.lines.filter(is_original=True).values_list("pk", "first_quantity"))
    assert replayed(first, changes) == dict(bom.lines.filter(quantity__gt=0).values_list("pk", "quantity"))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def test_TB_03_scenario_72_all_lines_are_copied_once_only() -> None:
    relation = make_relation()
    bom = attach_bom(relation, make_template(), on=TODAY, by=None)
    assert bom.lines.filter(is_original=True).count() == bom.lines.count() == 5
    assert holder_of(bom) == relation and not bom.changes.exists()
    with pytest.raises(Refused, match="only one"):
        attach_bom(relation, bom.template, on=TODAY, by=None)
    assert Event.objects.filter(action="bom_attached", subject=f"servicebom:{bom.pk}").exists()
    check_history(bom)


@pytest.mark.django_db(transaction=True)
def test_TB_03_two_people_cannot_attach_two() -> None:
    relation, template = make_relation(), make_template()
    refused: list[str] = []

    def attach() -> None:
        try:
            attach_bom(relation, template, on=TODAY, by=None)
        except Refused as refusal:
            refused.append(str(refusal))
        finally:
            connection.close()

    threads = [Thread(target=attach) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1 and ServiceBom.objects.count() == 1


def test_TB_06_scenario_73_part_of_a_line_is_replaced() -> None:
    bom = make_bom()
    line = part_of(bom, "P1")
    made = change(line, 1, replacement=True, item=make_part("P1"), lot_number=" A7 ")
    assert (made.action, made.quantity, made.quantity_before, made.quantity_left) == ("QTY_REPLACED", 1, 4, 3)
    assert sorted(held(bom)) == [("P1", 1), ("P1", 3), ("P2", 2), ("P3", 1), ("P4", 1), ("P5", 1)]
    assert made.active_line and not made.active_line.is_original and made.active_line.lot_number == "A7"
    whole = change(part_of(bom, "P2"), 2, replacement=True, item=make_part("P9"))
    assert whole.action == "REPLACED" and ("P2", 2) not in held(bom) and ("P9", 2) in held(bom)
    check_history(bom)


def test_TB_06_scenario_75_a_quantity_changes_and_no_more_is_replaced_than_is_there() -> None:
    bom = make_bom()
    line = part_of(bom, "P1")
    with pytest.raises(Invalid) as refusal:
        change(line, 5, replacement=True)
    assert refusal.value.field == "quantity"
    made = change(line, 3)
    assert (made.action, made.quantity_before, made.quantity) == ("QTY_CHANGED", 4, 3)
    for quantity, fields in ((3, {}), (-1, {}), (0, {"replacement": True}), (2, {"item": make_part("P2")})):
        with pytest.raises(Invalid):
            change(line, quantity, **fields)  # type: ignore[arg-type]
    with pytest.raises(Stale):
        change_bom_line(line.pk, quantity=Decimal(2), on=TODAY, version=bom.version, by=None)
    check_history(bom)


def test_TB_07_parts_are_added_and_deleted_with_what_hangs_below_them() -> None:
    bom = make_bom(4, 2)
    top = part_of(bom, "P1")
    added = operations.add_bom_line(
        bom.pk, item=make_part("BOLT"), quantity=Decimal(8), parent=top, on=TODAY, version=None, by=None
    )
    assert added.action == "INSERTED" and added.active_line and added.active_line.parent == top
    operations.delete_bom_line(top.pk, on=TODAY, version=None, by=None)
    assert held(bom) == [("P2", 2)]
    assert list(bom.changes.order_by("pk").values_list("action", flat=True)) == [
        "INSERTED",
        "DELETED",
        "DELETED",
    ]
    with pytest.raises(Refused, match="not in the service BOM"):
        operations.delete_bom_line(top.pk, on=TODAY, version=None, by=None)
    with pytest.raises(Invalid):
        operations.add_bom_line(
            bom.pk, item=make_part("BOLT"), quantity=Decimal(1), parent=top, on=TODAY, version=None, by=None
        )
    check_history(bom)


def test_TB_08_a_deleted_one_frees_object_and_template_and_keeps_its_history() -> None:
    bom = make_bom(4)
    change(part_of(bom, "P1"), 3)
    with pytest.raises(Stale):
        delete_bom(bom.pk, version=bom.version, by=None, at=NOW)
    bom = delete_bom(bom.pk, version=bom.version + 1, by=None, at=NOW)
    assert holder_of(bom) is None and bom.changes.count() == 1
    operations.save_template(
        bom.template.pk, version=bom.template.version, by=None, name="Free", from_date=None, to_date=None
    )
    with pytest.raises(Refused, match="deleted"):
        change(part_of(bom, "P1"), 2)


def test_TB_09_scenario_76_a_service_bom_moves_with_its_history() -> None:
    old = make_relation()
    bom = make_bom(4, relation=old)
    change(part_of(bom, "P1"), 3)
    new = make_relation(agreement=make_agreement("Successor"), service_object=old.service_object)
    for target, words in ((make_relation("Lift 2"), "same object"), (old, "already")):
        with pytest.raises(Refused, match=words), transaction.atomic():
            move_bom(bom.pk, to=target, version=2, by=None)
    move_bom(bom.pk, to=new, version=2, by=None)
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.service_bom, new.service_bom) == (None, bom)
    assert holder_of(ServiceBom.objects.get(pk=bom.pk)) == new
    assert held(bom) == [("P1", 3)] and bom.changes.count() == 1
    told = Event.objects.filter(subject__startswith="serviceagreement:", action__startswith="bom_")
    assert list(told.order_by("pk").values_list("action", "subject")) == [
        ("bom_attached", f"serviceagreement:{old.agreement_id}"),
        ("bom_moved", f"serviceagreement:{old.agreement_id}"),
        ("bom_moved", f"serviceagreement:{new.agreement_id}"),
    ], "the agreements tell of it too"


def test_what_has_a_service_bom_is_not_taken_off_nor_its_agreement_deleted() -> None:
    relation = make_relation()
    make_bom(4, relation=relation)
    with pytest.raises(Refused, match="delete or move it"), transaction.atomic():
        unrelate_object(relation.pk, by=None)
    agreement = relation.agreement
    agreement.refresh_from_db()
    with pytest.raises(Refused, match="service BOMs"), transaction.atomic():
        delete_agreement(agreement.pk, version=agreement.version, by=None)


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("UPDATE agreements_bomchange SET quantity = 2", "bomchange_append_only"),
        ("DELETE FROM agreements_bomchange", "bomchange_append_only"),
        ("UPDATE agreements_servicebomline SET quantity = 9", "servicebomline_follows_its_history"),
        ("UPDATE agreements_servicebomline SET first_quantity = 9", "servicebomline_only_quantity_changes"),
        ("UPDATE agreements_servicebomline SET is_original = FALSE", "servicebomline_only_quantity_changes"),
        ("DELETE FROM agreements_servicebomline", "servicebomline_only_quantity_changes"),
        ("DELETE FROM agreements_servicebom", "servicebom_keeps_its_source"),
        ("UPDATE agreements_servicebomline SET parent_id = id", "servicebomline_acyclic"),
        (
            "INSERT INTO agreements_bomchange (number, bom_id, service_object_id, action, active_line_id,"
            " replaced_line_id, quantity, quantity_before, quantity_left, made_on, text, subject, label,"
            " is_requirement) SELECT 'X', bom_id, service_object_id, 'QTY_CHANGED', replaced_line_id,"
            " replaced_line_id, 1, 3, 1, made_on, '', '', '', FALSE FROM agreements_bomchange",
            "bomchange_is_in_its_lines",
        ),
        (
            "INSERT INTO agreements_agreementobject (version, reference, agreement_id, service_object_id,"
            " service_bom_id) SELECT 1, 'second', agreement_id, service_object_id, service_bom_id"
            " FROM agreements_agreementobject WHERE service_bom_id IS NOT NULL",
            "agreementobject_bom_one_holder",
        ),
    ],
)
def test_TB_07_no_sql_rewrites_the_history_of_a_service_bom(statement: str, name: str) -> None:
    change(part_of(make_bom(4), "P1"), 3)
    with pytest.raises(DatabaseError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; {statement}")
    assert error.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]


def test_a_bom_of_one_object_is_never_held_by_a_relation_of_another() -> None:
    bom, other = make_bom(4), make_relation("Lift 2", service_object=make_object("Lift 2"))
    with pytest.raises(DatabaseError) as error, transaction.atomic():
        type(other).objects.filter(pk=other.pk).update(service_bom=bom)
    assert "one_holder" in error.value.__cause__.diag.constraint_name  # type: ignore[union-attr]


STEP = st.tuples(st.sampled_from("RRAQD"), st.integers(0, 9), st.integers(0, 5), st.integers(1, 5))


@given(steps=st.lists(STEP, min_size=1, max_size=8))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_TB_06_any_sequence_of_changes_played_from_history_gives_the_present_tree(
    steps: list[tuple[str, int, int, int]],
) -> None:
    with transaction.atomic():
        bom = make_bom(4, 2, 1)
        for action, which, quantity, item in steps:
            lines = list(bom.lines.filter(quantity__gt=0).order_by("pk"))
            line = lines[which % len(lines)] if lines else None
            try:
                with transaction.atomic():
                    step(bom, action, line, quantity, f"P{item}")
            except Refused:
                continue
            check_history(bom)
        transaction.set_rollback(True)


def step(bom: ServiceBom, action: str, line: ServiceBomLine | None, quantity: int, item: str) -> None:
    if action == "A" or line is None:
        operations.add_bom_line(
            bom.pk,
            item=make_part(item),
            quantity=Decimal(quantity),
            parent=line if quantity % 2 else None,
            on=TODAY,
            version=None,
            by=None,
        )
    elif action == "D":
        operations.delete_bom_line(line.pk, on=TODAY, version=None, by=None)
    elif action == "R":
        change(line, quantity, replacement=True, item=make_part(item))
    else:
        change(line, quantity)
