"""Which prices a batch would change, to what, and which stay with the reason: everything read in a few statements."""

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext as _

from agreements.models import AdjustmentRow, PriceAdjustment, ServiceAgreement, ServiceAgreementLine
from agreements.pricing.queries import sales_price_on
from servicemgmt.core.display import moment
from servicemgmt.projects.models import PriceModel, Project, SalesPrice

from .rules import Change, adjusted

#: What makes two rows of a price list one price at different days.
KEY = ["price_list_id", "kind", "project_id", "worker_id", "category_id", "item_id", "currency_id"]


def with_successors(agreement_ids: Iterable[int]) -> list[int]:
    """These agreements and what they are renewed by: the price of a term goes on in the next one."""
    found, more = set[int](), set(agreement_ids)
    while more:
        found |= more
        made = ServiceAgreement.objects.filter(predecessor__in=more).values_list("pk", flat=True)
        more = set(made) - found
    return sorted(found)


def lasting_of(adjustment: PriceAdjustment) -> set[int]:
    """The keys of the chosen agreements that do not end before the batch's day."""
    rows = ServiceAgreement.objects.lasting(adjustment.effective_on).filter(pk__in=adjustment.chosen)
    return set(rows.values_list("pk", flat=True))


def rows_of(adjustment: PriceAdjustment) -> list[AdjustmentRow]:
    """The unsaved rows of the batch: each line's own price, and each row of the agreements' price lists."""
    agreements = list(
        ServiceAgreement.objects.contracts()
        .filter(pk__in=adjustment.chosen)
        .select_related("project__currency")
        .order_by("pk")
    )
    lasting = lasting_of(adjustment)
    return [*_lines(adjustment, agreements, lasting), *_price_rows(adjustment, agreements, lasting)]


def _lines(
    adjustment: PriceAdjustment, agreements: Sequence[ServiceAgreement], lasting: Container[int]
) -> Iterator[AdjustmentRow]:
    """A line whose term before has a price from the day or later already keeps its own: that price is in it."""
    known = {row.pk: row for row in agreements}
    before: dict[int, str] = {}
    lines = ServiceAgreementLine.objects.filter(agreement__in=known).prefetch_related("prices")
    for line in lines.order_by("agreement_id", "line_number"):
        agreement, price = known[line.agreement_id], sales_price_on(line, adjustment.effective_on)
        if price is None or agreement.project is None:
            continue
        row = AdjustmentRow(
            adjustment=adjustment,
            agreement=agreement,
            line=line,
            label=str(line)[:200],
            currency=agreement.project.currency,
            old_price=price,
        )
        first = line.continues_id or line.pk
        later = there_already((found.valid_from for found in line.prices.all()), adjustment.effective_on)
        before[first] = later = later or before.get(first, "")
        yield settled(row, why_not_line(line, agreement, adjustment.effective_on, lasting) or later)


def why_not_line(
    line: ServiceAgreementLine, agreement: ServiceAgreement, on: date, lasting: Container[int]
) -> str:
    """Why the line's price stays, or nothing; a line that ends with its agreement is renewed with it."""
    if sentence := why_not_agreement(agreement, on, lasting):
        return sentence
    if line.end_date and line.end_date < on and line.end_date != agreement.end_date:
        return _("The line ended before.")
    return ""


def why_not_agreement(agreement: ServiceAgreement, on: date, lasting: Container[int]) -> str:
    """Why no price of the agreement changes on the day, or nothing. `lasting` are the keys of those that go on."""
    if agreement.pk not in lasting:
        return _("The agreement ends before.")
    fixed = agreement.prices_fixed_until
    if fixed and fixed >= on:
        return _("Its prices are fixed until %(day)s.") % {"day": moment(fixed)}
    return ""


def there_already(days: Iterable[date], on: date) -> str:
    """That somebody set a price from the day or a later one."""
    later = min((day for day in days if day >= on), default=None)
    return _("There is a price from %(day)s already.") % {"day": moment(later)} if later else ""


def _price_rows(
    adjustment: PriceAdjustment, agreements: Sequence[ServiceAgreement], lasting: Container[int]
) -> Iterator[AdjustmentRow]:
    by_list: dict[int, list[ServiceAgreement]] = defaultdict(list)
    for agreement in agreements:
        if agreement.price_list_id:
            by_list[agreement.price_list_id].append(agreement)
    others = others_of(list(by_list), adjustment)
    prices: dict[tuple[object, ...], list[SalesPrice]] = defaultdict(list)
    rows = SalesPrice.objects.filter(price_list__in=by_list)
    for price in rows.select_related("currency", "category", "worker", "project", "item").order_by("pk"):
        prices[tuple(getattr(price, name) for name in KEY)].append(price)
    for found in prices.values():
        begun = [price for price in found if price.valid_from <= adjustment.effective_on]
        if not begun:
            continue
        price = max(begun, key=lambda row: row.valid_from)
        users = by_list[price.price_list_id or 0]
        row = AdjustmentRow(
            adjustment=adjustment,
            agreement=users[0],
            sales_price=price,
            label=label_of(price),
            currency=price.currency,
            old_price=price.price,
        )
        later = [other.valid_from for other in found]
        yield settled(row, _why_not_row(price, users, others, adjustment.effective_on, later, lasting))


def _why_not_row(
    price: SalesPrice,
    users: Sequence[ServiceAgreement],
    others: dict[int, str],
    on: date,
    days: Iterable[date],
    lasting: Container[int],
) -> str:
    if price.model != PriceModel.QUANTITY:
        return _("It is made from the cost.")
    other = others.get(price.price_list_id or 0, "")
    return why_not_list(users, other, on, lasting) or there_already(days, on)


def why_not_list(users: Sequence[ServiceAgreement], other: str, on: date, lasting: Container[int]) -> str:
    """Why no price of a list changes on the day: `other` uses it too, or one of its chosen users keeps its prices.

    A user that ends before has no say, unless they all do.
    """
    if other:
        return _("The price list is used by %(other)s too, which is not chosen.") % {"other": other}
    for agreement in [row for row in users if row.pk in lasting] or users:
        if sentence := why_not_agreement(agreement, on, lasting):
            return f"{agreement.number}: {sentence}"[:200]
    return ""


def others_of(lists: Collection[int], adjustment: PriceAdjustment) -> dict[int, str]:
    """Somebody else who uses each list on the batch's day or later: an agreement or a quote that is not chosen, or a
    project."""
    asks = Q(pk__in=ServiceAgreement.objects.lasting(adjustment.effective_on).values("pk"))
    quoted = Q(pk__in=ServiceAgreement.objects.quotes().values("pk"))
    agreements = ServiceAgreement.objects.filter(asks | quoted, price_list__in=lists)
    agreements = agreements.exclude(pk__in=adjustment.chosen)
    found = dict(Project.objects.filter(price_list__in=lists).values_list("price_list_id", "number"))
    return found | dict(agreements.order_by("-pk").values_list("price_list_id", "number"))


def label_of(price: SalesPrice) -> str:
    """A row of a price list as people name it."""
    named = [price.category, price.worker, price.item, price.project]
    return " · ".join([price.get_kind_display(), *(str(part) for part in named if part)])[:200]


def settled(row: AdjustmentRow, why_not: str) -> AdjustmentRow:
    """The row with its new price, or with the reason why it stays."""
    batch = row.adjustment
    price: Decimal = adjusted(
        row.old_price, Change(batch.percent, batch.floor, batch.cap), row.currency.digits
    )
    if not why_not and price == row.old_price:
        why_not = _("Rounded, it stays as it is.")
    row.skipped, row.new_price = why_not[:200], None if why_not else price
    return row


def same_price(price: SalesPrice) -> Q:
    """The rows that are the same price on other days."""
    found = Q()
    for name in KEY:
        value = getattr(price, name)
        found &= Q(**{f"{name.removesuffix('_id')}__isnull": True}) if value is None else Q(**{name: value})
    return found
