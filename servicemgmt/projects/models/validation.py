from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.models import Versioned


class ProjectValidation(Versioned):
    """AG-09: a worker and a category that may be chosen together on a project; what is empty means any.

    A project that no row speaks of allows everything; a row without project speaks of all.
    """

    project = models.ForeignKey(
        "projects.Project", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("project")
    )
    worker = models.ForeignKey(
        "masterdata.Employee",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("worker"),
    )
    category = models.ForeignKey(
        "projects.Category",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
    )

    class Meta:
        ordering = ["project", "worker", "category", "pk"]
        verbose_name = _("allowed combination")
        verbose_name_plural = _("allowed combinations")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "worker", "category"],
                nulls_distinct=False,
                name="projectvalidation_once",
            ),
            models.CheckConstraint(
                name="projectvalidation_names_something",
                condition=Q(worker__isnull=False) | Q(category__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        named = [str(part) for part in (self.project, self.worker, self.category) if part]
        return ", ".join(named)
