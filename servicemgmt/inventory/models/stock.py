from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import one_of
from servicemgmt.core.models import Master


class Warehouse(Master):
    """Where stock lies; a van is the warehouse of its worker."""

    worker = models.OneToOneField(
        "masterdata.Employee",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="van",
        verbose_name=_("van of"),
    )
    allows_negative = models.BooleanField(_("may go below zero"), default=False)
    keeps_reserved = models.BooleanField(
        _("keeps what is reserved"),
        default=False,
        db_default=False,
        help_text=_(
            "Ticked, goods that are only reserved go to nobody else. What is picked is kept in any case."
        ),
    )

    class Meta(Master.Meta):
        verbose_name = _("warehouse")
        verbose_name_plural = _("warehouses")


class MoveKind(models.TextChoices):
    RECEIPT = "RECEIPT", _("Receipt")
    CONSUMPTION = "CONSUMPTION", _("Consumption")
    TRANSFER = "TRANSFER", _("Transfer")
    COUNT = "COUNT", _("Count")
    RETURN = "RETURN", _("Return")


class StockQuerySet(models.QuerySet[models.Model]):
    def search(self, text: str) -> "StockQuerySet":
        return self.filter(
            models.Q(item__number__icontains=text)
            | models.Q(item__name__icontains=text)
            | models.Q(warehouse__code__iexact=text)
        )


class StockMove(models.Model):
    """One change of stock: signed quantity and value (company currency). Append-only (trigger).

    Of a tracked item it names the batch, or the serial number of its one piece (trigger).
    """

    item = models.ForeignKey("masterdata.Item", models.PROTECT, related_name="moves", verbose_name=_("item"))
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, related_name="moves", verbose_name=_("warehouse")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=MoveKind)
    moved_on = models.DateField(_("date"))
    lot = models.ForeignKey(
        "inventory.Lot",
        models.PROTECT,
        null=True,
        related_name="moves",
        db_index=False,
        verbose_name=_("batch or serial number"),
    )
    quantity = models.DecimalField(_("quantity"), max_digits=19, decimal_places=6)
    value = models.DecimalField(_("value"), max_digits=19, decimal_places=4)
    text = models.CharField(_("text"), max_length=160, blank=True)
    subject = models.CharField(_("subject"), max_length=60, blank=True)
    voucher = models.ForeignKey("ledger.Voucher", models.PROTECT, null=True, related_name="stock_moves")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())

    objects = StockQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("stock move")
        verbose_name_plural = _("stock moves")
        constraints = [
            one_of("stockmove_kind_known", "kind", MoveKind),
            models.CheckConstraint(name="stockmove_moves_something", condition=~models.Q(quantity=0)),
        ]
        indexes = [
            models.Index(fields=["item", "warehouse", "-id"], name="stockmove_by_item"),
            models.Index(
                fields=["lot", "-id"], name="stockmove_by_lot", condition=models.Q(lot__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.quantity}"


class OnHand(models.Model):
    """What lies where and what it is worth: the sum of the moves, kept under the row's lock."""

    item = models.ForeignKey(
        "masterdata.Item", models.PROTECT, related_name="on_hand", verbose_name=_("item")
    )
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, related_name="on_hand", verbose_name=_("warehouse")
    )
    quantity = models.DecimalField(_("quantity"), max_digits=19, decimal_places=6, default=0)
    value = models.DecimalField(_("value"), max_digits=19, decimal_places=4, default=0)
    may_be_negative = models.BooleanField(default=False)
    reserved = models.DecimalField(
        _("reserved"),
        max_digits=19,
        decimal_places=6,
        default=0,
        db_default=0,
        help_text=_("What is kept for somebody; available is what is on hand without it."),
    )
    set_aside = models.DecimalField(
        _("set aside"),
        max_digits=19,
        decimal_places=6,
        default=0,
        db_default=0,
        help_text=_("What of the reserved is picked already; nobody else may take it."),
    )

    objects = StockQuerySet.as_manager()

    class Meta:
        ordering = ["item", "warehouse"]
        verbose_name = _("stock on hand")
        verbose_name_plural = _("stock on hand")
        constraints = [
            models.UniqueConstraint(fields=["item", "warehouse"], name="onhand_once"),
            models.CheckConstraint(
                name="onhand_not_below_zero",
                condition=models.Q(quantity__gte=0) | models.Q(may_be_negative=True),
            ),
            models.CheckConstraint(
                name="onhand_reserves_nothing_or_more", condition=models.Q(reserved__gte=0)
            ),
            models.CheckConstraint(
                name="onhand_sets_reserved_goods_aside",
                condition=models.Q(set_aside__gte=0, set_aside__lte=models.F("reserved")),
            ),
            models.CheckConstraint(
                name="onhand_keeps_what_is_set_aside",
                condition=models.Q(quantity__gte=models.F("set_aside"))
                | models.Q(set_aside=0)
                | models.Q(may_be_negative=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.warehouse_id}: {self.quantity}"
