from django.db import models
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import one_of
from servicemgmt.core.models import Master, MasterQuerySet, Versioned


class ItemTaxGroup(Master):
    """How goods and services are taxed: standard, reduced … the other side of the tax matrix."""

    class Meta(Master.Meta):
        verbose_name = _("item tax group")
        verbose_name_plural = _("item tax groups")


class Unit(Master):
    """A unit of measure."""

    decimals = models.PositiveSmallIntegerField(_("decimals"), default=2)

    class Meta(Master.Meta):
        verbose_name = _("unit")
        verbose_name_plural = _("units")


class ItemKind(models.TextChoices):
    ITEM = "ITEM", _("Item")
    BOM = "BOM", _("Bill of materials")
    SERVICE = "SERVICE", _("Service")


class ItemTracking(models.TextChoices):
    NONE = "NONE", _("Not tracked")
    BATCH = "BATCH", _("By batch")
    SERIAL = "SERIAL", _("By serial number")


class Item(Versioned):
    """Something that is used up, sold or serviced. Prices here are in the company's currency and the fallback."""

    number = models.CharField(_("number"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=160)
    kind = models.CharField(_("kind"), max_length=10, choices=ItemKind, default=ItemKind.ITEM)
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name=_("unit"))
    tax_group = models.ForeignKey(ItemTaxGroup, models.PROTECT, verbose_name=_("tax group"))
    is_stocked = models.BooleanField(_("kept in stock"), default=True)
    tracking = models.CharField(
        _("tracking"),
        max_length=10,
        choices=ItemTracking,
        default=ItemTracking.NONE,
        db_default=ItemTracking.NONE,
        help_text=_("Every movement of a tracked item says which batch or serial number it is."),
    )
    cost_price = models.DecimalField(_("cost price"), max_digits=19, decimal_places=6, default=0)
    sales_price = models.DecimalField(_("sales price"), max_digits=19, decimal_places=6, default=0)
    ended_on = models.DateField(_("not offered from"), null=True, blank=True)

    objects = MasterQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        verbose_name = _("item")
        verbose_name_plural = _("items")
        constraints = [
            one_of("item_kind_known", "kind", ItemKind),
            one_of("item_tracking_known", "tracking", ItemTracking),
            models.CheckConstraint(
                name="item_only_stock_is_tracked",
                condition=models.Q(tracking=ItemTracking.NONE) | models.Q(is_stocked=True),
            ),
            models.CheckConstraint(
                name="item_prices_not_negative", condition=models.Q(cost_price__gte=0, sales_price__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def is_tracked(self) -> bool:
        """Whether its movements name a batch or serial number."""
        return self.tracking != ItemTracking.NONE

    @property
    def is_serial(self) -> bool:
        """Whether each piece has a number of its own."""
        return self.tracking == ItemTracking.SERIAL


class PartsList(Versioned):
    """What an item consists of from a day on; a later list of the same item takes its place."""

    item = models.ForeignKey(
        Item,
        models.PROTECT,
        related_name="parts_lists",
        limit_choices_to={"kind": ItemKind.BOM},
        verbose_name=_("item"),
    )
    valid_from = models.DateField(_("valid from"))

    class Meta:
        ordering = ["item", "-valid_from"]
        verbose_name = _("parts list")
        verbose_name_plural = _("parts lists")
        constraints = [
            models.UniqueConstraint(fields=["item", "valid_from"], name="partslist_once_per_item_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.item} · {self.valid_from}"


class PartsListLine(models.Model):
    """A part of an item. A part that has a parts list itself brings its own parts along."""

    parts_list = models.ForeignKey(PartsList, models.CASCADE, related_name="lines")
    part = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("part"))
    quantity = models.DecimalField(_("quantity"), max_digits=19, decimal_places=6, default=1)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("part")
        verbose_name_plural = _("parts")
        constraints = [
            models.UniqueConstraint(fields=["parts_list", "part"], name="partslistline_part_once"),
            models.CheckConstraint(name="partslistline_has_quantity", condition=models.Q(quantity__gt=0)),
        ]

    def __str__(self) -> str:
        return str(self.part)
