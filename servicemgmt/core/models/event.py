from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """The audit trail: who did what to which thing, from what to what. Append-only (trigger `event_append_only`).

    Written by operations in their own transaction; one per Run, not one per row of a mass job, but for what has a
    history of its own and begins with it (orders created from agreements).
    """

    at = models.DateTimeField(_("when"), db_default=Now())
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_constraint=False)
    actor_name = models.CharField(_("who"), max_length=120)
    subject = models.CharField(_("subject"), max_length=60)
    subject_label = models.CharField(_("of"), max_length=160, blank=True)
    action = models.CharField(_("what"), max_length=60)
    changes = models.JSONField(_("changes"), default=dict)
    request_id = models.CharField(max_length=40, blank=True)
    run = models.ForeignKey("core.Run", models.SET_NULL, null=True, db_constraint=False)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("event")
        verbose_name_plural = _("audit trail")
        indexes = [
            models.Index(fields=["subject", "-id"], name="event_by_subject"),
            models.Index(fields=["-at", "-id"], name="event_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.action}"
