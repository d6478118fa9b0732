from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import one_of
from servicemgmt.core.models import Versioned

from .stock import Warehouse


class CountStatus(models.TextChoices):
    OPEN = "OPEN", _("Open")
    POSTED = "POSTED", _("Posted")
    DROPPED = "DROPPED", _("Dropped")


#: The life of a count sheet; `operations.counts` is its one door.
COUNT_MOVES: dict[str, set[str]] = {
    CountStatus.OPEN: {CountStatus.POSTED, CountStatus.DROPPED},
    CountStatus.POSTED: set(),
    CountStatus.DROPPED: set(),
}


class CountQuerySet(models.QuerySet["StockCount"]):
    def search(self, text: str) -> "CountQuerySet":
        return self.filter(
            Q(text__icontains=text)
            | Q(warehouse__code__iexact=text)
            | Q(warehouse__description__icontains=text)
        )


class StockCount(Versioned):
    """A count sheet: what should lie in a warehouse, what was found, and the differences once posted."""

    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, related_name="counts", verbose_name=_("warehouse")
    )
    counted_on = models.DateField(_("date"))
    status = models.CharField(_("status"), max_length=10, choices=CountStatus, default=CountStatus.OPEN)
    text = models.CharField(_("text"), max_length=160, blank=True)
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("posted by")
    )
    posted_at = models.DateTimeField(_("posted"), null=True)
    made_at = models.DateTimeField(db_default=Now())

    objects = CountQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("stock count")
        verbose_name_plural = _("stock counts")
        permissions = [("post_stockcount", "Can post the differences of stock counts")]
        constraints = [
            one_of("stockcount_status_known", "status", CountStatus),
            models.CheckConstraint(
                name="stockcount_posted_at_some_moment",
                condition=Q(status=CountStatus.POSTED, posted_at__isnull=False)
                | (~Q(status=CountStatus.POSTED) & Q(posted_at__isnull=True, posted_by__isnull=True)),
            ),
            models.UniqueConstraint(
                name="stockcount_one_open_per_warehouse",
                fields=["warehouse"],
                condition=Q(status=CountStatus.OPEN),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.warehouse.code} {self.counted_on:%Y-%m-%d}"


class CountLineQuerySet(models.QuerySet["StockCountLine"]):
    def search(self, text: str) -> "CountLineQuerySet":
        return self.filter(Q(item__number__icontains=text) | Q(item__name__icontains=text))


class StockCountLine(models.Model):
    """An item on a count sheet, of a tracked one a batch or serial number of it.

    `expected` was on hand when `last_move` was the item's latest movement there.
    """

    count = models.ForeignKey(StockCount, models.CASCADE, related_name="lines")
    item = models.ForeignKey("masterdata.Item", models.PROTECT, related_name="+", verbose_name=_("item"))
    lot = models.ForeignKey(
        "inventory.Lot",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("batch or serial number"),
    )
    expected = models.DecimalField(_("expected"), max_digits=19, decimal_places=6)
    counted = models.DecimalField(_("counted"), max_digits=19, decimal_places=6, null=True)
    last_move = models.ForeignKey("inventory.StockMove", models.PROTECT, null=True, related_name="+")
    move = models.OneToOneField("inventory.StockMove", models.PROTECT, null=True, related_name="count_line")

    objects = CountLineQuerySet.as_manager()

    class Meta:
        ordering = ["count", "item"]
        verbose_name = _("line of a stock count")
        verbose_name_plural = _("lines of stock counts")
        constraints = [
            models.UniqueConstraint(
                fields=["count", "item", "lot"], nulls_distinct=False, name="stockcountline_item_once"
            ),
            models.CheckConstraint(
                name="stockcountline_counts_nothing_or_more",
                condition=Q(counted__isnull=True) | Q(counted__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.counted}"

    @property
    def told(self) -> str:
        """The item's number, of a tracked one with that of the batch or piece."""
        return f"{self.item.number} · {self.lot.number}" if self.lot else self.item.number
