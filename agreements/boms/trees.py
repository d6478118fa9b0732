"""Trees of BOM lines: copying them, exploding an item's parts list, and playing a history. No rules of their own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from agreements.models import BomAction, ServiceBomLine, TemplateBomLine
from servicemgmt.core.bulk import give_keys, take_keys
from servicemgmt.masterdata.models import Item, PartsListLine

type Line = TemplateBomLine | ServiceBomLine

#: How deep parts lists are followed; nothing that people build is deeper.
DEPTH = 12


def copied[Row: (TemplateBomLine, ServiceBomLine)](
    sources: Sequence[Line], model: type[Row], **common: Any
) -> list[Row]:
    """The same tree as unsaved rows of `model` that know their keys; `common` is what all of them get.

    A line whose parent is not among the sources becomes a root.
    """
    keys = dict(zip([line.pk for line in sources], take_keys(model, len(sources)), strict=True))
    return [
        model(
            pk=keys[line.pk],
            parent_id=keys.get(line.parent_id) if line.parent_id else None,
            position=line.position,
            item_id=line.item_id,
            quantity=line.quantity,
            unit_id=line.unit_id,
            lot_number=line.lot_number,
            **common,
        )
        for line in sources
    ]


def exploded(item: Item, *, on: date, template_id: int) -> list[TemplateBomLine]:
    """The parts of an item by its parts list of that day, and theirs below them, as unsaved lines with keys.

    Quantities are for one of the item. One query a level; nothing where the item has no list on that day.
    """
    made: list[TemplateBomLine] = []
    level: list[tuple[TemplateBomLine | None, int, Decimal]] = [(None, item.pk, Decimal(1))]
    for _depth in range(DEPTH):
        parts = parts_on({key for _parent, key, _quantity in level}, on)
        new = [
            TemplateBomLine(
                template_id=template_id,
                parent=parent,
                position=position,
                item=row.part,
                unit_id=row.part.unit_id,
                quantity=row.quantity * quantity,
            )
            for parent, key, quantity in level
            for position, row in enumerate(parts.get(key, []), 1)
        ]
        if not new:
            break
        give_keys(new)
        for line in new:
            line.parent_id = line.parent.pk if line.parent else None
        made += new
        level = [(line, line.item_id, line.quantity) for line in new]
    return made


def parts_on(items: Iterable[int], on: date) -> Mapping[int, list[PartsListLine]]:
    """The lines of each item's parts list that is valid on the day."""
    rows = PartsListLine.objects.filter(parts_list__item__in=items, parts_list__valid_from__lte=on)
    found: dict[int, list[PartsListLine]] = {}
    latest: dict[int, date] = {}
    for row in rows.select_related("parts_list", "part").order_by("-parts_list__valid_from", "pk"):
        key, since = row.parts_list.item_id, row.parts_list.valid_from
        if latest.setdefault(key, since) == since:
            found.setdefault(key, []).append(row)
    return found


@dataclass(frozen=True, slots=True)
class Shown[Row]:
    """A line and how deep it lies in the tree, for a page that shows the tree as a list."""

    line: Row
    depth: int


def flat[Row: (TemplateBomLine, ServiceBomLine)](lines: Iterable[Row]) -> list[Shown[Row]]:
    """The tree in reading order. A line whose parent is gone stands at the top."""
    rows = sorted(lines, key=lambda line: (line.position, line.pk))
    present = {line.pk for line in rows}
    below: dict[int | None, list[Row]] = {}
    for line in rows:
        parent = line.parent_id if line.parent_id in present else None
        below.setdefault(parent, []).append(line)

    def walk(parent: int | None, depth: int) -> Iterator[Shown[Row]]:
        for line in below.get(parent, []):
            yield Shown(line, depth)
            yield from walk(line.pk, depth + 1)

    return list(walk(None, 0))


def subtree[Row: (TemplateBomLine, ServiceBomLine)](lines: Iterable[Row], root: Row) -> list[Row]:
    """The line and everything below it, parents first."""
    rows, found = list(lines), [root]
    for line in found:
        found += [row for row in rows if row.parent_id == line.pk]
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """What a row of the history says, apart from who and when (see `BomChange`)."""

    action: str
    active: int | None
    replaced: int | None
    quantity: Decimal
    before: Decimal
    left: Decimal


def replayed(first: Mapping[int, Decimal], changes: Iterable[Change]) -> dict[int, Decimal]:
    """The quantity of each present line, from those the template brought and every change in its order.

    Raises ValueError where a change does not fit what is there: then the history is not of this BOM.
    """
    held = dict(first)
    for change in changes:
        if change.replaced is not None:
            if held.get(change.replaced, Decimal(0)) != change.before:
                raise ValueError(f"line {change.replaced} had not {change.before}")
            held[change.replaced] = change.left
        if change.active is not None and change.action != BomAction.QTY_CHANGED:
            if change.active in held:
                raise ValueError(f"line {change.active} is there already")
            held[change.active] = change.quantity
    return {key: quantity for key, quantity in held.items() if quantity}
