from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


def path(attachment: "Attachment", name: str) -> str:
    return f"attachments/{attachment.sha256[:2]}/{attachment.sha256}"


class Attachment(models.Model):
    """A file that belongs to a thing, stored byte for byte under its hash; never changed, only superseded."""

    subject = models.CharField(max_length=60)
    kind = models.CharField(max_length=30)
    name = models.CharField(_("file"), max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=path, max_length=200)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField(_("added"), db_default=Now())

    class Meta:
        ordering = ["pk"]
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "name"], condition=Q(kind="document"), name="attachment_document_once"
            )
        ]
        indexes = [models.Index(fields=["subject", "kind"], name="attachment_by_subject")]

    def __str__(self) -> str:
        return self.name
