from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .agreement import ServiceAgreement


class AgreementSignature(models.Model):
    """That the customer signed the agreement: who, when, and exactly what he was shown.

    The row never changes (trigger). Whether it still stands for the agreement is no column: it does as long as the
    terms are those that were signed.
    """

    agreement = models.ForeignKey(ServiceAgreement, models.PROTECT, related_name="signatures")
    signer_name = models.CharField(_("name"), max_length=120)
    signer_role = models.CharField(_("role"), max_length=80, blank=True)
    signed_on = models.DateField(_("signed on"))
    strokes = models.JSONField(default=list, help_text="Vector strokes: lists of [x, y] points.")
    is_uploaded = models.BooleanField(_("signed on paper"), default=False)
    canonical = models.TextField(help_text="The document in the form that the hash is taken over.")
    sha256 = models.CharField(_("hash"), max_length=64)
    taken_at = models.DateTimeField(_("taken"), db_default=Now())
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        constraints = [
            models.CheckConstraint(
                name="agreementsignature_drawn_or_uploaded",
                condition=Q(is_uploaded=True, strokes=[]) | (Q(is_uploaded=False) & ~Q(strokes=[])),
            )
        ]

    def __str__(self) -> str:
        return f"{self.signer_name} {self.signed_on}"

    @property
    def pdf_name(self) -> str:
        """What the document as it was signed is called in the archive."""
        return f"{self.agreement.number}-signed-{self.pk}.pdf"
