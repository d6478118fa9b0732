"""Where the lines of an invoice come from: printed at the head where all have it in common, else above their groups."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..models import TransactionSource
from .lines import Proposed


class Origin(NamedTuple):
    """What a customer knows a line's work by; '' for what it has not. `order` is the service order's number."""

    project: str
    purchase_order: str
    site: str
    order: str
    agreement: str


def origin_of(line: Proposed) -> Origin:
    return Origin(
        f"{line.project_number} {line.project_name}",
        line.purchase_order,
        line.site_name or "",
        line.document or "" if line.source == TransactionSource.ORDER else "",
        line.agreement_number,
    )


def grouped(lines: Sequence[Proposed]) -> tuple[Sequence[Proposed], dict[str, str], list[dict[str, Any]]]:
    """The lines with those of one origin together, what all have in common, and what each group has besides.

    Groups stand as their first lines do, what has no heading before them; the position is that of the first line.
    """
    rank: dict[Origin, int] = {}
    of_line = {line.pk: origin_of(line) for line in lines}
    for origin in of_line.values():
        rank.setdefault(origin, len(rank))
    common = {
        name: values.pop()
        for name, *found in zip(Origin._fields, *rank, strict=True)
        if len(values := set(found)) == 1
    }
    own = {
        origin: {name: value for name, value in origin._asdict().items() if value and name not in common}
        for origin in rank
    }
    ordered = sorted(lines, key=lambda line: (bool(own[of_line[line.pk]]), rank[of_line[line.pk]]))
    groups: list[dict[str, Any]] = []
    for position, line in enumerate(ordered, start=1):
        heading = own[of_line[line.pk]]
        if heading and (not groups or groups[-1]["origin"] != heading):
            groups.append({"position": position, "origin": heading})
    return ordered, {name: value for name, value in common.items() if value}, groups
