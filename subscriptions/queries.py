"""Prices and fees of subscriptions, read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from servicemgmt.core.errors import Refused
from servicemgmt.core.periods import Period
from servicemgmt.projects.models import PeriodType, TransactionStatus

from .models import Fee, FeeKind, Subscription, SubscriptionPrice

COVERING = (FeeKind.REGULAR, FeeKind.NON_REGULAR)


@dataclass(frozen=True)
class PriceFound:
    """A price row that won, and the priority at which it did (SB-03)."""

    price: Decimal
    priority: int
    row: SubscriptionPrice


def priority_of(row: SubscriptionPrice) -> int:
    """SB-03: 1 is the most specific. The subscription counts most, then the project, then the category."""
    blank = (row.subscription_id is None, row.project_id is None, row.category_id is None)
    return 1 + 4 * blank[0] + 2 * blank[1] + blank[2]


def find_price(subscription: Subscription, period_type: PeriodType, on: date) -> PriceFound | None:
    """The price of one whole period on that day: period and currency match, then SB-03's order, newest first."""
    rows = SubscriptionPrice.objects.filter(
        Q(category__isnull=True) | Q(category=subscription.category_id),
        Q(project__isnull=True) | Q(project=subscription.project_id),
        Q(subscription__isnull=True) | Q(subscription=subscription.pk),
        period_type=period_type,
        currency=subscription.currency_id,
        valid_from__lte=on,
    )
    found = sorted(rows, key=lambda row: (priority_of(row), -row.valid_from.toordinal(), -row.pk))
    return PriceFound(found[0].price, priority_of(found[0]), found[0]) if found else None


def price_or_refuse(subscription: Subscription, on: date) -> Decimal:
    """The table's price for the group's period. Refused where there is none: never 0 by silence (billing-rules 44)."""
    found = find_price(subscription, subscription.group.period_type, on)
    if found is None:
        raise Refused(
            _("%(number)s: the price table has no row for %(period)s in %(currency)s on %(day)s.")
            % {
                "number": subscription.number,
                "period": subscription.group.period_type,
                "currency": subscription.currency.code,
                "day": on,
            }
        )
    return found.price


def covered_periods(subscription_ids: Iterable[int]) -> dict[int, list[Period]]:
    """The days that live fees cover, by subscription, in one query."""
    covered: dict[int, list[Period]] = {}
    rows = Fee.objects.filter(subscription__in=list(subscription_ids), kind__in=COVERING, is_void=False)
    for pk, start, end in rows.order_by("starts_on").values_list("subscription_id", "starts_on", "ends_on"):
        covered.setdefault(pk, []).append(Period(start, end))
    return covered


def fees_to_invoice(*, subscriptions: Iterable[int] | None = None, group: int | None = None) -> QuerySet[Fee]:
    """Fees whose transaction waits for an invoice proposal."""
    rows = Fee.objects.filter(is_void=False, transaction__status=TransactionStatus.POSTED)
    if subscriptions is not None:
        rows = rows.filter(subscription__in=list(subscriptions))
    if group is not None:
        rows = rows.filter(subscription__group=group)
    return rows.select_related("transaction").order_by(F("transaction_id"))
