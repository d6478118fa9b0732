from django.db import models
from django.utils.translation import gettext_lazy as _

from .agreement import ServiceAgreement


class ExpiryReminder(models.Model):
    """That the responsible was told of an agreement's last day: once for each day."""

    agreement = models.ForeignKey(ServiceAgreement, models.CASCADE, related_name="reminders")
    end_date = models.DateField(_("ends"))
    recipient = models.EmailField(_("recipient"))

    class Meta:
        ordering = ["pk"]
        verbose_name = _("reminder of an end")
        verbose_name_plural = _("reminders of ends")
        constraints = [
            models.UniqueConstraint(fields=["agreement", "end_date"], name="expiryreminder_once_per_end")
        ]

    def __str__(self) -> str:
        return f"{self.agreement} {self.end_date}"
