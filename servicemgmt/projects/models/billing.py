from django.conf import settings
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import both_or_neither, one_of
from servicemgmt.core.models import Versioned


class ProposalStatus(models.TextChoices):
    DRAFT = "DRAFT", _("Draft")
    POSTED = "POSTED", _("Posted")
    DELETED = "DELETED", _("Deleted")


class InvoiceKind(models.TextChoices):
    INVOICE = "INVOICE", _("Invoice")
    CREDIT_NOTE = "CREDIT", _("Credit note")


class ProposalQuerySet(models.QuerySet["InvoiceProposal"]):
    def search(self, text: str) -> "ProposalQuerySet":
        return self.filter(
            Q(number__icontains=text) | Q(customer__name__icontains=text) | Q(project__number__iexact=text)
        )


class InvoiceProposal(Versioned):
    """A draft invoice: chosen transactions, reviewed, then posted (PR-13). One customer, one currency.

    One that `credits` an invoice gives lines of it back (PR-15); `rebill` has their work invoiced once more.
    """

    number = models.CharField(_("number"), max_length=24, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=InvoiceKind, default=InvoiceKind.INVOICE)
    status = models.CharField(_("status"), max_length=8, choices=ProposalStatus, default=ProposalStatus.DRAFT)
    customer = models.ForeignKey("masterdata.Customer", models.PROTECT, verbose_name=_("customer"))
    project = models.ForeignKey("projects.Project", models.PROTECT, null=True, verbose_name=_("project"))
    currency = models.ForeignKey("masterdata.Currency", models.PROTECT, verbose_name=_("currency"))
    invoice_date = models.DateField(_("invoice date"))
    credits = models.ForeignKey(
        "projects.Invoice", models.PROTECT, null=True, related_name="credit_proposals"
    )
    rebill = models.BooleanField(_("invoice the work once more"), default=False)
    text = models.CharField(_("text"), max_length=160, blank=True)
    group_key = models.CharField(max_length=60, blank=True)
    run = models.ForeignKey("core.Run", models.SET_NULL, null=True, related_name="+")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("invoice proposal")
        verbose_name_plural = _("invoice proposals")
        constraints = [
            one_of("invoiceproposal_kind_known", "kind", InvoiceKind),
            one_of("invoiceproposal_status_known", "status", ProposalStatus),
            models.CheckConstraint(
                name="invoiceproposal_rebills_what_it_credits",
                condition=Q(rebill=False) | Q(credits__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ProposalLine(models.Model):
    """A transaction in a proposal, with the price it will be invoiced at and the tax found for it.

    In a credit, `credits` is the invoice line and `net` what is given back of it, with the opposite sign.
    """

    proposal = models.ForeignKey(InvoiceProposal, models.CASCADE, related_name="lines")
    transaction = models.ForeignKey("projects.Transaction", models.PROTECT, related_name="proposal_lines")
    credits = models.ForeignKey("projects.InvoiceLine", models.PROTECT, null=True, related_name="+")
    on_account = models.ForeignKey(
        "projects.Transaction",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="What was invoiced on account, on its own line and on those that deduct it.",
    )
    is_added = models.BooleanField(
        default=False, db_default=False, help_text="Made for this proposal: taken back with the line."
    )
    text = models.CharField(_("text"), max_length=250)
    quantity = models.DecimalField(_("quantity"), max_digits=19, decimal_places=6)
    price = models.DecimalField(_("price"), max_digits=19, decimal_places=6)
    list_price = models.DecimalField(
        _("price before the discount"), max_digits=19, decimal_places=6, null=True
    )
    discount = models.DecimalField(_("discount %"), max_digits=7, decimal_places=4, null=True)
    net = models.DecimalField(_("net"), max_digits=19, decimal_places=4)
    tax_code = models.ForeignKey(
        "ledger.TaxCode", models.PROTECT, related_name="+", verbose_name=_("tax code")
    )
    tax_percent = models.DecimalField(_("tax %"), max_digits=6, decimal_places=3)
    tax_reason = models.CharField(max_length=160, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("proposal line")
        verbose_name_plural = _("proposal lines")
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "transaction"], name="proposalline_once_per_transaction"
            ),
            both_or_neither("proposalline_discount_of_a_price", "list_price", "discount"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def is_deduction(self) -> bool:
        """Whether it takes off what was invoiced on account; such a line is dropped, never changed."""
        return self.on_account_id is not None and self.on_account_id != self.transaction_id

    @property
    def price_text(self) -> str:
        """The price as a form's field takes it: plain, no more decimals than it has."""
        return format(self.price.normalize(), "f")


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def search(self, text: str) -> "InvoiceQuerySet":
        return self.filter(
            Q(number__icontains=text) | Q(customer__name__icontains=text) | Q(project__number__iexact=text)
        )


class Invoice(models.Model):
    """A posted invoice or credit note, as it was printed. Frozen (triggers); corrected by a credit note."""

    number = models.CharField(_("number"), max_length=24, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=InvoiceKind)
    customer = models.ForeignKey(
        "masterdata.Customer", models.PROTECT, related_name="invoices", verbose_name=_("customer")
    )
    project = models.ForeignKey(
        "projects.Project", models.PROTECT, null=True, related_name="invoices", verbose_name=_("project")
    )
    proposal = models.OneToOneField(InvoiceProposal, models.PROTECT, null=True, related_name="invoice")
    credits = models.ForeignKey("self", models.PROTECT, null=True, related_name="credit_notes")
    text = models.CharField(_("text"), max_length=160, blank=True)
    invoice_date = models.DateField(_("date"))
    due_date = models.DateField(_("due"))
    currency = models.ForeignKey("masterdata.Currency", models.PROTECT, verbose_name=_("currency"))
    exchange_rate = models.DecimalField(_("exchange rate"), max_digits=18, decimal_places=9)
    net = models.DecimalField(_("net"), max_digits=19, decimal_places=4)
    tax = models.DecimalField(_("tax"), max_digits=19, decimal_places=4)
    gross = models.DecimalField(_("total"), max_digits=19, decimal_places=4)
    company_net = models.DecimalField(max_digits=19, decimal_places=4)
    company_tax = models.DecimalField(max_digits=19, decimal_places=4)
    company_gross = models.DecimalField(max_digits=19, decimal_places=4)
    language = models.CharField(max_length=10)
    printed = models.JSONField(default=dict, help_text="Names and addresses as they stood on the day.")
    voucher = models.OneToOneField("ledger.Voucher", models.PROTECT, related_name="invoice")
    run = models.ForeignKey("core.Run", models.SET_NULL, null=True, related_name="+")
    posted_at = models.DateTimeField(_("posted"), db_default=Now())
    posted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        ordering = ["-invoice_date", "-pk"]
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        constraints = [
            one_of("invoice_kind_known", "kind", InvoiceKind),
            models.CheckConstraint(
                name="invoice_adds_up", condition=Q(gross=models.F("net") + models.F("tax"))
            ),
            models.CheckConstraint(
                name="invoice_adds_up_in_company_currency",
                condition=Q(company_gross=models.F("company_net") + models.F("company_tax")),
            ),
        ]
        indexes = [
            models.Index(fields=["-invoice_date", "-id"], name="invoice_by_date"),
            models.Index(
                fields=["-invoice_date", "-id"],
                name="invoice_credit_notes_by_date",
                condition=Q(kind=InvoiceKind.CREDIT_NOTE),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def pdf_name(self) -> str:
        """What its printed document is called in the archive."""
        return f"{self.number}.pdf"


class InvoiceLine(models.Model):
    """One line as printed. Lines of credit notes `credits` it, together never more than it is (trigger)."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    transaction = models.ForeignKey("projects.Transaction", models.PROTECT, related_name="invoice_lines")
    credits = models.ForeignKey("self", models.PROTECT, null=True, related_name="credited_by")
    on_account = models.ForeignKey(
        "projects.Transaction",
        models.PROTECT,
        null=True,
        related_name="on_account_lines",
        help_text="What was invoiced on account, on its own line and on those that deduct it.",
    )
    text = models.CharField(_("text"), max_length=250)
    quantity = models.DecimalField(_("quantity"), max_digits=19, decimal_places=6)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    price = models.DecimalField(_("price"), max_digits=19, decimal_places=6)
    list_price = models.DecimalField(
        _("price before the discount"), max_digits=19, decimal_places=6, null=True
    )
    discount = models.DecimalField(_("discount %"), max_digits=7, decimal_places=4, null=True)
    net = models.DecimalField(_("net"), max_digits=19, decimal_places=4)
    company_net = models.DecimalField(max_digits=19, decimal_places=4)
    tax_code = models.ForeignKey("ledger.TaxCode", models.PROTECT, related_name="+")
    tax_percent = models.DecimalField(max_digits=6, decimal_places=3)
    tax_reason = models.CharField(max_length=160, blank=True)
    service_period = DateRangeField(null=True)

    class Meta:
        ordering = ["invoice", "position"]
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="invoiceline_position_once"),
            both_or_neither("invoiceline_discount_of_a_price", "list_price", "discount"),
        ]

    def __str__(self) -> str:
        return self.text


class InvoiceTax(models.Model):
    """The tax of one code and rate on an invoice, as printed in its summary."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="taxes")
    tax_code = models.ForeignKey("ledger.TaxCode", models.PROTECT, related_name="+")
    percent = models.DecimalField(max_digits=6, decimal_places=3)
    base = models.DecimalField(max_digits=19, decimal_places=4)
    tax = models.DecimalField(max_digits=19, decimal_places=4)
    company_tax = models.DecimalField(max_digits=19, decimal_places=4)

    class Meta:
        ordering = ["invoice", "percent"]
        verbose_name = _("invoice tax")
        verbose_name_plural = _("invoice taxes")
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "tax_code", "percent"], name="invoicetax_once_per_rate"
            )
        ]

    def __str__(self) -> str:
        return f"{self.percent} %"
