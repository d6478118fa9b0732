"""The rows of the price search read once, for runs that price many lines."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.db.models import Q

from servicemgmt.masterdata.models import Company, Currency, ExchangeRate
from servicemgmt.masterdata.queries import rate_on

from ..models import CostPrice, SalesDiscount, SalesPrice
from .discounts import NAMES
from .search import COST_NAMES, SALES_NAMES, Lookup, Wanted


class PriceBook(Lookup):
    """Answers as `Lookup` does, for lines of these projects and price lists; four statements, and one for conversions.

    Holds what stood in the database then: make one per transaction.
    """

    def __init__(self, projects: Collection[int], lists: Collection[int]) -> None:
        wanted = (Q(project__isnull=True) | Q(project__in=projects)) & (
            Q(price_list__isnull=True) | Q(price_list__in=lists)
        )
        self._cost = _by_kind(CostPrice.objects.filter(wanted).select_related(*COST_NAMES))
        self._sales = _by_kind(SalesPrice.objects.filter(wanted).select_related(*SALES_NAMES))
        self._discounts = list(
            SalesDiscount.objects.filter(Q(project__isnull=True) | Q(project__in=projects)).select_related(
                *NAMES
            )
        )
        self._rates: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
        for currency, day, rate in ExchangeRate.objects.order_by("valid_from").values_list(
            "currency_id", "valid_from", "rate"
        ):
            self._rates[currency].append((day, rate))

    @cached_property
    def _company_currency(self) -> int | None:
        """Only asked where an amount is converted."""
        return Company.objects.values_list("currency_id", flat=True).first()

    @cached_property
    def _changes(self) -> list[date]:
        """The days from which anything read here counts, in order."""
        rows: list[CostPrice | SalesPrice | SalesDiscount] = [*self._discounts]
        rows += [row for found in self._cost.values() for row in found]
        rows += [row for found in self._sales.values() for row in found]
        return sorted(
            {row.valid_from for row in rows} | {day for rates in self._rates.values() for day, _ in rates}
        )

    def epoch(self, on: date) -> int:
        """Between two days of the same epoch nothing begins to count: a line is priced alike, with the same reason."""
        return bisect_right(self._changes, on)

    def days(self, first: date, last: date) -> list[date]:
        """The days from `first` to `last` from which anything else counts."""
        return self._changes[bisect_left(self._changes, first) : bisect_right(self._changes, last)]

    def cost_rows(self, wanted: Wanted) -> Iterable[CostPrice]:
        return _fitting(self._cost, wanted)

    def sales_rows(self, wanted: Wanted) -> Iterable[SalesPrice]:
        item = wanted.item.pk if wanted.item else None
        return (row for row in _fitting(self._sales, wanted) if row.item_id in (None, item))

    def discounts(self, wanted: Wanted) -> Iterable[SalesDiscount]:
        project, customer = (
            (wanted.project.pk, wanted.project.customer_id) if wanted.project else (None, None)
        )
        category = wanted.category.pk if wanted.category else None
        item = wanted.item.pk if wanted.item else None
        return [
            row
            for row in self._discounts
            if row.kind == wanted.kind
            and row.project_id in (None, project)
            and row.customer_id in (None, customer)
            and row.category_id in (None, category)
            and row.item_id in (None, item)
        ]

    def rate(self, currency: Currency, on: date) -> Decimal | None:
        if currency.pk == self._company_currency:
            return None
        rates = self._rates[currency.pk]
        place = bisect_right(rates, on, key=lambda pair: pair[0])
        return rates[place - 1][1] if place else rate_on(currency, on)  # which refuses by name


type Rows[Row: (CostPrice, SalesPrice)] = dict[tuple[str, int | None], list[Row]]


def _by_kind[Row: (CostPrice, SalesPrice)](rows: Iterable[Row]) -> Rows[Row]:
    found: Rows[Row] = defaultdict(list)
    for row in rows:
        found[row.kind, row.project_id].append(row)
    return found


def _fitting[Row: (CostPrice, SalesPrice)](rows: Rows[Row], wanted: Wanted) -> list[Row]:
    """The rows that name nothing else than what is wanted, in the order of the models."""
    worker = wanted.worker.pk if wanted.worker else None
    category = wanted.category.pk if wanted.category else None
    of_project: list[Row] = rows.get((wanted.kind, wanted.project.pk), []) if wanted.project else []
    general: list[Row] = rows.get((wanted.kind, None), [])
    found: list[Row] = [
        row
        for row in general + of_project
        if row.worker_id in (None, worker)
        and row.category_id in (None, category)
        and (row.price_list_id is None or row.price_list_id in wanted.lists)
    ]
    found.sort(key=lambda row: (-row.valid_from.toordinal(), row.pk))
    return found
