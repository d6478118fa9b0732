from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import one_of
from servicemgmt.core.display import quantity
from servicemgmt.core.models import Versioned

from .project import LineKind


class SalesDiscount(Versioned):
    """So many percent off the sales price of what a row names, from a day on; 0 percent ends an earlier row.

    A row for a project goes before one for a customer, that before one for everybody; inside, a row for an item before
    one for a category, that before one for all; then the latest.
    """

    kind = models.CharField(_("type"), max_length=10, choices=LineKind)
    project = models.ForeignKey(
        "projects.Project", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("project")
    )
    customer = models.ForeignKey(
        "masterdata.Customer",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("customer"),
    )
    category = models.ForeignKey(
        "projects.Category",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
    )
    item = models.ForeignKey(
        "masterdata.Item", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("item")
    )
    valid_from = models.DateField(_("valid from"))
    percent = models.DecimalField(_("discount %"), max_digits=7, decimal_places=4)

    class Meta:
        ordering = ["kind", "-valid_from", "pk"]
        verbose_name = _("discount")
        verbose_name_plural = _("discounts")
        constraints = [
            one_of("salesdiscount_kind_known", "kind", LineKind),
            models.CheckConstraint(
                name="salesdiscount_of_the_price", condition=Q(percent__gte=0, percent__lte=100)
            ),
            models.CheckConstraint(
                name="salesdiscount_item_only_on_items",
                condition=Q(item__isnull=True) | Q(kind=LineKind.ITEM),
            ),
            models.CheckConstraint(
                name="salesdiscount_project_or_customer",
                condition=Q(project__isnull=True) | Q(customer__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["kind", "project", "customer", "category", "item", "valid_from"],
                nulls_distinct=False,
                name="salesdiscount_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {quantity(self.percent)} %"
