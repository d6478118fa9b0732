from django.db import models
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import one_of
from servicemgmt.core.models import Master
from servicemgmt.core.money import Rounding
from servicemgmt.core.periods import Unit


class AccrualMethod(models.TextChoices):
    DAYS = "DAYS", _("By days")
    EQUAL = "EQUAL", _("Equal periods, stubs by days")


class AccrualRounding(models.TextChoices):
    """SB-18: which slice takes the difference; the values are those of `core.money.Rounding`."""

    CUMULATIVE = Rounding.CUMULATIVE.value, _("The running total is rounded")
    FIRST = Rounding.FIRST.value, _("The first slice takes the difference")
    LAST = Rounding.LAST.value, _("The last slice takes the difference")


class AccrualReversal(models.TextChoices):
    """SB-23: what a credit does to slices that are recognised already."""

    MANUAL = "MANUAL", _("By hand, before the credit")
    CREDIT_DATE = "CREDIT_DATE", _("On the date of the credit note")
    ORIGINAL_DATES = "ORIGINAL", _("On the dates they were recognised on")


class AccrualRule(Master):
    """How the revenue of a transaction is spread over its service period (deferral, SB-17…24)."""

    unit = models.CharField(
        _("recognised by"),
        max_length=10,
        choices=Unit,
        blank=True,
        help_text=_(
            "Calendar periods that the service period is cut into. Empty: the service period as a whole."
        ),
    )
    method = models.CharField(_("split"), max_length=5, choices=AccrualMethod, default=AccrualMethod.DAYS)
    rounding = models.CharField(
        _("rounding"), max_length=10, choices=AccrualRounding, default=AccrualRounding.CUMULATIVE
    )
    reversal = models.CharField(
        _("reversal on credit"),
        max_length=11,
        choices=AccrualReversal,
        default=AccrualReversal.CREDIT_DATE,
    )
    delete_when_complete = models.BooleanField(
        _("delete completed slices"),
        default=False,
        help_text=_(
            "When the last slice is recognised. Vouchers stay; a later credit takes revenue back at once."
        ),
    )

    class Meta(Master.Meta):
        verbose_name = _("accrual rule")
        verbose_name_plural = _("accrual rules")
        constraints = [
            models.CheckConstraint(name="accrualrule_unit_known", condition=Q(unit__in=["", *Unit.values])),
            one_of("accrualrule_method_known", "method", AccrualMethod),
            one_of("accrualrule_rounding_known", "rounding", AccrualRounding),
            one_of("accrualrule_reversal_known", "reversal", AccrualReversal),
        ]


class SliceStatus(models.TextChoices):
    OPEN = "OPEN", _("To be recognised")
    POSTED = "POSTED", _("Recognised")
    NOTHING = "NOTHING", _("Nothing to recognise")
    CANCELLED = "CANCELLED", _("Cancelled by a credit")


class SliceQuerySet(models.QuerySet["AccrualSlice"]):
    def search(self, text: str) -> "SliceQuerySet":
        return self.filter(
            Q(transaction__text__icontains=text)
            | Q(line__invoice__number__iexact=text)
            | Q(line__invoice__customer__name__icontains=text)
            | Q(voucher__number__iexact=text)
        )


class AccrualSlice(models.Model):
    """The part of an invoiced line that is earned in some days (SB-18). The slices of a line add up to it (trigger).

    A line of a credit note has slices too, of the opposite sign; each `cuts` the slice that it takes from
    (billing-rules 62). Frozen but for status and voucher. Amounts in the invoice's and in the company's currency.
    """

    transaction = models.ForeignKey(
        "projects.Transaction", models.PROTECT, related_name="slices", verbose_name=_("transaction")
    )
    line = models.ForeignKey("projects.InvoiceLine", models.PROTECT, related_name="slices")
    rule = models.ForeignKey(AccrualRule, models.PROTECT, related_name="+", verbose_name=_("accrual rule"))
    cuts = models.ForeignKey("self", models.PROTECT, null=True, related_name="cut_by")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    company_amount = models.DecimalField(_("amount in company currency"), max_digits=19, decimal_places=4)
    deferred_account = models.ForeignKey("ledger.Account", models.PROTECT, related_name="+")
    revenue_account = models.ForeignKey("ledger.Account", models.PROTECT, related_name="+")
    status = models.CharField(_("status"), max_length=9, choices=SliceStatus, default=SliceStatus.OPEN)
    voucher = models.ForeignKey(
        "ledger.Voucher", models.PROTECT, null=True, related_name="+", verbose_name=_("voucher")
    )

    objects = SliceQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "pk"]
        verbose_name = _("accrual slice")
        verbose_name_plural = _("accrual slices")
        constraints = [
            one_of("accrualslice_status_known", "status", SliceStatus),
            models.CheckConstraint(
                name="accrualslice_ends_after_start", condition=Q(ends_on__gte=F("starts_on"))
            ),
            models.CheckConstraint(
                name="accrualslice_voucher_when_recognised",
                condition=Q(status=SliceStatus.POSTED, voucher__isnull=False)
                | (~Q(status=SliceStatus.POSTED) & Q(voucher__isnull=True)),
            ),
            models.UniqueConstraint(
                fields=["line", "starts_on"], name="accrualslice_once_per_line_and_period"
            ),
        ]
        indexes = [
            models.Index(fields=["ends_on", "id"], name="accrualslice_open", condition=Q(status="OPEN")),
        ]

    def __str__(self) -> str:
        return f"{date_format(self.starts_on)} – {date_format(self.ends_on)}"

    @property
    def is_nothing(self) -> bool:
        return not self.amount and not self.company_amount


class AccrualKind(models.TextChoices):
    DEFERRED = "DEFERRED", _("Invoiced")
    RECOGNISED = "RECOGNISED", _("Recognised")
    REVERSED = "REVERSED", _("Taken back")
    CREDITED = "CREDITED", _("Credited")


class AccrualPostingQuerySet(models.QuerySet["AccrualPosting"]):
    def search(self, text: str) -> "AccrualPostingQuerySet":
        return self.filter(
            Q(transaction__text__icontains=text)
            | Q(line__invoice__number__iexact=text)
            | Q(line__invoice__customer__name__icontains=text)
            | Q(voucher__number__iexact=text)
        )


class AccrualPosting(models.Model):
    """What a voucher did to the deferred revenue of an invoiced line; it outlives the slices (SB-24). Frozen.

    Amounts are signed: what is deferred goes up, what is recognised or credited goes down, so that their sum is the
    deferred balance (billing-rules 50). `meant_on` is the last day of the slice: the month it was meant for (51).
    """

    transaction = models.ForeignKey(
        "projects.Transaction", models.PROTECT, related_name="accruals", verbose_name=_("transaction")
    )
    line = models.ForeignKey("projects.InvoiceLine", models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=AccrualKind)
    meant_on = models.DateField(_("meant for"))
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    company_amount = models.DecimalField(_("amount in company currency"), max_digits=19, decimal_places=4)
    voucher = models.ForeignKey(
        "ledger.Voucher", models.PROTECT, related_name="accruals", verbose_name=_("voucher")
    )

    objects = AccrualPostingQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("accrual posting")
        verbose_name_plural = _("accrual postings")
        constraints = [one_of("accrualposting_kind_known", "kind", AccrualKind)]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"
