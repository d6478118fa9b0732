"""Whether a customer owes more than he may."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext as _

from servicemgmt.core.display import money
from servicemgmt.core.errors import Refused
from servicemgmt.core.money import ZERO, round_money
from servicemgmt.masterdata.models import Currency
from servicemgmt.masterdata.queries import Rates, company

from ..models import Coverage, CreditLimit, CustomerItem, Transaction, TransactionStatus

NOT_INVOICED = [TransactionStatus.POSTED, TransactionStatus.IN_PROPOSAL]


@dataclass(frozen=True, slots=True)
class Credit:
    """What a customer may owe and does, in company currency: open items, and posted work that is not invoiced yet."""

    customer: str
    limit: Decimal
    open: Decimal
    waiting: Decimal
    currency: Currency

    @property
    def is_over(self) -> bool:
        return self.open + self.waiting > self.limit

    @property
    def warning(self) -> str:
        """The sentence for who may not see amounts; '' within the limit."""
        return (
            _("%(customer)s is over the credit limit.") % {"customer": self.customer} if self.is_over else ""
        )

    @property
    def figures(self) -> str:
        """The sentence with the amounts; '' within the limit."""
        if not self.is_over:
            return ""
        return _(
            "%(customer)s is over the credit limit of %(limit)s: %(open)s are open, %(waiting)s wait to be invoiced."
        ) % {
            "customer": self.customer,
            "limit": money(self.limit, self.currency),
            "open": money(self.open, self.currency),
            "waiting": money(self.waiting, self.currency),
        }


def credit_of(customer_id: int, on: date) -> Credit | None:
    """How the invoiced customer stands, at the day's rates; None where he has no limit (one query then).

    Work in a currency without a rate on the day is left out: its invoice will be refused for want of it.
    """
    found = CreditLimit.objects.filter(customer=customer_id).select_related("customer").first()
    if found is None:
        return None
    firm, rates = company(), Rates()
    owed = CustomerItem.objects.filter(customer=customer_id).aggregate(sum=Sum("company_open"))["sum"]
    work = Transaction.objects.filter(
        project__invoice_customer=customer_id, coverage=Coverage.CHARGED, status__in=NOT_INVOICED
    ).order_by()
    sums = dict(work.values_list("currency").annotate(sum=Sum("sales_amount")))
    waiting = ZERO
    for currency in Currency.objects.filter(pk__in=sums):
        try:
            waiting += round_money(sums[currency.pk] * rates.on(currency, on), firm.currency.digits)
        except Refused:
            continue
    return Credit(str(found.customer), found.amount, owed or ZERO, waiting, firm.currency)
