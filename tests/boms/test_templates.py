"""Template BOMs (TB-01, TB-02, TB-04, TB-10)."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from agreements.boms.operations import (
    add_template_line,
    change_bom_line,
    change_template_line,
    create_template,
    delete_bom,
    delete_template,
    save_template,
    template_from_bom,
)
from agreements.boms.trees import flat
from agreements.models import TemplateBom
from servicemgmt.core.errors import Invalid, Refused, Stale, constraint_of
from servicemgmt.core.models import NumberSequence
from servicemgmt.masterdata.models import ItemKind, PartsListLine
from tests import make_boms
from tests.make_boms import make_bom, make_part, make_parts_list, make_template
from tests.make_money import NOW, TODAY

pytestmark = pytest.mark.django_db


def tree(template: TemplateBom) -> list[tuple[int, str, int]]:
    return [
        (row.depth, row.line.item.number, int(row.line.quantity))
        for row in flat(template.lines.select_related("item"))
    ]


def test_TB_01_from_a_parts_list_as_it_was_on_the_day_with_the_parts_of_parts() -> None:
    make_boms.make_sequences()
    lift, drive = make_part("LIFT", ItemKind.BOM), make_part("DRIVE", ItemKind.BOM)
    rope, motor = make_part("ROPE"), make_part("MOTOR")
    make_parts_list(lift, (drive, 2), (rope, 6))
    make_parts_list(drive, (motor, 1))
    make_parts_list(lift, (rope, 8), since=date(2030, 1, 1))
    made = create_template(name="Lift", source="ITEM", item=lift, on=TODAY, by=None)
    assert tree(made) == [(0, "DRIVE", 2), (1, "MOTOR", 2), (0, "ROPE", 6)]
    assert (made.source, made.source_label, made.bom_date) == ("ITEM", "LIFT", TODAY)
    later = create_template(name="Lift", source="ITEM", item=lift, on=date(2031, 1, 1), by=None)
    assert tree(later) == [(0, "ROPE", 8)]
    with pytest.raises(Invalid, match="no parts list"):
        create_template(name="Lift", source="ITEM", item=lift, on=date(2020, 1, 1), by=None)
    with pytest.raises(DatabaseError) as error:
        PartsListLine.objects.create(parts_list=drive.parts_lists.get(), part=lift)
    assert constraint_of(error.value) == "partslistline_acyclic"


def test_TB_01_by_hand_and_from_another_template() -> None:
    source = make_template("Drive", 4, 2)
    add_template_line(
        source.pk,
        version=source.version,
        by=None,
        item=make_part("BOLT"),
        quantity=Decimal(8),
        parent=source.lines.first(),
    )
    with pytest.raises(Invalid, match="part of itself"):
        add_template_line(
            source.pk, version=source.version + 1, by=None, item=source.item, quantity=Decimal(1)
        )
    made = create_template(name="Copy", source="TEMPLATE", template=source, on=TODAY, by=None)
    assert tree(made) == tree(source) == [(0, "P1", 4), (1, "BOLT", 8), (0, "P2", 2)]
    assert (made.item, made.source_label) == (source.item, source.number)
    for fields, field in (
        ({"item": make_part("P1")}, "item"),
        ({}, "item"),
        ({"source": "TEMPLATE"}, "template"),
        ({"item": source.item, "from_date": TODAY, "to_date": date(2020, 1, 1)}, "to_date"),
    ):
        with pytest.raises(Invalid) as refusal:
            create_template(name="X", on=TODAY, by=None, **fields)  # type: ignore[arg-type]
        assert refusal.value.field == field


def test_TB_02_without_its_number_sequence_nothing_is_made() -> None:
    template = make_template()
    assert template.number.startswith("TB-")
    NumberSequence.objects.filter(code="template_bom").delete()
    with pytest.raises(Refused, match="template_bom"), transaction.atomic():
        create_template(name="X", item=template.item, on=TODAY, by=None)
    assert TemplateBom.objects.count() == 1


def test_TB_04_scenario_77_a_line_with_no_quantity_is_removed_with_what_is_below() -> None:
    template = make_template("Drive", 4, 2)
    first = template.lines.order_by("position").first()
    assert first
    add_template_line(
        template.pk,
        version=template.version,
        by=None,
        item=make_part("BOLT"),
        quantity=Decimal(8),
        parent=first,
    )
    with pytest.raises(Stale):
        change_template_line(first.pk, quantity=Decimal(0), version=template.version, by=None)
    assert change_template_line(first.pk, quantity=Decimal(0), version=template.version + 1, by=None) is None
    assert tree(template) == [(0, "P2", 2)]
    with pytest.raises(Invalid):
        change_template_line(
            template.lines.get().pk, quantity=Decimal(-1), version=template.version + 2, by=None
        )
    delete_template(template.pk, version=template.version + 2, by=None)
    assert not TemplateBom.objects.exists()


def test_TB_04_a_template_in_use_is_locked_for_the_operations_and_for_sql() -> None:
    bom = make_bom(4, 2)
    template = bom.template
    line = template.lines.first()
    assert line
    for work in (
        lambda: change_template_line(line.pk, quantity=Decimal(3), version=template.version, by=None),
        lambda: add_template_line(
            template.pk, version=template.version, by=None, item=line.item, quantity=Decimal(1)
        ),
        lambda: save_template(
            template.pk, version=template.version, by=None, name="X", from_date=None, to_date=None
        ),
        lambda: delete_template(template.pk, version=template.version, by=None),
    ):
        with pytest.raises(Refused, match="Make a copy"), transaction.atomic():
            work()  # type: ignore[no-untyped-call]
    for statement, name in (
        ("UPDATE agreements_templatebom SET name = 'X'", "templatebom_locked"),
        ("UPDATE agreements_templatebomline SET quantity = 9", "templatebomline_locked"),
        ("DELETE FROM agreements_templatebomline", "templatebomline_locked"),
    ):
        with pytest.raises(DatabaseError) as error, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert error.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]


def test_TB_10_a_template_of_what_a_service_bom_became() -> None:
    bom = make_bom(4, 2)
    first = make_boms.part_of(bom, "P1")
    change_bom_line(
        first.pk, quantity=Decimal(1), replacement=True, item=make_part("P9"), on=TODAY, version=None, by=None
    )
    made = template_from_bom(bom.pk, name="As repaired", on=TODAY, by=None)
    assert sorted(tree(made)) == [(0, "P1", 3), (0, "P2", 2), (0, "P9", 1)]
    assert (made.source, made.source_label) == ("SERVICE", bom.service_object.number)
    bom.refresh_from_db()
    delete_bom(bom.pk, version=bom.version, by=None, at=NOW)
    with pytest.raises(Refused, match="deleted"):
        template_from_bom(bom.pk, name="X", on=TODAY, by=None)
