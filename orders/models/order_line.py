from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.models import ItemSetup
from servicemgmt.core.constraints import one_of, where_given
from servicemgmt.core.models import Versioned
from servicemgmt.projects.models import LineKind

from .order import OrderOrigin, ServiceOrder


class LineStatus(models.TextChoices):
    CREATED = "CREATED", _("Created")
    POSTED = "POSTED", _("Posted")
    CANCELLED = "CANCELLED", _("Cancelled")


#: SO-10 and undo (PR): the life of a line.
LINE_MOVES: dict[str, set[str]] = {
    LineStatus.CREATED: {LineStatus.POSTED, LineStatus.CANCELLED},
    LineStatus.POSTED: {LineStatus.CREATED},
    LineStatus.CANCELLED: {LineStatus.CREATED},
}


#: More of one worker on one day was typed by mistake (guarded by the trigger orderline_hours_of_a_day).
HOURS_OF_A_DAY = 24


class ServiceOrderLine(Versioned):
    """Hours, expense, item or fee of a visit: planned first, then as it really was."""

    order = models.ForeignKey(ServiceOrder, models.CASCADE, related_name="lines", db_index=False)
    line_number = models.PositiveIntegerField(_("line"))
    kind = models.CharField(_("type"), max_length=10, choices=LineKind)
    item_setup = models.CharField(
        _("item setup"), max_length=12, choices=ItemSetup, default=ItemSetup.JOURNAL
    )
    status = models.CharField(
        _("status"), max_length=10, choices=LineStatus, default=LineStatus.CREATED, editable=False
    )
    origin = models.CharField(max_length=8, choices=OrderOrigin, default=OrderOrigin.USER, editable=False)
    description = models.CharField(_("description"), max_length=250)
    details = models.TextField(_("details"), blank=True)
    agreement_line = models.ForeignKey(
        "agreements.ServiceAgreementLine",
        models.PROTECT,
        null=True,
        related_name="order_lines",
        editable=False,
        db_index=False,
    )
    date_calculated = models.DateField(_("calculated date"), null=True, editable=False)
    date_range_from = models.DateField(_("may be done from"), null=True, editable=False)
    date_range_to = models.DateField(_("may be done until"), null=True, editable=False)
    executed_on = models.DateField(_("done on"), null=True, blank=True)
    task_relation = models.ForeignKey(
        "orders.OrderTask",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="lines",
        verbose_name=_("task"),
    )
    object_relation = models.ForeignKey(
        "orders.OrderObject",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="lines",
        verbose_name=_("service object"),
    )
    worker = models.ForeignKey(
        "masterdata.Employee",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("worker"),
        db_index=False,
    )
    category = models.ForeignKey(
        "projects.Category", models.PROTECT, related_name="+", verbose_name=_("category")
    )
    line_property = models.ForeignKey(
        "projects.LineProperty",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("line property"),
    )
    coverage_reason = models.CharField(_("why not charged"), max_length=120, blank=True)
    planned_quantity = models.DecimalField(
        _("planned"), max_digits=19, decimal_places=6, null=True, blank=True, editable=False
    )
    quantity = models.DecimalField(_("quantity"), max_digits=19, decimal_places=6)
    unit = models.ForeignKey(
        "masterdata.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit")
    )
    item = models.ForeignKey(
        "masterdata.Item",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("item"),
        db_index=False,
    )
    warehouse = models.ForeignKey(
        "inventory.Warehouse",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("warehouse"),
        db_index=False,
    )
    lot_number = models.CharField(
        _("batch or serial number"),
        max_length=2000,
        blank=True,
        db_default="",
        help_text=_(
            "Which one is used; it has to be said before posting. Of several pieces a serial number each, with commas "
            "between."
        ),
    )
    cost_price = models.DecimalField(_("cost price"), max_digits=19, decimal_places=6, null=True, blank=True)
    sales_price = models.DecimalField(
        _("sales price"), max_digits=19, decimal_places=6, null=True, blank=True
    )
    discount = models.DecimalField(
        _("discount %"),
        max_digits=7,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_(
            "Taken off the sales price. Empty: the discount of project and customer, or what the warranty bears."
        ),
    )
    warranty = models.DecimalField(
        _("borne by the warranty %"), max_digits=5, decimal_places=2, null=True, blank=True, editable=False
    )
    is_sales_price_modified = models.BooleanField(default=False, editable=False)
    price_reason = models.JSONField(default=dict, editable=False)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    signed_off_at = models.DateTimeField(_("signed off"), null=True, editable=False)
    transaction = models.OneToOneField(
        "projects.Transaction", models.PROTECT, null=True, related_name="order_line", editable=False
    )
    requirement = models.ForeignKey(
        "projects.ItemRequirement",
        models.SET_NULL,
        null=True,
        related_name="order_lines",
        db_index=False,
        editable=False,
        verbose_name=_("item requirement"),
    )
    client_write = models.OneToOneField(
        "core.ClientWrite", models.PROTECT, null=True, related_name="+", editable=False
    )

    class Meta:
        ordering = ["order", "line_number"]
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        constraints = [
            one_of("orderline_kind_known", "kind", LineKind),
            one_of("orderline_status_known", "status", LineStatus),
            one_of("orderline_origin_known", "origin", OrderOrigin),
            one_of("orderline_item_setup_known", "item_setup", ItemSetup),
            models.UniqueConstraint(fields=["order", "line_number"], name="orderline_number_once"),
            # SO-A07, architecture 7: a calculated date of an agreement line becomes one order line, ever.
            models.UniqueConstraint(
                fields=["agreement_line", "date_calculated"],
                name="orderline_once_per_calculated_date",
                condition=Q(agreement_line__isnull=False),
            ),
            # SO-18: an item requirement is posted by its consumptions, of which there may be several.
            models.CheckConstraint(
                name="orderline_transaction_when_posted",
                condition=Q(status=LineStatus.POSTED, transaction__isnull=False, requirement__isnull=True)
                | Q(status=LineStatus.POSTED, transaction__isnull=True, requirement__isnull=False)
                | (~Q(status=LineStatus.POSTED) & Q(transaction__isnull=True)),
            ),
            models.CheckConstraint(
                name="orderline_posted_ones_are_signed_off",
                condition=~Q(status=LineStatus.POSTED)
                | Q(signed_off_at__isnull=False)
                | Q(requirement__isnull=False)
                | Q(origin=OrderOrigin.IMPORT),
            ),
            models.CheckConstraint(
                name="orderline_requirement_where_set_up_so",
                condition=Q(requirement__isnull=True)
                | (Q(item_setup=ItemSetup.REQUIREMENT) & ~Q(status=LineStatus.CANCELLED)),
            ),
            models.UniqueConstraint(
                fields=["requirement"],
                name="orderline_one_per_requirement",
                condition=Q(requirement__isnull=False),
            ),
            models.CheckConstraint(
                name="orderline_item_lines_have_an_item",
                condition=Q(kind=LineKind.ITEM, item__isnull=False)
                | (~Q(kind=LineKind.ITEM) & Q(item__isnull=True)),
            ),
            models.CheckConstraint(name="orderline_quantity_not_nothing", condition=~Q(quantity=0)),
            models.CheckConstraint(
                name="orderline_discount_of_the_price",
                condition=Q(discount__isnull=True) | Q(discount__gte=0, discount__lte=100),
            ),
            models.CheckConstraint(
                name="orderline_warranty_of_a_part_and_alone",
                condition=Q(warranty__isnull=True)
                | Q(warranty__gt=0, warranty__lt=100, discount__isnull=True),
            ),
            models.CheckConstraint(
                name="orderline_ends_after_start",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=models.F("started_at")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["order"],
                name="orderline_to_post",
                condition=Q(status="CREATED", signed_off_at__isnull=False),
            ),
            models.Index(
                fields=["worker", "executed_on"],
                name="orderline_by_worker",
                condition=Q(worker__isnull=False),
            ),
            *(where_given(f"orderline_by_{name}", name) for name in ["item", "warehouse"]),
        ]

    def __str__(self) -> str:
        return f"{self.line_number} {self.description}"

    @property
    def listed_price(self) -> Decimal | None:
        """The sales price before what is taken off on the line itself: its own discount, or what a warranty bears."""
        taken: dict[str, Any] = self.price_reason.get("sales", {}).get("discount", {})
        return Decimal(taken["list_price"]) if taken.keys() & {"by_hand", "warranty"} else self.sales_price

    @property
    def agreed_price(self) -> Decimal | None:
        """The sales price, where somebody entered it or a discount of it, or a warranty bears some of it; None where
        the price search found it."""
        own = self.is_sales_price_modified or self.discount is not None or self.warranty is not None
        return self.sales_price if own else None
