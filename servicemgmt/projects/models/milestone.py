from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import both_or_neither
from servicemgmt.core.models import Versioned


class MilestoneQuerySet(models.QuerySet["Milestone"]):
    def search(self, text: str) -> "MilestoneQuerySet":
        return self.filter(
            Q(description__icontains=text)
            | Q(project__number__iexact=text)
            | Q(project__name__icontains=text)
            | Q(project__customer__name__icontains=text)
        )


class Milestone(Versioned):
    """A part of a fixed price: completing it posts a fee of its amount, which is invoiced (B.8).

    Completed ones are frozen (trigger) until their completion is taken back.
    """

    project = models.ForeignKey(
        "projects.Project", models.PROTECT, related_name="milestones", verbose_name=_("project")
    )
    description = models.CharField(_("description"), max_length=160)
    due_on = models.DateField(_("due"))
    amount = models.DecimalField(
        _("amount"),
        max_digits=19,
        decimal_places=4,
        help_text=_("Net, in the project's currency."),
    )
    category = models.ForeignKey(
        "projects.Category",
        models.PROTECT,
        related_name="+",
        verbose_name=_("category"),
        limit_choices_to={"kind": "FEE"},
        help_text=_("Leads to the revenue account and the tax."),
    )
    completed_on = models.DateField(_("completed"), null=True, editable=False)
    transaction = models.OneToOneField(
        "projects.Transaction", models.PROTECT, null=True, editable=False, related_name="milestone"
    )

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        ordering = ["project", "due_on", "pk"]
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        constraints = [
            models.CheckConstraint(name="milestone_of_an_amount", condition=Q(amount__gt=0)),
            both_or_neither("milestone_completed_with_its_fee", "completed_on", "transaction"),
        ]
        indexes = [models.Index(fields=["due_on", "id"], name="milestone_by_due_day")]

    def __str__(self) -> str:
        return self.description
