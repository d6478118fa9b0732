import json

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class SignOff(models.Model):
    """That the work is complete: who signed, how, and a hash over exactly what he saw (SO-21).

    A later change of a covered line voids it visibly; the row itself is never changed otherwise (trigger).
    """

    order = models.ForeignKey("orders.ServiceOrder", models.CASCADE, related_name="sign_offs")
    signer_name = models.CharField(_("name"), max_length=120)
    signer_role = models.CharField(_("role"), max_length=80, blank=True)
    strokes = models.JSONField(default=list, help_text="Vector strokes: lists of [x, y] points.")
    is_typed = models.BooleanField(_("typed instead of drawn"), default=False)
    canonical = models.TextField(help_text="The canonical form of the lines that the hash is taken over.")
    sha256 = models.CharField(_("hash"), max_length=64)
    printed = models.JSONField(default=dict, help_text="Names and addresses on the receipt as they stood.")
    device_at = models.DateTimeField(_("signed on the device"))
    signed_at = models.DateTimeField(_("signed"), db_default=Now())
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    client_write = models.OneToOneField("core.ClientWrite", models.PROTECT, null=True, related_name="+")
    voided_at = models.DateTimeField(_("voided"), null=True)
    voided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    void_reason = models.CharField(_("why void"), max_length=160, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("sign-off")
        verbose_name_plural = _("sign-offs")
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(voided_at__isnull=True), name="signoff_one_valid_per_order"
            ),
            models.CheckConstraint(
                name="signoff_drawn_or_typed", condition=Q(is_typed=True) | ~Q(strokes=[])
            ),
            models.CheckConstraint(
                name="signoff_void_has_a_reason", condition=Q(voided_at__isnull=True) | ~Q(void_reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.signer_name} {self.signed_at}"

    @property
    def with_prices(self) -> bool:
        """Whether the signer was shown sales prices, which are then part of what he signed."""
        return bool(json.loads(self.canonical)["with_prices"])

    @property
    def pdf_name(self) -> str:
        """What the receipt as it was signed is called in the archive."""
        return f"{self.order.number}-receipt-{self.pk}.pdf"
