"""What lines cost from a day on, and the batches that raised or lowered many prices at once."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.models import Versioned

from .agreement import ServiceAgreement
from .agreement_line import ServiceAgreementLine


class PriceAdjustmentQuerySet(models.QuerySet):
    def search(self, text: str) -> "PriceAdjustmentQuerySet":
        return self.filter(description__icontains=text)


class PriceAdjustment(Versioned):
    """One change of many prices from a day on (billing-rules 4.8): prepared, then applied once, then perhaps undone.

    `percent` is what was asked for; `cap` and `floor` bound the change of each price, in percent. `chosen` are the keys
    of the agreements it was prepared for, so that nobody else's price list is changed when it is applied.
    """

    description = models.CharField(_("description"), max_length=160)
    effective_on = models.DateField(_("from"))
    percent = models.DecimalField(_("change (%)"), max_digits=9, decimal_places=4)
    floor = models.DecimalField(_("floor (%)"), max_digits=9, decimal_places=4, null=True, blank=True)
    cap = models.DecimalField(_("cap (%)"), max_digits=9, decimal_places=4, null=True, blank=True)
    chosen = ArrayField(models.BigIntegerField(), default=list, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    applied_at = models.DateTimeField(_("applied"), null=True, editable=False)
    undone_at = models.DateTimeField(_("undone"), null=True, editable=False)

    objects = PriceAdjustmentQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("price adjustment")
        verbose_name_plural = _("price adjustments")
        constraints = [
            models.CheckConstraint(
                name="priceadjustment_leaves_something",
                condition=Q(percent__gt=-100) & (Q(floor__isnull=True) | Q(floor__gt=-100)),
            ),
            models.CheckConstraint(
                name="priceadjustment_floor_below_cap",
                condition=Q(floor__isnull=True) | Q(cap__isnull=True) | Q(floor__lte=models.F("cap")),
            ),
            models.CheckConstraint(
                name="priceadjustment_undone_after_applied",
                condition=Q(undone_at__isnull=True) | Q(applied_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.description


class AdjustmentRow(models.Model):
    """One price of a batch as it was prepared: of a line, or a row of an agreement's price list. Frozen (trigger).

    `new_price` is empty where the price stays as it is, and `skipped` says why.
    """

    adjustment = models.ForeignKey(PriceAdjustment, models.CASCADE, related_name="rows")
    agreement = models.ForeignKey(
        ServiceAgreement, models.CASCADE, related_name="+", verbose_name=_("agreement")
    )
    line = models.ForeignKey(
        ServiceAgreementLine, models.CASCADE, null=True, related_name="+", verbose_name=_("line")
    )
    sales_price = models.ForeignKey(
        "projects.SalesPrice", models.CASCADE, null=True, related_name="+", verbose_name=_("price row")
    )
    label = models.CharField(_("what"), max_length=200)
    currency = models.ForeignKey(
        "masterdata.Currency", models.PROTECT, related_name="+", verbose_name=_("currency")
    )
    old_price = models.DecimalField(_("old price"), max_digits=19, decimal_places=6)
    new_price = models.DecimalField(_("new price"), max_digits=19, decimal_places=6, null=True)
    skipped = models.CharField(_("why it stays"), max_length=200, blank=True)

    class Meta:
        ordering = ["agreement_id", "pk"]
        verbose_name = _("adjusted price")
        verbose_name_plural = _("adjusted prices")
        constraints = [
            models.CheckConstraint(
                name="adjustmentrow_of_a_line_or_a_price_row",
                condition=Q(line__isnull=False, sales_price__isnull=True)
                | Q(line__isnull=True, sales_price__isnull=False),
            ),
            models.CheckConstraint(
                name="adjustmentrow_new_price_or_reason",
                condition=Q(new_price__gte=0, skipped="") | (Q(new_price__isnull=True) & ~Q(skipped="")),
            ),
            models.UniqueConstraint(fields=["adjustment", "line"], name="adjustmentrow_once_per_line"),
            models.UniqueConstraint(
                fields=["adjustment", "sales_price"], name="adjustmentrow_once_per_price_row"
            ),
        ]

    def __str__(self) -> str:
        return self.label


class LinePrice(models.Model):
    """What a unit of a line is sold for from a day on; before the first, the price entered on the line."""

    line = models.ForeignKey(ServiceAgreementLine, models.CASCADE, related_name="prices")
    valid_from = models.DateField(_("from"))
    price = models.DecimalField(_("price"), max_digits=19, decimal_places=6)
    row = models.OneToOneField(
        AdjustmentRow, models.PROTECT, null=True, related_name="line_price", editable=False
    )

    class Meta:
        ordering = ["line_id", "valid_from"]
        verbose_name = _("price of a line")
        verbose_name_plural = _("prices of lines")
        constraints = [
            models.UniqueConstraint(fields=["line", "valid_from"], name="lineprice_once_a_day"),
            models.CheckConstraint(name="lineprice_not_negative", condition=Q(price__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.price}"


class MadePrice(models.Model):
    """The row of a price list that a batch made."""

    row = models.OneToOneField(AdjustmentRow, models.CASCADE, related_name="made")
    sales_price = models.OneToOneField("projects.SalesPrice", models.CASCADE, related_name="made")

    class Meta:
        ordering = ["pk"]
        verbose_name = _("adjusted row of a price list")
        verbose_name_plural = _("adjusted rows of price lists")

    def __str__(self) -> str:
        return str(self.row)
