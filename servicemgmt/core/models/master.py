from datetime import date
from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Versioned(models.Model):
    """A row that two people may hold open at once: a save names the version it was read at."""

    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta:
        abstract = True


class MasterQuerySet(models.QuerySet[Any]):
    def current(self, on: date) -> "MasterQuerySet":
        """Rows that may still be chosen on that day: not ended, or ended later."""
        return self.filter(models.Q(ended_on__isnull=True) | models.Q(ended_on__gt=on))


class Master(Versioned):
    """A small master: a code, a description and few fields, kept by the one setup mechanism.

    Ended rows stay for the documents that use them and are offered no more from that day on.
    """

    code = models.CharField(_("code"), max_length=20, unique=True)
    description = models.CharField(_("description"), max_length=120)
    ended_on = models.DateField(_("not offered from"), null=True, blank=True)

    objects = MasterQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["code"]

    def __str__(self) -> str:
        return self.description
