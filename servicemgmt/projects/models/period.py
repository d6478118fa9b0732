from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import one_of
from servicemgmt.core.models import Master
from servicemgmt.core.periods import Unit


class PeriodAlignment(models.TextChoices):
    CALENDAR = "CALENDAR", _("From a fixed day of the year")
    ANNIVERSARY = "ANNIVERSARY", _("From the subscription's start")


class PeriodType(Master):
    """A rule for consecutive periods; borders are computed from the anchor, never stored (architecture 12)."""

    unit = models.CharField(_("unit"), max_length=10, choices=Unit)
    count = models.PositiveSmallIntegerField(_("count"), default=1)
    alignment = models.CharField(
        _("alignment"), max_length=12, choices=PeriodAlignment, default=PeriodAlignment.CALENDAR
    )
    anchor = models.DateField(_("anchor"), default=date(2001, 1, 1))
    month_end = models.BooleanField(_("always the month's last day"), default=False)

    class Meta(Master.Meta):
        verbose_name = _("period type")
        verbose_name_plural = _("period types")
        constraints = [
            one_of("periodtype_unit_known", "unit", Unit),
            one_of("periodtype_alignment_known", "alignment", PeriodAlignment),
            models.CheckConstraint(name="periodtype_count_positive", condition=models.Q(count__gte=1)),
        ]
