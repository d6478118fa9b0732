from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from ..constraints import one_of


class MailStatus(models.TextChoices):
    WAITING = "WAITING", _("Waiting")
    SENT = "SENT", _("Sent")
    FAILED = "FAILED", _("Given up")


class OutboxQuerySet(models.QuerySet["Outbox"]):
    def search(self, text: str) -> "OutboxQuerySet":
        return self.filter(
            Q(recipient__icontains=text) | Q(title__icontains=text) | Q(subject_label__icontains=text)
        )


class Outbox(models.Model):
    """A mail to be sent, written in the transaction that has a reason to send it, and sent at least once.

    `subject` names the thing it is about (`invoice:7`), whose kept document `attachment` goes with it. The Message-ID
    stays the same however often it is sent, so that a mailbox that gets it twice shows it once.
    """

    recipient = models.EmailField(_("recipient"))
    title = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"))
    subject = models.CharField(max_length=60)
    subject_label = models.CharField(_("document"), max_length=60)
    attachment = models.CharField(_("attachment"), max_length=200, blank=True)
    message_id = models.CharField("Message-ID", max_length=200, unique=True)
    status = models.CharField(_("status"), max_length=8, choices=MailStatus, default=MailStatus.WAITING)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(_("next try"), null=True)
    error = models.CharField(_("error"), max_length=500, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    queued_at = models.DateTimeField(_("written"), db_default=Now())
    queued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = OutboxQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        constraints = [
            one_of("outbox_status_known", "status", MailStatus),
            models.CheckConstraint(
                name="outbox_waiting_has_a_next_try",
                condition=Q(status=MailStatus.WAITING, next_try_at__isnull=False)
                | (~Q(status=MailStatus.WAITING) & Q(next_try_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="outbox_sent_at_a_moment",
                condition=Q(status=MailStatus.SENT, sent_at__isnull=False) | ~Q(status=MailStatus.SENT),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at", "id"], name="outbox_due", condition=Q(status=MailStatus.WAITING)
            ),
            models.Index(fields=["subject"], name="outbox_by_subject"),
        ]

    def __str__(self) -> str:
        return self.title
