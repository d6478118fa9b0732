from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import both_or_neither
from servicemgmt.core.models import Versioned


class FiscalPeriod(Versioned):
    """A stretch of ledger dates that can close; a voucher needs an open one (trigger `voucher_needs_open_period`)."""

    name = models.CharField(_("name"), max_length=20, unique=True)
    during = DateRangeField(_("dates"))
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["during"]
        verbose_name = _("fiscal period")
        verbose_name_plural = _("fiscal periods")
        constraints = [
            both_or_neither("fiscalperiod_closed_by_someone", "closed_at", "closed_by"),
            ExclusionConstraint(
                name="fiscalperiod_does_not_overlap", expressions=[("during", RangeOperators.OVERLAPS)]
            ),
            models.CheckConstraint(
                name="fiscalperiod_has_both_ends",
                condition=models.Q(during__lower_inf=False, during__upper_inf=False, during__isempty=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name
