from django.conf import settings
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import one_of

from .project import Coverage, LineKind


class TransactionSource(models.TextChoices):
    ORDER = "ORDER", _("Service order")
    SUBSCRIPTION = "SUBSCRIPTION", _("Subscription")
    MANUAL = "MANUAL", _("By hand")
    MILESTONE = "MILESTONE", _("Milestone")
    ON_ACCOUNT = "ON_ACCOUNT", _("On account")
    IMPORT = "IMPORT", _("Imported history")


class TransactionStatus(models.TextChoices):
    POSTED = "POSTED", _("Posted")
    IN_PROPOSAL = "IN_PROPOSAL", _("In a proposal")
    INVOICED = "INVOICED", _("Invoiced")
    SELECTED_FOR_CREDIT = "CREDITING", _("Selected for credit")
    CREDITED = "CREDITED", _("Credited")
    REVERSED = "REVERSED", _("Reversed")


#: The life of a transaction; `operations.move_transactions` is its one door.
TRANSACTION_MOVES: dict[str, set[str]] = {
    TransactionStatus.POSTED: {TransactionStatus.IN_PROPOSAL, TransactionStatus.REVERSED},
    TransactionStatus.IN_PROPOSAL: {TransactionStatus.POSTED, TransactionStatus.INVOICED},
    TransactionStatus.INVOICED: {TransactionStatus.SELECTED_FOR_CREDIT},
    TransactionStatus.SELECTED_FOR_CREDIT: {TransactionStatus.INVOICED, TransactionStatus.CREDITED},
    TransactionStatus.CREDITED: {TransactionStatus.POSTED},  # credit and rebill
    TransactionStatus.REVERSED: set(),
}


class TransactionQuerySet(models.QuerySet["Transaction"]):
    def search(self, text: str) -> "TransactionQuerySet":
        return self.filter(
            Q(text__icontains=text) | Q(project__number__iexact=text) | Q(voucher__number__iexact=text)
        )

    def to_invoice(self) -> "TransactionQuerySet":
        """PR-13: what a proposal may take: charged, posted and in no proposal yet."""
        return self.filter(status=TransactionStatus.POSTED, coverage=Coverage.CHARGED)

    def standing(self) -> "TransactionQuerySet":
        """Work that was not taken back; what is invoiced on account is no work."""
        return self.exclude(status=TransactionStatus.REVERSED).exclude(source=TransactionSource.ON_ACCOUNT)


class Transaction(models.Model):
    """One posted hour, expense, item or fee of a project: the one money row (architecture 11).

    Cost is in the company's currency (imported history, which stands in no ledger, may have one of its own), sales in
    `currency`. Frozen but for status, proposal and invoice (trigger); a correction is another transaction that
    `adjusts` it. Only imported history may lack a voucher.
    """

    kind = models.CharField(_("type"), max_length=10, choices=LineKind)
    source = models.CharField(_("source"), max_length=12, choices=TransactionSource)
    status = models.CharField(
        _("status"), max_length=12, choices=TransactionStatus, default=TransactionStatus.POSTED
    )
    project = models.ForeignKey(
        "projects.Project", models.PROTECT, related_name="transactions", verbose_name=_("project")
    )
    customer = models.ForeignKey(
        "masterdata.Customer", models.PROTECT, related_name="+", verbose_name=_("customer")
    )
    category = models.ForeignKey(
        "projects.Category", models.PROTECT, related_name="+", verbose_name=_("category")
    )
    line_property = models.ForeignKey("projects.LineProperty", models.PROTECT, related_name="+")
    coverage = models.CharField(_("coverage"), max_length=10, choices=Coverage)
    worker = models.ForeignKey(
        "masterdata.Employee", models.PROTECT, null=True, related_name="+", verbose_name=_("worker")
    )
    item = models.ForeignKey(
        "masterdata.Item", models.PROTECT, null=True, related_name="+", verbose_name=_("item")
    )
    unit = models.ForeignKey("masterdata.Unit", models.PROTECT, null=True, related_name="+")
    tax_group = models.ForeignKey("masterdata.ItemTaxGroup", models.PROTECT, related_name="+")
    site = models.ForeignKey(
        "masterdata.Site", models.PROTECT, null=True, related_name="+", verbose_name=_("site")
    )
    agreement_number = models.CharField(_("service agreement"), max_length=24, blank=True, db_default="")
    executed_on = models.DateField(_("project date"))
    service_period = DateRangeField(_("service period"), null=True)
    accrual_rule = models.ForeignKey(
        "projects.AccrualRule",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("accrual rule"),
        help_text="How its revenue is spread over the service period once it is invoiced; empty: at once.",
    )
    text = models.CharField(_("text"), max_length=250, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=19, decimal_places=6)
    cost_price = models.DecimalField(_("cost price"), max_digits=19, decimal_places=6, default=0)
    cost_amount = models.DecimalField(_("cost"), max_digits=19, decimal_places=4, default=0)
    cost_currency = models.ForeignKey(
        "masterdata.Currency",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="Empty: the company's. Only imported history may cost in another currency.",
    )
    currency = models.ForeignKey(
        "masterdata.Currency", models.PROTECT, related_name="+", verbose_name=_("currency")
    )
    sales_price = models.DecimalField(_("sales price"), max_digits=19, decimal_places=6, default=0)
    sales_amount = models.DecimalField(_("sales amount"), max_digits=19, decimal_places=4, default=0)
    covered_amount = models.DecimalField(
        _("covered value"),
        max_digits=19,
        decimal_places=4,
        default=0,
        help_text=_("What would have been charged, where somebody else than the customer bears it."),
    )
    coverage_reason = models.CharField(_("why not charged"), max_length=120, blank=True, db_default="")
    price_reason = models.JSONField(default=dict)
    adjusts = models.ForeignKey("self", models.PROTECT, null=True, related_name="adjustments")
    voucher = models.ForeignKey("ledger.Voucher", models.PROTECT, null=True, related_name="transactions")
    proposal = models.ForeignKey("projects.InvoiceProposal", models.PROTECT, null=True, related_name="+")
    invoice = models.ForeignKey("projects.Invoice", models.PROTECT, null=True, related_name="+")
    posted_at = models.DateTimeField(_("posted"), db_default=Now())
    posted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = TransactionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("transaction")
        verbose_name_plural = _("transactions")
        constraints = [
            one_of("transaction_kind_known", "kind", LineKind),
            one_of("transaction_source_known", "source", TransactionSource),
            one_of("transaction_status_known", "status", TransactionStatus),
            one_of("transaction_coverage_known", "coverage", Coverage),
            models.CheckConstraint(
                name="transaction_has_voucher_unless_imported",
                condition=Q(voucher__isnull=False) | Q(source=TransactionSource.IMPORT),
            ),
            models.CheckConstraint(
                name="transaction_only_imported_cost_is_foreign",
                condition=Q(cost_currency__isnull=True) | Q(source=TransactionSource.IMPORT),
            ),
            models.CheckConstraint(
                name="transaction_accrued_over_a_service_period",
                condition=Q(accrual_rule__isnull=True)
                | Q(service_period__startswith__isnull=False, service_period__endswith__isnull=False),
            ),
            models.CheckConstraint(
                name="transaction_only_charged_ones_are_invoiced",
                condition=Q(coverage=Coverage.CHARGED)
                | Q(status__in=[TransactionStatus.POSTED, TransactionStatus.REVERSED]),
            ),
            models.CheckConstraint(
                name="transaction_charged_or_covered",
                condition=Q(coverage=Coverage.CHARGED, covered_amount=0)
                | (~Q(coverage=Coverage.CHARGED) & Q(sales_amount=0)),
            ),
            models.CheckConstraint(
                name="transaction_invoice_when_invoiced",
                condition=Q(invoice__isnull=False)
                | Q(
                    status__in=[
                        TransactionStatus.POSTED,
                        TransactionStatus.IN_PROPOSAL,
                        TransactionStatus.REVERSED,
                    ]
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["project", "-id"], name="transaction_by_project"),
            models.Index(
                fields=["project", "id"],
                name="transaction_to_invoice",
                condition=Q(status="POSTED", coverage="CHARGED"),
            ),
            models.Index(
                fields=["invoice"], name="transaction_by_invoice", condition=Q(invoice__isnull=False)
            ),
            # Few are on their way at any moment; the lists of them must not look through all the others.
            models.Index(
                fields=["status", "-id"],
                name="transaction_on_its_way",
                condition=Q(
                    status__in=[TransactionStatus.IN_PROPOSAL, TransactionStatus.SELECTED_FOR_CREDIT]
                ),
            ),
            models.Index(
                fields=["proposal"], name="transaction_by_proposal", condition=Q(proposal__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.text}"

    @property
    def on_account_id(self) -> int | None:
        """The key of the transaction that was invoiced on account: this one, or the one that this deducts."""
        return on_account_of(self.source, self.pk, self.adjusts_id)


def on_account_of(source: str, pk: int, adjusts: int | None) -> int | None:
    """See `Transaction.on_account_id`."""
    return (adjusts or pk) if source == TransactionSource.ON_ACCOUNT else None
