"""Subscription fees that an agreement earned: the revenue of its fees in the ledger, by the date of the voucher.

All entries of a fee are revenue but those on the accounts that revenue waits on, whatever accounts they went to then.
"""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from django.db.models import CharField, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce, Concat

from servicemgmt.ledger.models import Entry
from servicemgmt.projects.accruals.rolling import deferred_accounts
from subscriptions.models import Fee

from .facts import MONEY, ZERO


def recognised(
    agreements: Collection[int], start: date | None = None, end: date | None = None
) -> dict[int, Decimal]:
    """The fees recognised from `start` to `end` (both inclusive, None: no limit) by agreement, in company currency."""
    entries = Entry.objects.filter(subject=OuterRef("trail")).exclude(account__in=deferred_accounts())
    if start:
        entries = entries.filter(voucher__posted_on__gte=start)
    if end:
        entries = entries.filter(voucher__posted_on__lte=end)
    earned = entries.order_by().values("subject").annotate(total=Sum("company_amount")).values("total")
    rows = (
        Fee.objects.filter(subscription__agreement__in=agreements)
        .annotate(trail=Concat(Value("transaction:"), Cast("transaction_id", CharField())))
        .annotate(earned=Coalesce(Subquery(earned, output_field=MONEY), ZERO))
        .order_by()
        .values_list("subscription__agreement")
        .annotate(total=Sum("earned"))
    )
    return {agreement: -total for agreement, total in rows}
