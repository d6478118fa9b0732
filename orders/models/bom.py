from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.models import BomChange

from .order import ServiceOrder
from .order_line import ServiceOrderLine


class BomChangeOnOrder(models.Model):
    """TB-06: the order on which a part was changed, and the line that bills it. Append-only (trigger)."""

    change = models.OneToOneField(BomChange, models.PROTECT, related_name="on_order")
    order = models.ForeignKey(
        ServiceOrder, models.PROTECT, related_name="bom_changes", verbose_name=_("service order")
    )
    line = models.OneToOneField(
        ServiceOrderLine,
        models.PROTECT,
        null=True,
        related_name="bom_change",
        verbose_name=_("service order line"),
    )

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("BOM change on an order")
        verbose_name_plural = _("BOM changes on orders")

    def __str__(self) -> str:
        return f"{self.order.number} {self.change}"
