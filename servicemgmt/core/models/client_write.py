from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class ClientWrite(models.Model):
    """A write that a device made up by itself: its UUID makes a repeated sending harmless (architecture 19)."""

    key = models.UUIDField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=60)
    device_at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["user", "-received_at"], name="clientwrite_by_user")]

    def __str__(self) -> str:
        return f"{self.key} {self.action}"
