from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.models import Versioned


class Activity(Versioned):
    """A piece of an order that is planned as one: its lines, task and length. Without live booking: unscheduled."""

    order = models.ForeignKey("orders.ServiceOrder", models.CASCADE, related_name="activities")
    task_relation = models.ForeignKey(
        "orders.OrderTask", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("task")
    )
    type = models.ForeignKey(
        "agreements.ActivityType",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("type"),
    )
    planned_minutes = models.PositiveIntegerField(_("planned minutes"))
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ["order", "pk"]
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        constraints = [
            models.CheckConstraint(name="activity_has_length", condition=Q(planned_minutes__gte=5)),
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.task_relation or ''}".strip()


class ActivityLine(models.Model):
    """That an order line is worked in an activity; each line in one."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="activity_lines")
    line = models.OneToOneField("orders.ServiceOrderLine", models.CASCADE, related_name="activity_line")

    class Meta:
        verbose_name = _("line of an activity")
        verbose_name_plural = _("lines of activities")

    def __str__(self) -> str:
        return str(self.line)
