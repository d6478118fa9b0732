from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import one_of
from servicemgmt.core.models import Master, MasterQuerySet, Versioned


class Skill(Master):
    """What somebody must be able to do: a licence, a training."""

    class Meta(Master.Meta):
        verbose_name = _("skill")
        verbose_name_plural = _("skills")


class BookingRule(models.TextChoices):
    BLOCK = "BLOCK", _("Refuse double bookings")
    WARN = "WARN", _("Warn and ask for a reason")


class Team(Master):
    """A dispatch team: a group of rows on the board with one owner, who is an employee (DB-01)."""

    owner = models.ForeignKey(
        "masterdata.Employee",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    calendar = models.ForeignKey(
        "masterdata.WorkCalendar", models.PROTECT, null=True, blank=True, verbose_name=_("calendar")
    )
    booking_rule = models.CharField(
        _("double booking"), max_length=5, choices=BookingRule, default=BookingRule.BLOCK
    )
    snap_minutes = models.PositiveSmallIntegerField(_("snap (minutes)"), default=15)
    shows_prices = models.BooleanField(_("technicians see prices"), default=False)

    class Meta(Master.Meta):
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        constraints = [
            one_of("team_booking_rule_known", "booking_rule", BookingRule),
            models.CheckConstraint(
                name="team_snap_divides_the_hour", condition=models.Q(snap_minutes__in=[5, 15, 30, 60])
            ),
        ]


class EmployeeKind(models.TextChoices):
    EMPLOYEE = "EMPLOYEE", _("Employee")
    CONTRACTOR = "CONTRACTOR", _("Contractor")


class Employee(Versioned):
    """A worker, employee or contractor; at most one user signs in as him, and he is in at most one team."""

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=EmployeeKind, default=EmployeeKind.EMPLOYEE)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="employee",
        verbose_name=_("user"),
    )
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="members", verbose_name=_("team")
    )
    calendar = models.ForeignKey(
        "masterdata.WorkCalendar", models.PROTECT, null=True, blank=True, verbose_name=_("calendar")
    )
    time_zone = models.CharField(_("time zone"), max_length=60)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    ended_on = models.DateField(_("left on"), null=True, blank=True)

    objects = MasterQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("employee")
        verbose_name_plural = _("employees")
        constraints = [one_of("employee_kind_known", "kind", EmployeeKind)]

    def __str__(self) -> str:
        return self.name

    @property
    def mailbox(self) -> str:
        """Where mails to him go: the address of the employee, else the one he signs in with; empty without either."""
        return self.email or (self.user.email if self.user else "")


class EmployeeSkill(models.Model):
    """That a worker has a skill, until a day if it expires."""

    employee = models.ForeignKey(Employee, models.CASCADE, related_name="skills")
    skill = models.ForeignKey(Skill, models.PROTECT, verbose_name=_("skill"))
    expires_on = models.DateField(_("expires"), null=True, blank=True)

    class Meta:
        verbose_name = _("skill of an employee")
        verbose_name_plural = _("skills of employees")
        constraints = [models.UniqueConstraint(fields=["employee", "skill"], name="employeeskill_once")]

    def __str__(self) -> str:
        return f"{self.employee} {self.skill}"


class Absence(Versioned):
    """When a worker is not there, as a half-open range of instants."""

    employee = models.ForeignKey(
        Employee, models.CASCADE, related_name="absences", verbose_name=_("employee")
    )
    during = DateTimeRangeField(_("during"))
    reason = models.CharField(_("reason"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        constraints = [
            ExclusionConstraint(
                name="absence_does_not_overlap",
                expressions=[("employee", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            )
        ]

    def __str__(self) -> str:
        return f"{self.employee} {self.reason}"
