from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import one_of
from servicemgmt.core.models import Master
from servicemgmt.core.periods import Unit


class ServiceInterval(Master):
    """How often an agreement line recurs: every `frequency` units from the line's start."""

    unit = models.CharField(_("unit"), max_length=10, choices=Unit)
    frequency = models.PositiveSmallIntegerField(_("every"), default=1)

    class Meta(Master.Meta):
        verbose_name = _("service interval")
        verbose_name_plural = _("service intervals")
        constraints = [
            one_of("serviceinterval_unit_known", "unit", Unit),
            models.CheckConstraint(name="serviceinterval_frequency_positive", condition=Q(frequency__gte=1)),
        ]


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
