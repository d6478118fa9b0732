from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import at_least
from servicemgmt.core.models import Versioned


class BudgetLine(Versioned):
    """What a project may take and bring under a category: in a month, or without one over all its time.

    Cost is in the company's currency, revenue in the project's.
    """

    project = models.ForeignKey(
        "projects.Project", models.CASCADE, related_name="budget", verbose_name=_("project")
    )
    category = models.ForeignKey(
        "projects.Category", models.PROTECT, related_name="+", verbose_name=_("category")
    )
    month = models.DateField(
        _("month"), null=True, blank=True, help_text=_("Its first day; empty: over the whole project.")
    )
    quantity = models.DecimalField(_("quantity"), max_digits=15, decimal_places=2, default=0)
    cost = models.DecimalField(_("cost"), max_digits=19, decimal_places=4, default=0)
    revenue = models.DecimalField(_("revenue"), max_digits=19, decimal_places=4, default=0)

    class Meta:
        ordering = ["project", "category", "month"]
        verbose_name = _("budget line")
        verbose_name_plural = _("budget lines")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "category", "month"], nulls_distinct=False, name="budgetline_once"
            ),
            models.CheckConstraint(
                name="budgetline_of_a_whole_month", condition=Q(month__isnull=True) | Q(month__day=1)
            ),
            at_least("budgetline_quantity_not_negative", "quantity", 0),
            at_least("budgetline_cost_not_negative", "cost", 0),
            at_least("budgetline_revenue_not_negative", "revenue", 0),
        ]

    def __str__(self) -> str:
        return f"{self.project} – {self.category}"
