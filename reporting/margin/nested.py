"""The report with all its levels at once: customer, agreement, order and type, each with its totals below it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any

from servicemgmt.core.money import ZERO

#: What is added up: amounts, and of how many lines the sales are not in them.
AMOUNTS = ["sum_cost", "sum_sales", "sum_invoiced", "sum_covered", "unvalued_lines"]
#: The levels from the widest to the narrowest, and the columns by which a row belongs to each.
BRANCHES: list[tuple[str, list[str]]] = [
    ("customer", ["order__customer__number"]),
    ("agreement", ["order__customer__number", "order__agreement__number"]),
    ("order", ["order__customer__number", "order__agreement__number", "order__number"]),
]


@dataclass(slots=True)
class Sums:
    """What a branch comes to, each currency of the cost for itself."""

    by_currency: dict[str, dict[str, Decimal]] = field(default_factory=dict)

    def add(self, row: dict[str, Any]) -> None:
        found = self.by_currency.setdefault(row["cost_currency"], dict.fromkeys(AMOUNTS, ZERO))
        for name in AMOUNTS:
            found[name] += row[name] or ZERO


def nested(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The rows of the level ALL in their order, and after each branch its totals; `branch` says what a row is.

    Reads and gives one row after the other, whatever their number.
    """
    total = Sums()

    def walk(part: Iterable[dict[str, Any]], depth: int, above: list[Sums]) -> Iterator[dict[str, Any]]:
        if depth == len(BRANCHES):
            for row in part:
                for sums in above:
                    sums.add(row)
                yield row | {"branch": ""}
            return
        name, keys = BRANCHES[depth]
        for _key, group in groupby(part, key=lambda row: [row[key] for key in keys]):
            own = Sums()
            last: dict[str, Any] = {}
            for row in walk(group, depth + 1, [*above, own]):
                last = row
                yield row
            yield from totals_of(own, last, name)

    last: dict[str, Any] = {}
    for row in walk(rows, 0, [total]):
        last = row
        yield row
    yield from totals_of(total, last, "all")


def totals_of(sums: Sums, like: dict[str, Any], branch: str) -> Iterator[dict[str, Any]]:
    """The total rows of a branch, with what its rows say of themselves."""
    for currency, amounts in sums.by_currency.items():
        yield like | amounts | {"branch": branch, "cost_currency": currency, "sum_quantity": None}
