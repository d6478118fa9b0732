"""A slice together with what credits cut from it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Q

from servicemgmt.core.money import ZERO

from ..models import AccrualSlice, SliceStatus


@dataclass(slots=True)
class Family:
    """The slice of an invoice's line and its cuts, saved or not yet."""

    first: AccrualSlice
    cuts: list[AccrualSlice] = field(default_factory=list)

    @property
    def cut(self) -> Decimal:
        """What was cut so far in the document's currency, of the opposite sign."""
        return sum((row.amount for row in self.cuts), ZERO)

    @property
    def company_cut(self) -> Decimal:
        return sum((row.company_amount for row in self.cuts), ZERO)

    @property
    def rows(self) -> list[AccrualSlice]:
        return [self.first, *self.cuts]

    @property
    def is_gone(self) -> bool:
        """Whether credits took all of it."""
        return bool(self.cuts) and not (
            self.first.amount + self.cut or self.first.company_amount + self.company_cut
        )

    def add_cut(self, line: int, amount: Decimal, company_amount: Decimal) -> AccrualSlice:
        """A new cut of the slice, of a credit note's line by its key; open like the slice, not saved."""
        first = self.first
        row = AccrualSlice(
            transaction_id=first.transaction_id,
            line_id=line,
            rule=first.rule,
            cuts=first,
            starts_on=first.starts_on,
            ends_on=first.ends_on,
            amount=amount,
            company_amount=company_amount,
            deferred_account=first.deferred_account,
            revenue_account=first.revenue_account,
        )
        if first.status != SliceStatus.OPEN and row.is_nothing:
            row.status = SliceStatus.NOTHING
        self.cuts.append(row)
        return row

    def cancel(self) -> list[AccrualSlice]:
        """Cancel what waits of a slice that is gone, saved or not (billing-rules 49); returns the saved rows."""
        if not self.is_gone or self.first.status != SliceStatus.OPEN:
            return []
        waiting = [row for row in self.rows if row.status == SliceStatus.OPEN]
        for row in waiting:
            row.status = SliceStatus.CANCELLED
        return [row for row in waiting if row.pk]


def families_of(lines: Iterable[int | None]) -> dict[int, list[Family]]:
    """The slices of these invoice lines with their cuts, by line and in order of their days, all under lock."""
    keys = {key for key in lines if key}
    if not keys:
        return {}
    wanted = AccrualSlice.objects.filter(Q(line__in=keys) | Q(cuts__line__in=keys))
    locked = list(
        wanted.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk", flat=True)
    )
    rows = AccrualSlice.objects.filter(pk__in=locked)  # read anew: who had the lock may have recognised them
    return grouped(
        rows.select_related("rule", "voucher", "deferred_account", "revenue_account").order_by("pk")
    )


def grouped(rows: Iterable[AccrualSlice]) -> dict[int, list[Family]]:
    """Slices and their cuts as families, by the line of the first."""
    found = list(rows)
    families = {row.pk: Family(row) for row in found if not row.cuts_id}
    for row in found:
        if row.cuts_id:
            families[row.cuts_id].cuts.append(row)
    by_line: dict[int, list[Family]] = {}
    for family in sorted(families.values(), key=lambda one: one.first.starts_on):
        by_line.setdefault(family.first.line_id, []).append(family)
    return by_line
