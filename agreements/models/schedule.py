from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import not_before, one_of
from servicemgmt.core.models import Master
from servicemgmt.core.periods import Unit
from servicemgmt.masterdata.models import Weekday


class Ordinal(models.IntegerChoices):
    FIRST = 1, _("First")
    SECOND = 2, _("Second")
    THIRD = 3, _("Third")
    FOURTH = 4, _("Fourth")
    LAST = -1, _("Last")


class Month(models.IntegerChoices):
    JANUARY = 1, MONTHS[1]
    FEBRUARY = 2, MONTHS[2]
    MARCH = 3, MONTHS[3]
    APRIL = 4, MONTHS[4]
    MAY = 5, MONTHS[5]
    JUNE = 6, MONTHS[6]
    JULY = 7, MONTHS[7]
    AUGUST = 8, MONTHS[8]
    SEPTEMBER = 9, MONTHS[9]
    OCTOBER = 10, MONTHS[10]
    NOVEMBER = 11, MONTHS[11]
    DECEMBER = 12, MONTHS[12]


class ServiceInterval(Master):
    """How often an agreement line recurs: every `frequency` units from the line's start.

    By rule, where it is said: on a weekday (weeks), on the nth weekday of the month (months and longer), only in the
    months of a season, never on the days left out.
    """

    unit = models.CharField(_("unit"), max_length=10, choices=Unit)
    frequency = models.PositiveSmallIntegerField(_("every"), default=1)
    ordinal = models.SmallIntegerField(
        _("which of the month"),
        choices=Ordinal,
        null=True,
        blank=True,
        help_text=_(
            "With a weekday: the second Tuesday, the last Friday. Empty: the day of the line's start."
        ),
    )
    weekday = models.PositiveSmallIntegerField(
        _("weekday"),
        choices=Weekday,
        null=True,
        blank=True,
        help_text=_("Empty: the weekday, or the day of the month, of the line's start."),
    )
    season_from = models.PositiveSmallIntegerField(
        _("only from the month"),
        choices=Month,
        null=True,
        blank=True,
        help_text=_("The season in which it comes, such as April to October. Empty: all year."),
    )
    season_until = models.PositiveSmallIntegerField(
        _("until the month"), choices=Month, null=True, blank=True, help_text=_("Inclusive.")
    )

    class Meta(Master.Meta):
        verbose_name = _("service interval")
        verbose_name_plural = _("service intervals")
        constraints = [
            one_of("serviceinterval_unit_known", "unit", Unit),
            models.CheckConstraint(name="serviceinterval_frequency_positive", condition=Q(frequency__gte=1)),
            models.CheckConstraint(
                name="serviceinterval_within_a_century",
                condition=Q(unit=Unit.DAY)
                | Q(unit=Unit.WEEK, frequency__lte=5200)
                | Q(unit=Unit.MONTH, frequency__lte=1200)
                | Q(unit=Unit.QUARTER, frequency__lte=400)
                | Q(unit=Unit.YEAR, frequency__lte=100),
            ),
            one_of("serviceinterval_weekday_known", "weekday", Weekday),
            one_of("serviceinterval_ordinal_known", "ordinal", Ordinal),
            models.CheckConstraint(
                name="serviceinterval_rule_fits_unit",
                condition=Q(weekday__isnull=True, ordinal__isnull=True)
                | Q(unit=Unit.WEEK, weekday__isnull=False, ordinal__isnull=True)
                | Q(
                    unit__in=[Unit.MONTH, Unit.QUARTER, Unit.YEAR],
                    weekday__isnull=False,
                    ordinal__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="serviceinterval_season_has_both_ends",
                condition=Q(season_from__isnull=True, season_until__isnull=True)
                | Q(
                    season_from__isnull=False,
                    season_until__isnull=False,
                    season_from__range=(1, 12),
                    season_until__range=(1, 12),
                ),
            ),
        ]

    def clean(self) -> None:
        """What is missing or too much is said at its field; the constraints have the last word."""
        by_month = self.unit in (Unit.MONTH, Unit.QUARTER, Unit.YEAR)
        if self.unit == Unit.DAY and self.weekday is not None:
            raise ValidationError({"weekday": _("Days take no weekday.")})
        if not by_month and self.ordinal is not None:
            raise ValidationError({"ordinal": _("Only months, quarters and years take this.")})
        if self.ordinal is not None and self.weekday is None:
            raise ValidationError({"weekday": _("Say which weekday it is.")})
        if by_month and self.weekday is not None and self.ordinal is None:
            raise ValidationError({"ordinal": _("Say which of the month it is: the first, the last …")})
        if (self.season_from is None) != (self.season_until is None):
            where = "season_from" if self.season_from is None else "season_until"
            raise ValidationError({where: _("A season needs its first and its last month.")})


class IntervalPause(models.Model):
    """Days on which an interval never falls, such as a works holiday; both ends inclusive, one day without an end."""

    interval = models.ForeignKey(ServiceInterval, models.CASCADE, related_name="pauses")
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("to"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=80, blank=True)

    class Meta:
        ordering = ["first_day", "pk"]
        verbose_name = _("days left out")
        verbose_name_plural = _("days left out")
        constraints = [not_before("intervalpause_ends_after_start", "first_day", "last_day")]

    def __str__(self) -> str:
        end = f" – {self.last_day}" if self.last_day else ""
        return f"{self.first_day}{end} {self.reason}".strip()


class WindowMethod(models.TextChoices):
    WEEK = "WEEK", _("Same week")
    MONTH = "MONTH", _("Same month")
    MANUAL = "MANUAL", _("Days before and after")


class TimeWindow(Master):
    """How far a generated line may be moved from its calculated date (SO-A09)."""

    method = models.CharField(_("method"), max_length=10, choices=WindowMethod)
    days_before = models.PositiveSmallIntegerField(_("days before"), default=0)
    days_after = models.PositiveSmallIntegerField(_("days after"), default=0)

    class Meta(Master.Meta):
        verbose_name = _("time window")
        verbose_name_plural = _("time windows")
        constraints = [
            one_of("timewindow_method_known", "method", WindowMethod),
            models.CheckConstraint(
                name="timewindow_days_only_when_manual",
                condition=Q(method=WindowMethod.MANUAL) | Q(days_before=0, days_after=0),
            ),
        ]


class TemplateGroup(Master):
    """A folder in the tree of agreement templates."""

    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("inside")
    )

    class Meta(Master.Meta):
        verbose_name = _("template group")
        verbose_name_plural = _("template groups")
        constraints = [
            models.CheckConstraint(name="templategroup_not_its_own_parent", condition=~Q(parent=F("pk")))
        ]

    def clean(self) -> None:
        """A folder inside itself is said at the field; the trigger `templategroup_acyclic` has the last word."""
        above = self.parent
        while above:
            if above.pk == self.pk:
                raise ValidationError({"parent": _("This folder lies inside the one you want to put it in.")})
            above = above.parent
