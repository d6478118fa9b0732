from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.models import Master, MasterQuerySet


class SlaQuerySet(MasterQuerySet):
    def selectable(self) -> "SlaQuerySet":
        """SLA-13: suspended ones are not offered."""
        return self.filter(suspended=False)


class ServiceLevelAgreement(Master):
    """Maximum completion time, and optionally a calendar in whose working time it is counted (SLA-01, SLA-11)."""

    days = models.PositiveSmallIntegerField(_("days"), default=0)
    hours = models.PositiveSmallIntegerField(_("hours"), default=0)
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=0)
    response_minutes = models.PositiveIntegerField(_("response within (minutes)"), null=True, blank=True)
    calendar = models.ForeignKey(
        "masterdata.WorkCalendar", models.PROTECT, null=True, blank=True, verbose_name=_("calendar")
    )
    suspended = models.BooleanField(_("suspended"), default=False)

    objects = SlaQuerySet.as_manager()  # type: ignore[misc]

    class Meta(Master.Meta):
        verbose_name = _("service level agreement")
        verbose_name_plural = _("service level agreements")
        constraints = [
            models.CheckConstraint(
                name="sla_limit_positive", condition=Q(days__gt=0) | Q(hours__gt=0) | Q(minutes__gt=0)
            ),
            models.CheckConstraint(
                name="sla_response_positive",
                condition=Q(response_minutes__isnull=True) | Q(response_minutes__gt=0),
            ),
        ]

    @property
    def limit_minutes(self) -> int:
        """SLA-11: a day is the calendar's standard working day, or 1,440 minutes without a calendar."""
        day = self.calendar.standard_day_minutes if self.calendar else 1440
        return self.days * day + self.hours * 60 + self.minutes
