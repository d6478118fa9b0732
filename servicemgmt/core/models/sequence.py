from django.db import models
from django.utils.translation import gettext_lazy as _


class NumberSequence(models.Model):
    """How a kind of document is numbered.

    Gapless sequences count per year in a locked row and are taken last in the transaction; the others draw from a
    PostgreSQL sequence (made by the trigger `numbersequence_makes_sequence`) and never make anybody wait.
    """

    code = models.CharField(_("code"), max_length=30, primary_key=True)
    description = models.CharField(_("description"), max_length=120)
    prefix = models.CharField(_("prefix"), max_length=12, blank=True)
    digits = models.PositiveSmallIntegerField(_("digits"), default=6)
    is_gapless = models.BooleanField(_("without gaps, per year"), default=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["code"]
        verbose_name = _("number sequence")
        verbose_name_plural = _("number sequences")
        constraints = [
            models.CheckConstraint(
                name="numbersequence_code_is_plain", condition=models.Q(code__regex=r"^[a-z][a-z0-9_]*$")
            ),
            models.CheckConstraint(
                name="numbersequence_digits_sensible", condition=models.Q(digits__gte=3, digits__lte=12)
            ),
        ]

    def __str__(self) -> str:
        return self.description


class NumberCounter(models.Model):
    """The next number of a gapless sequence in one year of document dates."""

    sequence = models.ForeignKey(NumberSequence, models.CASCADE, related_name="counters")
    year = models.PositiveSmallIntegerField()
    next = models.BigIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sequence", "year"], name="numbercounter_once_per_year"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence_id} {self.year}: {self.next}"
