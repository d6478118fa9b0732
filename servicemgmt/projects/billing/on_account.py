"""What was invoiced on account: an amount of a project invoiced ahead, and what of it later invoices deducted.

A transaction of the source ON_ACCOUNT is the amount; those that deduct it `adjusts` it. What is open is the sum of all
invoice lines `on_account` of it, credit notes included: never below zero (trigger).
"""

from collections.abc import Collection
from decimal import Decimal

from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from servicemgmt.core.money import ZERO
from servicemgmt.ledger.models import Account, Entry
from servicemgmt.ledger.queries import MONEY

from ..models import (
    InvoiceLine,
    Project,
    ProposalLine,
    ProposalStatus,
    Transaction,
    TransactionQuerySet,
    TransactionSource,
)


def on_account_listed() -> TransactionQuerySet:
    """What was ever invoiced on account, with `invoiced` (credit notes taken off), `deducted`, `open` and `held`.

    `held` is what drafts will take of it, by deducting it or giving it back. All in the project's currency.
    """
    lines = InvoiceLine.objects.filter(on_account=OuterRef("pk")).order_by().values("on_account")
    own = lines.filter(transaction=F("on_account"))
    drafts = ProposalLine.objects.filter(
        on_account=OuterRef("pk"), net__lt=0, proposal__status=ProposalStatus.DRAFT
    )

    def total(rows: object) -> Coalesce:
        summed = rows.annotate(total=Sum("net")).values("total")  # type: ignore[attr-defined]
        return Coalesce(Subquery(summed, output_field=MONEY), ZERO, output_field=MONEY)

    rows: TransactionQuerySet = (
        Transaction.objects.filter(source=TransactionSource.ON_ACCOUNT, adjusts=None, invoice__isnull=False)
        .annotate(
            open=total(lines),
            invoiced=total(own),
            held=-total(drafts.order_by().values("on_account")),
        )
        .annotate(deducted=F("invoiced") - F("open"))
    )
    return rows


def open_on_account(projects: Collection[Project]) -> TransactionQuerySet:
    """What is open on account of these projects, the oldest first."""
    rows = on_account_listed().filter(project__in=projects).filter(Q(open__gt=0))
    return rows.order_by("executed_on", "pk")


def accounts_of(keys: Collection[int]) -> dict[int, Account]:
    """The account that each of these amounts was posted to when it was invoiced, by the on-account transaction.

    The last one, where it was credited and invoiced again. Deductions go to it whatever the posting profile says since.
    """
    if not keys:
        return {}
    subjects = {f"transaction:{key}": key for key in keys}
    entries = Entry.objects.filter(
        subject__in=subjects, tax_code__isnull=False, voucher__invoice__credits__isnull=True
    )
    return {
        subjects[entry.subject]: entry.account for entry in entries.select_related("account").order_by("pk")
    }


def free_of(keys: Collection[int]) -> dict[int, Decimal]:
    """What of each on-account transaction can be deducted or given back still; locks them."""
    locked = Transaction.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=keys)
    list(locked.order_by("pk").values_list("pk"))
    return {row.pk: row.open - row.held for row in on_account_listed().filter(pk__in=keys)}  # type: ignore[attr-defined]
