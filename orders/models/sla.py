from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import one_of


class SlaStatus(models.TextChoices):
    NONE = "NONE", _("No SLA")
    STARTED = "STARTED", _("Running")
    STOPPED = "STOPPED", _("Stopped")
    CANCELLED = "CANCELLED", _("Cancelled")


class ClockEnd(models.TextChoices):
    """What ended a stretch of the clock; one that a stage ended goes on when the order leaves that stage (SG-07)."""

    HAND = "HAND", _("By hand")
    STAGE = "STAGE", _("Stage")
    SIGN_OFF = "SIGN_OFF", _("Sign-off")
    CANCEL = "CANCEL", _("SLA cancelled")


class SlaTimeLog(models.Model):
    """One stretch of the SLA clock of an order; the one without an end is running (SLA-07, SLA-10)."""

    order = models.ForeignKey("orders.ServiceOrder", models.CASCADE, related_name="time_logs")
    started_at = models.DateTimeField(_("start"))
    ended_at = models.DateTimeField(_("end"), null=True)
    status = models.CharField(_("status"), max_length=10, choices=SlaStatus, default=SlaStatus.STARTED)
    ended_by = models.CharField(_("ended by"), max_length=10, choices=ClockEnd, blank=True)

    class Meta:
        ordering = ["started_at", "pk"]
        verbose_name = _("time recording")
        verbose_name_plural = _("time recordings")
        constraints = [
            one_of("slatimelog_status_known", "status", SlaStatus),
            models.CheckConstraint(
                name="slatimelog_ended_by_known",
                condition=Q(ended_at__isnull=True, ended_by="")
                | Q(ended_at__isnull=False, ended_by__in=[value for value, _label in ClockEnd.choices]),
            ),
            models.UniqueConstraint(
                fields=["order"], condition=Q(ended_at__isnull=True), name="slatimelog_one_running_clock"
            ),
            models.CheckConstraint(
                name="slatimelog_ends_after_start",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.started_at}"
