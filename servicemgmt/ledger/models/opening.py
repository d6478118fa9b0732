from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .voucher import Voucher


class OpeningBalance(models.Model):
    """The voucher that a fiscal year was opened with. A year has one that is not reversed; the voucher is frozen."""

    year = models.PositiveSmallIntegerField(_("year"))
    voucher = models.OneToOneField(Voucher, models.PROTECT, related_name="opening", verbose_name=_("voucher"))
    reversal = models.OneToOneField(
        Voucher, models.PROTECT, null=True, related_name="opening_reversed", verbose_name=_("reversed by")
    )

    class Meta:
        ordering = ["-year", "-pk"]
        verbose_name = _("opening balance")
        verbose_name_plural = _("opening balances")
        constraints = [
            models.UniqueConstraint(
                fields=["year"], condition=Q(reversal=None), name="openingbalance_once_per_year"
            )
        ]

    def __str__(self) -> str:
        return str(self.year)
