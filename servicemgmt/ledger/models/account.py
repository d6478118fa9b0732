from django.db import models
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import one_of
from servicemgmt.core.models import Master, Versioned


class AccountKind(models.TextChoices):
    ASSET = "ASSET", _("Asset")
    LIABILITY = "LIABILITY", _("Liability")
    EQUITY = "EQUITY", _("Equity")
    INCOME = "INCOME", _("Income")
    EXPENSE = "EXPENSE", _("Expense")


class Account(Master):
    """A ledger account; the code is its number."""

    kind = models.CharField(_("kind"), max_length=10, choices=AccountKind)

    class Meta(Master.Meta):
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [one_of("account_kind_known", "kind", AccountKind)]

    def __str__(self) -> str:
        return f"{self.code} {self.description}"


class PostingPurpose(models.TextChoices):
    """What an amount is for; the posting profile says which account takes it."""

    HOUR_COST = "HOUR_COST", _("Cost of hours")
    EXPENSE_COST = "EXPENSE_COST", _("Cost of expenses")
    ITEM_COST = "ITEM_COST", _("Cost of items")
    HOUR_OFFSET = "HOUR_OFFSET", _("Payroll allocation (hours)")
    EXPENSE_OFFSET = "EXPENSE_OFFSET", _("Expense clearing")
    STOCK = "STOCK", _("Stock")
    STOCK_OFFSET = "STOCK_OFFSET", _("Goods received (clearing)")
    STOCK_VARIANCE = "STOCK_VARIANCE", _("Stock differences")
    HOUR_REVENUE = "HOUR_REVENUE", _("Revenue of hours")
    EXPENSE_REVENUE = "EXPENSE_REVENUE", _("Revenue of expenses")
    ITEM_REVENUE = "ITEM_REVENUE", _("Revenue of items")
    FEE_REVENUE = "FEE_REVENUE", _("Revenue of fees")
    REMINDER_FEE = "REMINDER_FEE", _("Reminder fees")
    SUBSCRIPTION_REVENUE = "SUBSCRIPTION_REVENUE", _("Revenue of subscriptions")
    WIP_SUBSCRIPTION = "WIP_SUBSCRIPTION", _("WIP – subscription")
    ACCRUED_SUBSCRIPTION = "ACCRUED_SUBSCRIPTION", _("Accrued revenue – subscription")
    ON_ACCOUNT = "ON_ACCOUNT", _("Invoiced on account")
    RECEIVABLE = "RECEIVABLE", _("Customers")
    TAX = "TAX", _("Sales tax")
    OPENING_ITEMS = "OPENING_ITEMS", _("Opening items of customers (clearing)")
    ROUNDING = "ROUNDING", _("Rounding differences")
    EXCHANGE = "EXCHANGE", _("Exchange differences")
    BANK = "BANK", _("Bank")


class PostingProfile(Versioned):
    """Which account takes amounts of a purpose; a row with a category's code goes before the one without."""

    purpose = models.CharField(_("purpose"), max_length=24, choices=PostingPurpose)
    category_code = models.CharField(_("category"), max_length=20, blank=True)
    account = models.ForeignKey(Account, models.PROTECT, verbose_name=_("account"))

    class Meta:
        ordering = ["purpose", "category_code"]
        verbose_name = _("posting profile")
        verbose_name_plural = _("posting profiles")
        constraints = [
            one_of("postingprofile_purpose_known", "purpose", PostingPurpose),
            models.UniqueConstraint(fields=["purpose", "category_code"], name="postingprofile_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.category_code}".strip()
