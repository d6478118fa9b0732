from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import one_of
from servicemgmt.core.models import Versioned


class ClosedPeriodRule(models.TextChoices):
    """What happens to a posting whose date lies in a closed fiscal period."""

    REFUSE = "REFUSE", _("Refuse it, naming the first open date")
    MOVE = "MOVE", _("Move it to the first open date and mark it")


class LedgerParameters(Versioned):
    """The company's choices for the ledger: one row; before there is one, its defaults hold."""

    only = models.BooleanField(default=True, unique=True, editable=False)
    closed_periods = models.CharField(
        _("posting into a closed period"),
        max_length=10,
        choices=ClosedPeriodRule,
        default=ClosedPeriodRule.REFUSE,
    )

    class Meta:
        verbose_name = _("ledger parameters")
        verbose_name_plural = _("ledger parameters")
        constraints = [
            one_of("ledgerparameters_rule_known", "closed_periods", ClosedPeriodRule),
            models.CheckConstraint(name="ledgerparameters_is_one", condition=models.Q(only=True)),
        ]

    def __str__(self) -> str:
        return str(capfirst(self._meta.verbose_name))
