from django.db import models
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.models import Master


class ServiceTask(Master):
    """Named description of work; the notes are what a new relation to it starts with."""

    note_internal = models.TextField(_("note for the technician"), blank=True)
    note_external = models.TextField(_("note for the customer"), blank=True)
    planned_minutes = models.PositiveIntegerField(_("usual length (minutes)"), null=True, blank=True)
    required_skill = models.ForeignKey(
        "masterdata.Skill",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("required skill"),
    )

    class Meta(Master.Meta):
        verbose_name = _("service task")
        verbose_name_plural = _("service tasks")


class ActivityType(Master):
    """Label of an activity on the board."""

    class Meta(Master.Meta):
        verbose_name = _("activity type")
        verbose_name_plural = _("activity types")
