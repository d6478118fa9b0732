from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.models import Master


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class WorkCalendar(Master):
    """When somebody or something is open: a week's hours, and days that differ. Times are local to whoever uses it."""

    standard_day_minutes = models.PositiveIntegerField(
        _("standard working day (minutes)"),
        default=480,
        help_text=_("How many minutes of working time one day of a service level limit counts."),
    )

    class Meta(Master.Meta):
        verbose_name = _("work calendar")
        verbose_name_plural = _("work calendars")
        constraints = [
            models.CheckConstraint(
                name="workcalendar_day_has_minutes",
                condition=models.Q(standard_day_minutes__gte=1, standard_day_minutes__lte=1440),
            )
        ]


class Hours(models.Model):
    """An opening of a day in minutes from its midnight, half-open; 1440 is the end of the day."""

    opens = models.PositiveSmallIntegerField(_("from minute"))
    closes = models.PositiveSmallIntegerField(_("to minute"))

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Said at the field, so that no range that ends before it starts is asked for overlaps."""
        if (self.opens is None) != (self.closes is None):
            where = "opens" if self.opens is None else "closes"
            raise ValidationError({where: _("An opening needs from when and to when.")})
        if self.opens is not None and self.closes <= self.opens:
            raise ValidationError({"closes": _("An opening ends after it begins.")})


class CalendarHours(Hours):
    """One opening of a weekday."""

    calendar = models.ForeignKey(WorkCalendar, models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)

    class Meta:
        ordering = ["weekday", "opens"]
        verbose_name = _("working hours")
        verbose_name_plural = _("working hours")
        constraints = [
            models.CheckConstraint(
                name="calendarhours_open_before_close",
                condition=models.Q(opens__lt=models.F("closes"), closes__lte=1440, weekday__lte=6),
            ),
            ExclusionConstraint(
                name="calendarhours_do_not_overlap",
                expressions=[
                    ("calendar", RangeOperators.EQUAL),
                    ("weekday", RangeOperators.EQUAL),
                    (models.Func("opens", "closes", function="int4range"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{Weekday(self.weekday).label} {clock(self.opens)}–{clock(self.closes)}"


class CalendarDay(Hours):
    """A day that differs from its weekday: closed (one row without hours), or the openings of its own."""

    calendar = models.ForeignKey(WorkCalendar, models.CASCADE, related_name="days")
    day = models.DateField(_("day"))
    reason = models.CharField(_("reason"), max_length=80, blank=True)
    opens = models.PositiveSmallIntegerField(_("from minute"), null=True, blank=True)  # type: ignore[assignment]
    closes = models.PositiveSmallIntegerField(_("to minute"), null=True, blank=True)  # type: ignore[assignment]

    class Meta:
        ordering = ["day", "opens"]
        verbose_name = _("special day")
        verbose_name_plural = _("special days")
        constraints = [
            models.CheckConstraint(
                name="calendarday_closed_or_open_before_close",
                condition=models.Q(opens__isnull=True, closes__isnull=True)
                | models.Q(opens__lt=models.F("closes"), closes__lte=1440),
            ),
            ExclusionConstraint(
                name="calendarday_openings_do_not_overlap",
                expressions=[
                    ("calendar", RangeOperators.EQUAL),
                    ("day", RangeOperators.EQUAL),
                    (
                        models.Func(Coalesce("opens", 0), Coalesce("closes", 1440), function="int4range"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.reason}"


def clock(minute: int) -> str:
    """Minutes from midnight as 08:30."""
    return f"{minute // 60:02}:{minute % 60:02}"
