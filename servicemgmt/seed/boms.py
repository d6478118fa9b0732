"""What air handling units consist of: parts lists, a template, the units of two agreements, and what was replaced."""

from datetime import date
from decimal import Decimal

from agreements.boms.operations import attach_bom, change_bom_line, create_template
from agreements.models import AgreementObject, BomSource, ServiceBom
from orders.models import OrderProgress, ServiceOrder
from orders.operations import Billing, replace_part
from servicemgmt.core.editing import create_rows
from servicemgmt.masterdata.models import Item, ItemKind, ItemTaxGroup, PartsList, PartsListLine, Unit
from servicemgmt.projects.models import Category

from .crew import Crew

#: number, name, parts: (number of the part, how many)
WHOLES = [
    ("A-710", "Fan section", [("B-200", 2), ("B-210", 2), ("E-410", 1)]),
    ("A-700", "Air handling unit Ventus 4000", [("A-710", 1), ("F-100", 4), ("F-110", 4), ("E-400", 1)]),
]


def seed_boms(crew: Crew) -> None:
    """Of four units in agreements the parts are known; filters of one were replaced on an order, of one by hand."""
    by = crew.user("Planner")
    unit = seed_parts_lists(crew)
    template = create_template(
        name="Air handling unit", source=BomSource.ITEM, item=unit, on=crew.today, by=by
    )
    relations = AgreementObject.objects.filter(service_object__description__startswith="Air handling")
    boms = [attach_bom(relation, template, on=crew.today, by=by) for relation in relations.order_by("pk")[:4]]
    for bom in boms[1:]:
        if replaced(crew, bom):
            break
    filters = boms[0].lines.get(item__number="F-110")
    change_bom_line(
        filters.pk, quantity=Decimal(3), on=crew.today, version=None, by=by, text="One frame is blanked off"
    )


def seed_parts_lists(crew: Crew) -> Item:
    """The items that consist of others, with their lists; the last one is the whole unit."""
    by, since = crew.user("Planner"), date(crew.today.year - 1, 1, 1)
    wholes = create_rows(
        (
            Item(
                number=number,
                name=name,
                kind=ItemKind.BOM,
                is_stocked=False,
                unit=crew.masters(Unit, "PC"),
                tax_group=crew.masters(ItemTaxGroup, "FULL"),
            )
            for number, name, _parts in WHOLES
        ),
        by=by,
    )
    lists = create_rows((PartsList(item=whole, valid_from=since) for whole in wholes), by=by)
    known = {item.number: item for item in [*crew.base.items, *wholes]}
    PartsListLine.objects.bulk_create(
        PartsListLine(parts_list=found, part=known[number], quantity=quantity)
        for found, (_number, _name, parts) in zip(lists, WHOLES, strict=True)
        for number, quantity in parts
    )
    return wholes[-1]


def replaced(crew: Crew, bom: ServiceBom) -> bool:
    """Two filters of the unit, billed on a coming order of its agreement; False where there is none."""
    order = ServiceOrder.objects.filter(
        agreement=bom.agreementobject.agreement_id,
        object_relations__service_object=bom.service_object_id,
        progress=OrderProgress.IN_PROCESS,
        stage__can_modify=True,
        service_on__gte=crew.today,
    ).first()
    if order is None:
        return False
    replace_part(
        bom.lines.get(item__number="F-100").pk,
        quantity=Decimal(2),
        on=crew.today,
        version=None,
        by=crew.user("Planner"),
        at=crew.now,
        text="Torn",
        order=order,
        billing=Billing.LINE,
        category=crew.masters(Category, "PARTS"),
    )
    return True
