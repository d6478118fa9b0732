from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.models import Versioned

#: The last day that every month has.
LAST_DAY = 28


class ProjectParameters(Versioned):
    """The company's choices for projects and what they earn: one row; before there is one, its defaults hold."""

    only = models.BooleanField(default=True, unique=True, editable=False)
    accrue_on_day = models.PositiveSmallIntegerField(
        _("recognise deferred revenue on day"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LAST_DAY)],
        help_text=_(
            "On this day of each month everything deferred is recognised up to the end of the month before. "
            "Empty: only when somebody asks."
        ),
    )
    is_credit_approved = models.BooleanField(
        _("credit notes need a second person"),
        default=False,
        db_default=False,
        help_text=_("Whoever makes the draft of a credit note cannot post it: somebody else looks at it."),
    )
    accrued_until = models.DateField(null=True, editable=False, help_text="How far that went by itself.")

    class Meta:
        verbose_name = _("project parameters")
        verbose_name_plural = _("project parameters")
        constraints = [
            models.CheckConstraint(name="projectparameters_is_one", condition=Q(only=True)),
            models.CheckConstraint(
                name="projectparameters_day_of_every_month",
                condition=Q(accrue_on_day__isnull=True) | Q(accrue_on_day__range=(1, LAST_DAY)),
            ),
        ]

    def __str__(self) -> str:
        return str(capfirst(self._meta.verbose_name))
