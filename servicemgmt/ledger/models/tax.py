from django.db import models
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import one_of
from servicemgmt.core.models import Master, Versioned


class TaxTreatment(models.TextChoices):
    STANDARD = "S", _("Taxed")
    ZERO = "Z", _("Zero rated")
    EXEMPT = "E", _("Exempt")
    REVERSE = "AE", _("Reverse charge")
    EXPORT = "G", _("Export")


class TaxCode(Master):
    """A way of being taxed, with dated rates. The treatment is the EN 16931 category code."""

    treatment = models.CharField(
        _("treatment"), max_length=2, choices=TaxTreatment, default=TaxTreatment.STANDARD
    )
    printed_reason = models.CharField(
        _("reason printed"),
        max_length=160,
        blank=True,
        help_text=_("Why no tax is charged, as it stands on the invoice."),
    )

    class Meta(Master.Meta):
        verbose_name = _("tax code")
        verbose_name_plural = _("tax codes")
        constraints = [one_of("taxcode_treatment_known", "treatment", TaxTreatment)]


class TaxRate(Versioned):
    """What a tax code takes, in percent, from a day on: nothing where its treatment is not “taxed”, which the database
    keeps (`taxrate_only_where_taxed`)."""

    code = models.ForeignKey(TaxCode, models.CASCADE, related_name="rates", verbose_name=_("tax code"))
    valid_from = models.DateField(_("valid from"))
    percent = models.DecimalField(_("percent"), max_digits=6, decimal_places=3)

    class Meta:
        ordering = ["code", "-valid_from"]
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="taxrate_once_per_day"),
            models.CheckConstraint(
                name="taxrate_between_nothing_and_all", condition=models.Q(percent__gte=0, percent__lte=100)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.percent} %"


class TaxRule(Versioned):
    """One cell of the tax matrix: customer group × item group → tax code, from a day on."""

    customer_group = models.ForeignKey(
        "masterdata.CustomerTaxGroup", models.PROTECT, verbose_name=_("customer tax group")
    )
    item_group = models.ForeignKey(
        "masterdata.ItemTaxGroup", models.PROTECT, verbose_name=_("item tax group")
    )
    valid_from = models.DateField(_("valid from"))
    code = models.ForeignKey(TaxCode, models.PROTECT, verbose_name=_("tax code"))

    class Meta:
        ordering = ["customer_group", "item_group", "-valid_from"]
        verbose_name = _("tax rule")
        verbose_name_plural = _("tax matrix")
        constraints = [
            models.UniqueConstraint(
                fields=["customer_group", "item_group", "valid_from"], name="taxrule_once_per_cell_and_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer_group} × {self.item_group}"
