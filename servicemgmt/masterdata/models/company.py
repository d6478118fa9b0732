from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.models import Master, Versioned

from .identifiers import bic_code, iban_number, vat_number
from .wording import Wording


class Currency(Master):
    """A currency by its ISO code; digits are how many decimals an amount of it has."""

    digits = models.PositiveSmallIntegerField(_("decimals"), default=2, validators=[MaxValueValidator(4)])

    class Meta(Master.Meta):
        verbose_name = _("currency")
        verbose_name_plural = _("currencies")
        constraints = [
            models.CheckConstraint(name="currency_digits_to_four", condition=models.Q(digits__lte=4)),
            models.CheckConstraint(
                name="currency_code_is_iso", condition=models.Q(code__regex=r"^[A-Z]{3}$")
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ExchangeRate(models.Model):
    """What one unit of the currency is worth in the company's currency, from a day on."""

    currency = models.ForeignKey(Currency, models.PROTECT, related_name="rates", verbose_name=_("currency"))
    valid_from = models.DateField(_("valid from"))
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=9)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["currency", "-valid_from"]
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints = [
            models.UniqueConstraint(fields=["currency", "valid_from"], name="exchangerate_once_per_day"),
            models.CheckConstraint(name="exchangerate_positive", condition=models.Q(rate__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.currency_id} {self.valid_from}"


class Company(Versioned):
    """The company this deployment belongs to: one row; what stands on documents, its currency, zone and calendar."""

    only = models.BooleanField(default=True, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    street = models.CharField(_("street"), max_length=160, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2, default="DE")
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    website = models.CharField(_("website"), max_length=120, blank=True)
    tax_number = models.CharField(_("VAT number"), max_length=30, blank=True, validators=[vat_number])
    bank_name = models.CharField(_("bank"), max_length=80, blank=True)
    iban = models.CharField("IBAN", max_length=34, blank=True, validators=[iban_number])
    bic = models.CharField("BIC", max_length=11, blank=True, validators=[bic_code])
    currency = models.ForeignKey(Currency, models.PROTECT, verbose_name=_("currency"))
    time_zone = models.CharField(_("time zone"), max_length=60, default="Europe/Berlin")
    language = models.CharField(_("language"), max_length=10, default="en")
    calendar = models.ForeignKey(
        "masterdata.WorkCalendar", models.PROTECT, null=True, blank=True, verbose_name=_("calendar")
    )
    page_size = models.CharField(_("paper"), max_length=10, default="A4")
    seeded_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("company")
        constraints = [models.CheckConstraint(name="company_is_one", condition=models.Q(only=True))]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def wordings(self) -> dict[tuple[str, str], str]:
        """What texts of the setup, with single spaces, are called in other languages; read once."""
        return {(row.language, " ".join(row.text.split())): row.wording for row in Wording.objects.all()}
