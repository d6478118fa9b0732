from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.models import Versioned


class CreditLimit(Versioned):
    """How much a customer may owe, posted work that waits for its invoice counted; without a row, anything."""

    customer = models.OneToOneField(
        "masterdata.Customer", models.CASCADE, related_name="+", verbose_name=_("customer")
    )
    amount = models.DecimalField(_("may owe, in company currency"), max_digits=19, decimal_places=4)

    class Meta:
        ordering = ["customer__name", "pk"]
        verbose_name = _("credit limit")
        verbose_name_plural = _("credit limits")
        constraints = [models.CheckConstraint(name="creditlimit_not_negative", condition=Q(amount__gte=0))]

    def __str__(self) -> str:
        return f"{self.customer}"
