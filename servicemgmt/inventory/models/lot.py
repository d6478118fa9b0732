from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class LotQuerySet(models.QuerySet["Lot"]):
    def search(self, text: str) -> "LotQuerySet":
        return self.filter(
            Q(number__icontains=text) | Q(item__number__icontains=text) | Q(item__name__icontains=text)
        )


class Lot(models.Model):
    """A batch of an item, or the one piece of it that bears a serial number; made when it is received or found."""

    item = models.ForeignKey("masterdata.Item", models.PROTECT, related_name="lots", verbose_name=_("item"))
    number = models.CharField(_("batch or serial number"), max_length=60)
    made_at = models.DateTimeField(db_default=Now())

    objects = LotQuerySet.as_manager()

    class Meta:
        ordering = ["item", "number"]
        verbose_name = _("batch or serial number")
        verbose_name_plural = _("batches and serial numbers")
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="lot_number_once_per_item"),
            models.CheckConstraint(name="lot_has_a_number", condition=~Q(number="")),
        ]

    def __str__(self) -> str:
        return self.number


class LotOnHandQuerySet(models.QuerySet["LotOnHand"]):
    def search(self, text: str) -> "LotOnHandQuerySet":
        return self.filter(
            Q(lot__number__icontains=text)
            | Q(lot__item__number__icontains=text)
            | Q(lot__item__name__icontains=text)
        )


class LotOnHand(models.Model):
    """How much of a batch lies where; of a serial number one piece, in one place. The sum of its movements.

    Kept under the lock of the item's on-hand row in that warehouse, whose quantity is the sum of these.
    """

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="on_hand")
    warehouse = models.ForeignKey(
        "inventory.Warehouse", models.PROTECT, related_name="lots", verbose_name=_("warehouse")
    )
    quantity = models.DecimalField(_("quantity"), max_digits=19, decimal_places=6, default=0)
    set_aside = models.DecimalField(_("set aside"), max_digits=19, decimal_places=6, default=0, db_default=0)
    is_serial = models.BooleanField()

    objects = LotOnHandQuerySet.as_manager()

    class Meta:
        ordering = ["lot", "warehouse"]
        verbose_name = _("batch or serial number on hand")
        verbose_name_plural = _("batches and serial numbers on hand")
        constraints = [
            models.UniqueConstraint(fields=["lot", "warehouse"], name="lotonhand_once"),
            models.CheckConstraint(name="lotonhand_not_below_zero", condition=Q(quantity__gte=0)),
            models.CheckConstraint(
                name="lotonhand_keeps_what_is_set_aside",
                condition=Q(set_aside__gte=0, set_aside__lte=models.F("quantity")),
            ),
            models.CheckConstraint(
                name="lotonhand_serial_is_one_piece", condition=Q(is_serial=False) | Q(quantity__in=[0, 1])
            ),
            models.UniqueConstraint(
                fields=["lot"],
                name="lotonhand_serial_in_one_place",
                condition=Q(is_serial=True, quantity__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lot_id} {self.warehouse_id}: {self.quantity}"
