"""Reading the ledger: which account, which tax, which day is open, and the vouchers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import DecimalField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from servicemgmt.core.errors import Refused, Sentence
from servicemgmt.core.money import ZERO
from servicemgmt.masterdata.models import Company, CustomerTaxGroup, ItemTaxGroup

from .models import (
    Account,
    Entry,
    FiscalPeriod,
    PostingProfile,
    PostingPurpose,
    TaxCode,
    TaxRate,
    TaxRule,
    TaxTreatment,
    Voucher,
    VoucherQuerySet,
)

#: Where vouchers come from, as people call it.
SOURCES: dict[str, Sentence] = {
    "projects": gettext_lazy("Work posted"),
    "invoices": gettext_lazy("Invoices"),
    "payments": gettext_lazy("Payments"),
    "reminders": gettext_lazy("Reminder fees"),
    "inventory": gettext_lazy("Stock"),
    "opening": gettext_lazy("Opening balances"),
    "subscriptions": gettext_lazy("Subscriptions"),
    "accruals": gettext_lazy("Accruals"),
}
MONEY = DecimalField(max_digits=19, decimal_places=4)

type Profile = Mapping[tuple[str, str], Account]


def posting_profile() -> Profile:
    """The whole posting profile, for postings that look up many accounts; read with `account_in`."""
    rows = PostingProfile.objects.select_related("account")
    return {(row.purpose, row.category_code): row.account for row in rows}


def account_in(profile: Profile, purpose: str, category_code: str = "") -> Account:
    """The account of a purpose: the row of the category before the one without. Refused, naming the purpose."""
    found = profile.get((purpose, category_code)) or profile.get((purpose, ""))
    if found is None:
        name = str(PostingPurpose(purpose).label)
        if category_code:
            name = _("%(purpose)s, category %(category)s") % {"purpose": name, "category": category_code}
        raise Refused(_("The posting profile names no account for “%(purpose)s”.") % {"purpose": name})
    return found


def account_for(purpose: str, category_code: str = "") -> Account:
    """The account that takes amounts of this purpose. Raises Refused where the posting profile names none."""
    rows = PostingProfile.objects.filter(purpose=purpose, category_code__in={category_code, ""})
    return account_in(
        {(row.purpose, row.category_code): row.account for row in rows.select_related("account")},
        purpose,
        category_code,
    )


@dataclass(frozen=True, slots=True)
class TaxFound:
    """The tax of a line: the code, its percentage on the tax date, and why, in words."""

    code: TaxCode
    percent: Decimal
    reason: str


def tax_for(customer_group: CustomerTaxGroup, item_group: ItemTaxGroup, on: date) -> TaxFound:
    """The tax of a customer's group × an item's group on the tax date, from the dated matrix and the dated rates.

    Raises Refused where the matrix has no cell, or a taxed code no rate, on that day.
    """
    return TaxMatrix([customer_group.pk], [item_group.pk]).find(customer_group, item_group, on)


class TaxMatrix:
    """The cells and rates that a set of customers and items can need, read once."""

    def __init__(self, customer_groups: Iterable[int], item_groups: Iterable[int]) -> None:
        rules = TaxRule.objects.filter(
            customer_group__in=set(customer_groups), item_group__in=set(item_groups)
        )
        self.rules: dict[tuple[int, int], list[TaxRule]] = {}
        for rule in rules.select_related("code").order_by("-valid_from"):
            self.rules.setdefault((rule.customer_group_id, rule.item_group_id), []).append(rule)
        self.found: dict[tuple[int, int, date], TaxFound] = {}
        codes = {rule.code_id for cell in self.rules.values() for rule in cell}
        self.rates: dict[int, list[TaxRate]] = {}
        for rate in TaxRate.objects.filter(code__in=codes).order_by("-valid_from"):
            self.rates.setdefault(rate.code_id, []).append(rate)

    def find(self, customer_group: CustomerTaxGroup, item_group: ItemTaxGroup, on: date) -> TaxFound:
        """See `tax_for`."""
        key = customer_group.pk, item_group.pk, on
        if key not in self.found:
            self.found[key] = self._found(customer_group, item_group, on)
        return self.found[key]

    def _found(self, customer_group: CustomerTaxGroup, item_group: ItemTaxGroup, on: date) -> TaxFound:
        cell = self.rules.get((customer_group.pk, item_group.pk), [])
        rule = next((rule for rule in cell if rule.valid_from <= on), None)
        if rule is None:
            raise Refused(
                _("The tax matrix has no cell for customers “%(customer)s” and items “%(item)s” on %(day)s.")
                % {"customer": customer_group, "item": item_group, "day": date_format(on)}
            )
        percent = self._percent(rule.code, on)
        reason = _("%(customer)s × %(item)s: %(code)s, %(percent)s %% on %(day)s") % {
            "customer": customer_group,
            "item": item_group,
            "code": rule.code,
            "percent": number_format(percent.normalize()),
            "day": date_format(on),
        }
        return TaxFound(rule.code, percent, reason[:160])

    def _percent(self, code: TaxCode, on: date) -> Decimal:
        if code.treatment != TaxTreatment.STANDARD:
            return ZERO
        rate = next((rate for rate in self.rates.get(code.pk, []) if rate.valid_from <= on), None)
        if rate is not None:
            return rate.percent
        raise Refused(
            _("The tax code %(code)s has no rate on %(day)s.") % {"code": code.code, "day": date_format(on)}
        )


def first_open_day(on: date) -> date | None:
    """The first day from `on` (a ledger date) that lies in an open fiscal period; None where there is none."""
    period = open_periods().filter(during__endswith__gt=on).values_list("during", flat=True).first()
    return max(on, period.lower) if period else None


def closed_sentence(on: date) -> str:
    """Why nothing can be posted on that day, and which day can be posted on."""
    opens = first_open_day(on)
    if opens is None:
        return _("%(day)s lies in no open fiscal period, and none after it is open.") % {
            "day": date_format(on)
        }
    return _("%(day)s lies in no open fiscal period. The first open date is %(opens)s.") % {
        "day": date_format(on),
        "opens": date_format(opens),
    }


def open_periods() -> QuerySet[FiscalPeriod]:
    """The fiscal periods that take postings, oldest first."""
    return FiscalPeriod.objects.filter(closed_at__isnull=True)


def vouchers_listed() -> VoucherQuerySet:
    """All vouchers with what they come to (`total`: the sum of their debits) and its currency (`home`)."""
    debits = Entry.objects.filter(voucher=OuterRef("pk"), company_amount__gt=0).order_by()
    total = debits.values("voucher").annotate(total=Sum("company_amount")).values("total")
    rows: VoucherQuerySet = Voucher.objects.annotate(
        total=Coalesce(Subquery(total), ZERO, output_field=MONEY), home=Value(home_currency())
    )
    return rows


def home_currency() -> str:
    """The ISO code of the company's currency; '' before there is a company."""
    return Company.objects.values_list("currency__code", flat=True).first() or ""
