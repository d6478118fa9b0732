from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import one_of
from servicemgmt.core.display import quantity
from servicemgmt.core.models import Master, Versioned

from .project import LineKind


class PriceList(Master):
    """A set of price rows that a project or an agreement may have for itself; it goes before the general rows."""

    class Meta(Master.Meta):
        verbose_name = _("price list")
        verbose_name_plural = _("price lists")


class PriceModel(models.TextChoices):
    """PR-09: how a sales price of an hour or expense is made."""

    QUANTITY = "QUANTITY", _("Price as entered")
    CONTRIBUTION = "CONTRIBUTION", _("Contribution ratio %")
    PERCENT = "PERCENT", _("Charge % on cost")
    AMOUNT = "AMOUNT", _("Charge amount on cost")


class PriceRow(Versioned):
    """What a price row is looked up by (PR-08); the more of it is filled, the earlier it wins."""

    price_list = models.ForeignKey(
        PriceList, models.CASCADE, null=True, blank=True, verbose_name=_("price list")
    )
    kind = models.CharField(_("type"), max_length=10, choices=LineKind)
    project = models.ForeignKey(
        "projects.Project", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("project")
    )
    worker = models.ForeignKey(
        "masterdata.Employee",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("worker"),
    )
    category = models.ForeignKey(
        "projects.Category",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
    )
    valid_from = models.DateField(_("valid from"))
    price = models.DecimalField(_("price"), max_digits=19, decimal_places=6)

    class Meta:
        abstract = True


class CostPrice(PriceRow):
    """What an hour or an expense costs the company, in the company's currency."""

    class Meta:
        ordering = ["kind", "-valid_from", "pk"]
        verbose_name = _("cost price")
        verbose_name_plural = _("cost prices")
        constraints = [
            models.CheckConstraint(
                name="costprice_hour_or_expense", condition=Q(kind__in=["HOUR", "EXPENSE"])
            ),
            models.CheckConstraint(name="costprice_not_negative", condition=Q(price__gte=0)),
            models.UniqueConstraint(
                fields=["price_list", "kind", "project", "worker", "category", "valid_from"],
                nulls_distinct=False,
                name="costprice_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {quantity(self.price)}"


class SalesPrice(PriceRow):
    """What an hour, an expense, an item or a fee is sold for, in a currency; the model says how `price` is meant."""

    currency = models.ForeignKey("masterdata.Currency", models.PROTECT, verbose_name=_("currency"))
    item = models.ForeignKey(
        "masterdata.Item", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("item")
    )
    model = models.CharField(_("price model"), max_length=12, choices=PriceModel, default=PriceModel.QUANTITY)

    class Meta:
        ordering = ["kind", "-valid_from", "pk"]
        verbose_name = _("sales price")
        verbose_name_plural = _("sales prices")
        constraints = [
            one_of("salesprice_kind_known", "kind", LineKind),
            one_of("salesprice_model_known", "model", PriceModel),
            models.CheckConstraint(name="salesprice_not_negative", condition=Q(price__gte=0)),
            models.CheckConstraint(
                name="salesprice_fee_has_no_cost",
                condition=~Q(kind=LineKind.FEE) | Q(model=PriceModel.QUANTITY),
            ),
            models.CheckConstraint(
                name="salesprice_contribution_below_hundred",
                condition=~Q(model=PriceModel.CONTRIBUTION) | Q(price__lt=100),
            ),
            models.CheckConstraint(
                name="salesprice_item_only_on_items", condition=Q(item__isnull=True) | Q(kind=LineKind.ITEM)
            ),
            models.UniqueConstraint(
                fields=[
                    "price_list",
                    "kind",
                    "project",
                    "worker",
                    "category",
                    "item",
                    "currency",
                    "valid_from",
                ],
                nulls_distinct=False,
                name="salesprice_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {quantity(self.price)}"
