"""Builders of parts lists, template BOMs and service BOMs, through the operations that people use."""

from datetime import date
from decimal import Decimal
from typing import Any

from agreements.boms.operations import add_template_line, attach_bom, create_template
from agreements.models import AgreementObject, ServiceBom, ServiceBomLine, TemplateBom
from agreements.operations import relate_object
from servicemgmt.core.models import NumberSequence, User
from servicemgmt.masterdata.models import Item, ItemKind, PartsList, PartsListLine
from tests import make_money
from tests.make_agreements import make_agreement, make_object
from tests.make_money import TODAY


def make_sequences() -> None:
    """TB-02: the two number sequences of BOMs."""
    for code, prefix in (("template_bom", "TB-"), ("bom_change", "BC-")):
        NumberSequence.objects.get_or_create(code=code, defaults={"description": code, "prefix": prefix})


def make_part(number: str, kind: str = ItemKind.ITEM, **fields: Any) -> Item:
    """An item, made on first use of the number."""
    make_money.firm()
    return make_money.item(number, kind=kind, **fields)


def make_parts_list(whole: Item, *parts: tuple[Item, int], since: date = date(2026, 1, 1)) -> PartsList:
    """What an item consists of from a day on."""
    found = PartsList.objects.create(item=whole, valid_from=since)
    for part, quantity in parts:
        PartsListLine.objects.create(parts_list=found, part=part, quantity=quantity)
    return found


def make_template(name: str = "Lift drive", *quantities: int, by: User | None = None) -> TemplateBom:
    """A template with a part P1, P2 … for each of the quantities (4, 2, 1, 1, 1)."""
    make_sequences()
    row = create_template(name=name, item=make_part("LIFT", ItemKind.BOM), on=TODAY, by=by)
    for number, quantity in enumerate(quantities or (4, 2, 1, 1, 1), 1):
        version = TemplateBom.objects.values_list("version", flat=True).get(pk=row.pk)
        part = make_part(f"P{number}")
        add_template_line(row.pk, version=version, by=by, item=part, quantity=Decimal(quantity))
    row.refresh_from_db()
    return row


def make_relation(description: str = "Lift 1", **fields: Any) -> AgreementObject:
    """An object related to an agreement of its customer."""
    agreement = fields.pop("agreement", None) or make_agreement()
    thing = fields.pop("service_object", None) or make_object(description)
    return relate_object(agreement.pk, thing, by=None, **fields)


def make_bom(*quantities: int, relation: AgreementObject | None = None, by: User | None = None) -> ServiceBom:
    """A service BOM attached to an object of an agreement."""
    holder = relation or make_relation()
    return attach_bom(holder, make_template("Lift drive", *quantities), on=TODAY, by=by)


def part_of(bom: ServiceBom, number: str) -> ServiceBomLine:
    """The present line of an item."""
    found: ServiceBomLine = bom.lines.get(item__number=number, quantity__gt=0)
    return found
