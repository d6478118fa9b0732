from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import one_of
from servicemgmt.core.models import Master, MasterQuerySet, Versioned

from .identifiers import vat_number

SITE_NAME_TAKEN = _("This customer already has a site of that name; choose that one or another name.")


class CustomerTaxGroup(Master):
    """How a customer is taxed: domestic, other country, exempt … one side of the tax matrix."""

    class Meta(Master.Meta):
        verbose_name = _("customer tax group")
        verbose_name_plural = _("customer tax groups")


class PaymentTerm(Master):
    """When an invoice is due, in days from its date."""

    days = models.PositiveSmallIntegerField(_("days"), default=14)

    class Meta(Master.Meta):
        verbose_name = _("payment term")
        verbose_name_plural = _("payment terms")


class InvoiceGrouping(models.TextChoices):
    """What a customer gets an invoice for each of."""

    CUSTOMER = "CUSTOMER", _("Customer: all in one")
    PROJECT = "PROJECT", _("Project")
    SITE = "SITE", _("Site")
    AGREEMENT = "AGREEMENT", _("Service agreement")
    PURCHASE_ORDER = "ORDER", _("Customer's order number")


class CustomerQuerySet(MasterQuerySet):
    def search(self, text: str) -> "CustomerQuerySet":
        return self.filter(Q(name__icontains=text) | Q(number__icontains=text) | Q(city__icontains=text))


class Customer(Versioned):
    """Whom the company works for, with the address that stands on his invoices."""

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=160)
    street = models.CharField(_("street"), max_length=160, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2, default="DE")
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    invoice_email = models.EmailField(
        _("invoices by e-mail to"), blank=True, help_text=_("Reminders too. Empty: they are not mailed.")
    )
    language = models.CharField(_("language"), max_length=10, default="en")
    currency = models.ForeignKey("masterdata.Currency", models.PROTECT, verbose_name=_("currency"))
    tax_group = models.ForeignKey(CustomerTaxGroup, models.PROTECT, verbose_name=_("tax group"))
    tax_number = models.CharField(_("VAT number"), max_length=30, blank=True, validators=[vat_number])
    payment_term = models.ForeignKey(PaymentTerm, models.PROTECT, verbose_name=_("payment term"))
    one_invoice_per = models.CharField(
        _("one invoice per"), max_length=10, choices=InvoiceGrouping, default=InvoiceGrouping.PROJECT
    )
    notes = models.TextField(_("notes"), blank=True)
    ended_on = models.DateField(_("not offered from"), null=True, blank=True)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [one_of("customer_one_invoice_per_known", "one_invoice_per", InvoiceGrouping)]
        indexes = [models.Index(fields=["name", "id"], name="customer_by_name")]

    def __str__(self) -> str:
        return self.name


class Contact(Versioned):
    """A person at a customer."""

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="contacts", verbose_name=_("customer")
    )
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=80, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    ended_on = models.DateField(_("not offered from"), null=True, blank=True)

    objects = MasterQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")

    def __str__(self) -> str:
        return self.name


class Site(Versioned):
    """A place where work is done: address, position, zone and how to get in.

    A one-time site belongs to one order and is not offered in pickers.
    """

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="sites", verbose_name=_("customer")
    )
    name = models.CharField(_("name"), max_length=120)
    street = models.CharField(_("street"), max_length=160, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2, default="DE")
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60)
    calendar = models.ForeignKey(
        "masterdata.WorkCalendar", models.PROTECT, null=True, blank=True, verbose_name=_("calendar")
    )
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    access_note = models.TextField(_("access"), blank=True, help_text=_("Gate, key, whom to ask for."))
    one_time = models.BooleanField(_("for one order only"), default=False)
    ended_on = models.DateField(_("not offered from"), null=True, blank=True)

    objects = MasterQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        constraints = [
            # SO-09, E3: an existing name is refused, never overwritten.
            models.UniqueConstraint(
                fields=["customer", "name"],
                name="site_name_once_per_customer",
                condition=Q(one_time=False),
                violation_error_message=SITE_NAME_TAKEN,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        return ", ".join(part for part in (self.street, f"{self.postal_code} {self.city}".strip()) if part)
