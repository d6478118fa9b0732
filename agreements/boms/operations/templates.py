"""Template BOMs: made from four sources, changed while nothing stands on them (TB-01, TB-04, TB-10)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.models import BomSource, ServiceBom, TemplateBom, TemplateBomLine
from servicemgmt.core.audit import plain, record
from servicemgmt.core.editing import change_row
from servicemgmt.core.errors import Invalid, Refused, Sentence, refusing
from servicemgmt.core.models import User
from servicemgmt.core.money import check_size
from servicemgmt.core.numbers import take_number
from servicemgmt.core.stale import stale
from servicemgmt.masterdata.models import Item, ItemKind, Unit
from servicemgmt.masterdata.units import unit_of

from ..trees import Line, copied, exploded, subtree

LOCKED = gettext_lazy(
    "This template BOM is in use by a service BOM and stays as it is. Make a copy to change it."
)
#: What the database says of the same.
LOCKS: dict[str, Sentence] = {"templatebom_locked": LOCKED, "templatebomline_locked": LOCKED}


@transaction.atomic
def create_template(
    *,
    name: str,
    on: date,
    by: User | None,
    source: str = BomSource.MANUAL,
    item: Item | None = None,
    template: TemplateBom | None = None,
    from_date: date | None = None,
    to_date: date | None = None,
) -> TemplateBom:
    """TB-01: a template with the lines of its source as they are on the day `on`, which is recorded.

    From nothing and from a parts list it needs the `item`, of the kind bill of materials; from another `template` it
    gets that one's. Lines of production orders cannot be taken: this product has none. Raises Invalid at the field.
    """
    if source == BomSource.TEMPLATE:
        if template is None:
            raise Invalid(_("Choose the template BOM to copy."), field="template")
        item = template.item
    if item is None or item.kind != ItemKind.BOM:
        raise Invalid(_("Choose an item of the kind bill of materials."), field="item")
    if from_date and to_date and to_date < from_date:
        raise Invalid(_("It would end before it starts."), field="to_date")
    row = TemplateBom(name=name, item=item, from_date=from_date, to_date=to_date, source=source, bom_date=on)
    if source == BomSource.TEMPLATE and template:
        row.source_label = template.number
        return _created(row, list(template.lines.all()), by)
    if source == BomSource.ITEM:
        row.source_label = item.number
        return _from_parts_list(row, on, by)
    return _created(row, [], by)


@transaction.atomic
def template_from_bom(bom_id: int, *, name: str, on: date, by: User | None) -> TemplateBom:
    """TB-10: a template of what a service BOM holds now, its changes included. Raises Refused for a deleted one."""
    bom = ServiceBom.objects.select_for_update(of=["self"], no_key=True).get(pk=bom_id)
    if bom.removed_at:
        raise Refused(_("This service BOM is deleted."))
    row = TemplateBom(
        name=name,
        item=bom.template.item,
        source=BomSource.SERVICE,
        source_label=bom.service_object.number,
        bom_date=on,
    )
    return _created(row, list(bom.lines.filter(quantity__gt=0)), by)


def _created(row: TemplateBom, sources: Sequence[Line], by: User | None) -> TemplateBom:
    _numbered(row)
    lines = copied(sources, TemplateBomLine, template=row)
    return _with_lines(row, lines, by)


def _from_parts_list(row: TemplateBom, on: date, by: User | None) -> TemplateBom:
    _numbered(row)
    lines = exploded(row.item, on=on, template_id=row.pk)
    if not lines:
        raise Invalid(
            _("%(item)s has no parts list on %(day)s.") % {"item": row.item, "day": date_format(on)},
            field="item",
        )
    return _with_lines(row, lines, by)


def _numbered(row: TemplateBom) -> None:
    row.number = take_number("template_bom")
    row.save()


def _with_lines(row: TemplateBom, lines: list[TemplateBomLine], by: User | None) -> TemplateBom:
    TemplateBomLine.objects.bulk_create(lines)
    record("created", row, by=by, changes={"lines": [None, len(lines)]})
    return row


@transaction.atomic
def save_template(
    template_id: int,
    *,
    version: int,
    by: User | None,
    name: str,
    from_date: date | None,
    to_date: date | None,
) -> TemplateBom:
    """Change the head of a template that is not in use (TB-04). Raises Stale, Refused, Invalid."""
    _lock(template_id, version)
    if from_date and to_date and to_date < from_date:
        raise Invalid(_("It would end before it starts."), field="to_date")
    fields = {"name": name, "from_date": from_date, "to_date": to_date}
    with refusing(**LOCKS):
        return change_row(TemplateBom, template_id, version=version, by=by, fields=fields)


@transaction.atomic
def delete_template(template_id: int, *, version: int, by: User | None) -> None:
    """Delete a template that no service BOM was ever made from. Raises Stale, Refused."""
    row = _lock(template_id, version)
    if row.service_boms.exists():
        raise Refused(_("Deleted service BOMs still have their history from this template; it stays."))
    record("deleted", row, by=by)
    with refusing(**LOCKS):
        row.lines.all().delete()
        row.delete()


@transaction.atomic
def add_template_line(
    template_id: int,
    *,
    version: int,
    by: User | None,
    item: Item,
    quantity: Decimal,
    unit: Unit | None = None,
    parent: TemplateBomLine | None = None,
) -> TemplateBomLine:
    """A part at the end, or below another part of the same template. The unit is the item's if not told.

    Raises Stale; Refused once the template is in use (TB-04); Invalid at the field.
    """
    row = _lock(template_id, version)
    _check_quantity(quantity)
    if parent and parent.template_id != template_id:
        raise Invalid(_("This part is of another template BOM."), field="parent")
    if item.pk == row.item_id:
        raise Invalid(_("%(item)s would be a part of itself.") % {"item": item}, field="item")
    last = row.lines.filter(parent=parent).aggregate(last=Max("position"))["last"] or 0
    with refusing(**LOCKS):
        line = TemplateBomLine.objects.create(
            template=row,
            parent=parent,
            position=last + 1,
            item=item,
            quantity=quantity,
            unit=unit_of(item, unit),
        )
    _touched(row)
    record("line_added", row, by=by, changes={str(item): [None, plain(quantity)]})
    return line


@transaction.atomic
def change_template_line(
    line_id: int, *, quantity: Decimal, version: int, by: User | None
) -> TemplateBomLine | None:
    """Another quantity; 0 deletes the line and what hangs below it (TB-04, scenario 77), and gives None.

    `version` is the template's. Raises Stale; Refused once it is in use; Invalid for less than nothing.
    """
    template_id = TemplateBomLine.objects.values_list("template_id", flat=True).get(pk=line_id)
    row = _lock(template_id, version)
    line = row.lines.select_related("item").get(pk=line_id)
    before = line.quantity
    with refusing(**LOCKS):
        if not quantity:
            _removed(row, line)
        else:
            _check_quantity(quantity)
            line.quantity = quantity
            line.version += 1
            line.save(update_fields=["quantity", "version"])
    _touched(row)
    action = "line_changed" if quantity else "line_removed"
    record(
        action, row, by=by, changes={str(line.item): [plain(before), plain(quantity) if quantity else None]}
    )
    return line if quantity else None


def _removed(row: TemplateBom, line: TemplateBomLine) -> None:
    keys = [found.pk for found in subtree(row.lines.all(), line)]
    row.lines.filter(pk__in=keys).update(parent=None)
    row.lines.filter(pk__in=keys).delete()


def _check_quantity(quantity: Decimal) -> None:
    if quantity <= 0:
        raise Invalid(_("The quantity must be more than 0."), field="quantity")
    check_size(quantity)


def _lock(template_id: int, version: int) -> TemplateBom:
    row = TemplateBom.objects.select_for_update(of=["self"], no_key=True).get(pk=template_id)
    if row.version != version:
        raise stale(_("%(row)s was changed by someone else meanwhile.") % {"row": row}, row)
    if row.service_boms.filter(removed_at=None).exists():
        raise Refused(LOCKED)
    return row


def _touched(row: TemplateBom) -> None:
    row.version += 1
    with refusing(**LOCKS):
        row.save(update_fields=["version"])
