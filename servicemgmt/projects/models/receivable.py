"""What customers owe: an item per document, payments, and which item was settled with which."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import one_of
from servicemgmt.core.models import Master


class ItemKind(models.TextChoices):
    INVOICE = "INVOICE", _("Invoice")
    CREDIT_NOTE = "CREDIT", _("Credit note")
    PAYMENT = "PAYMENT", _("Payment")
    OPENING = "OPENING", _("Opening item")
    REMINDER_FEE = "FEE", _("Reminder fee")
    WAIVED_FEE = "WAIVED", _("Waived reminder fee")


class PaymentMethod(Master):
    """How customers pay, and the ledger account that the money arrives on."""

    account = models.ForeignKey("ledger.Account", models.PROTECT, related_name="+", verbose_name=_("account"))

    class Meta(Master.Meta):
        verbose_name = _("payment method")
        verbose_name_plural = _("payment methods")


class PaymentQuerySet(models.QuerySet["Payment"]):
    def search(self, text: str) -> "PaymentQuerySet":
        return self.filter(
            Q(number__icontains=text)
            | Q(customer__name__icontains=text)
            | Q(customer__number__iexact=text)
            | Q(reference__icontains=text)
        )


class Payment(models.Model):
    """Money received from a customer; negative is money paid back, or a payment reversed. Frozen (triggers)."""

    number = models.CharField(_("number"), max_length=24, unique=True)
    customer = models.ForeignKey(
        "masterdata.Customer", models.PROTECT, related_name="payments", verbose_name=_("customer")
    )
    method = models.ForeignKey(PaymentMethod, models.PROTECT, verbose_name=_("payment method"))
    paid_on = models.DateField(_("paid on"))
    currency = models.ForeignKey("masterdata.Currency", models.PROTECT, verbose_name=_("currency"))
    exchange_rate = models.DecimalField(_("exchange rate"), max_digits=18, decimal_places=9)
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    company_amount = models.DecimalField(_("amount in company currency"), max_digits=19, decimal_places=4)
    reference = models.CharField(_("reference"), max_length=160, blank=True)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    voucher = models.OneToOneField("ledger.Voucher", models.PROTECT, related_name="payment")
    posted_at = models.DateTimeField(_("posted"), db_default=Now())
    posted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = PaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-paid_on", "-pk"]
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.CheckConstraint(name="payment_is_of_something", condition=~Q(amount=0)),
        ]
        indexes = [models.Index(fields=["-paid_on", "-id"], name="payment_by_date")]

    def __str__(self) -> str:
        return self.number


class CustomerItemQuerySet(models.QuerySet["CustomerItem"]):
    def still_open(self) -> "CustomerItemQuerySet":
        return self.exclude(open=0)

    def search(self, text: str) -> "CustomerItemQuerySet":
        return self.filter(
            Q(label__icontains=text)
            | Q(customer__name__icontains=text)
            | Q(customer__number__iexact=text)
            | Q(payment__reference__icontains=text)
        )


def _within(part: str, whole: str) -> Q:
    """0 ≤ part ≤ whole, or the same below nothing."""
    return Q(**{f"{whole}__gte": 0, f"{part}__gte": 0, f"{part}__lte": F(whole)}) | Q(
        **{f"{whole}__lte": 0, f"{part}__lte": 0, f"{part}__gte": F(whole)}
    )


class CustomerItem(models.Model):
    """What one posted document did to a customer's account: positive he owes, negative is owed to him.

    Frozen but for what is still open of it. The sum of what is open in company currency is the customer's balance on
    the receivable accounts.
    """

    customer = models.ForeignKey(
        "masterdata.Customer", models.PROTECT, related_name="items", verbose_name=_("customer")
    )
    currency = models.ForeignKey("masterdata.Currency", models.PROTECT, verbose_name=_("currency"))
    kind = models.CharField(_("kind"), max_length=8, choices=ItemKind)
    label = models.CharField(_("document"), max_length=24)
    invoice = models.OneToOneField("projects.Invoice", models.PROTECT, null=True, related_name="item")
    payment = models.OneToOneField(Payment, models.PROTECT, null=True, related_name="item")
    voucher = models.ForeignKey(
        "ledger.Voucher",
        models.PROTECT,
        null=True,
        related_name="customer_items",
        verbose_name=_("voucher"),
        help_text=_("Of an opening item and of a fee; others have it at their document."),
    )
    on = models.DateField(_("date"), help_text=_("From when on it stands in the ledger."))
    dated = models.DateField(
        _("date of the document"), null=True, help_text=_("Where that is another than the ledger's.")
    )
    due_on = models.DateField(_("due"))
    exchange_rate = models.DecimalField(_("exchange rate"), max_digits=18, decimal_places=9)
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    company_amount = models.DecimalField(_("amount in company currency"), max_digits=19, decimal_places=4)
    open = models.DecimalField(_("open"), max_digits=19, decimal_places=4)
    company_open = models.DecimalField(_("open in company currency"), max_digits=19, decimal_places=4)

    objects = CustomerItemQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        verbose_name = _("customer item")
        verbose_name_plural = _("customer items")
        constraints = [
            one_of("customeritem_kind_known", "kind", ItemKind),
            models.UniqueConstraint(
                fields=["label"],
                condition=Q(kind=ItemKind.REMINDER_FEE),
                name="customeritem_one_fee_per_reminder",
            ),
            models.UniqueConstraint(
                fields=["label"],
                condition=Q(kind=ItemKind.WAIVED_FEE),
                name="customeritem_one_waiver_per_fee",
            ),
            models.CheckConstraint(
                name="customeritem_of_one_document",
                condition=Q(invoice__isnull=False, payment__isnull=True, voucher__isnull=True)
                | Q(invoice__isnull=True, payment__isnull=False, voucher__isnull=True)
                | Q(invoice__isnull=True, payment__isnull=True, voucher__isnull=False),
            ),
            models.CheckConstraint(
                name="customeritem_open_within_amount", condition=_within("open", "amount")
            ),
            models.CheckConstraint(
                name="customeritem_company_open_within_amount",
                condition=_within("company_open", "company_amount"),
            ),
            models.CheckConstraint(
                name="customeritem_settled_in_both_currencies", condition=~Q(open=0) | Q(company_open=0)
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "due_on", "id"], name="customeritem_open", condition=~Q(open=0)),
            models.Index(fields=["customer", "on", "id"], name="customeritem_by_date"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def document_on(self) -> date:
        """The date on the document; `on` is the ledger's, later for what was brought forward."""
        return self.dated or self.on

    @property
    def url(self) -> str:
        """Where its document is shown."""
        return item_url(self.kind, self.label, self.pk)


def item_url(kind: str, label: str, pk: int) -> str:
    """Where the document of an item is shown: an invoice's, a payment's, a reminder's, or the item itself."""
    if kind == ItemKind.OPENING:
        return reverse("projects:open_item", args=[pk])
    if kind in {ItemKind.REMINDER_FEE, ItemKind.WAIVED_FEE}:
        return reverse("projects:reminder", args=[label])
    return reverse("projects:payment" if kind == ItemKind.PAYMENT else "projects:invoice", args=[label])


class Settlement(models.Model):
    """So much of a debit item was settled with a credit item. Only ever added; undone by a row that mirrors it.

    Amounts are positive, negative in the row that undoes another. `difference` is debit less credit in company
    currency: what the exchange rate, or rounding, made of it, posted with `voucher` where it is not nothing.
    """

    debit = models.ForeignKey(CustomerItem, models.PROTECT, related_name="settled_debits")
    credit = models.ForeignKey(CustomerItem, models.PROTECT, related_name="settled_credits")
    on = models.DateField(_("date"))
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    debit_company = models.DecimalField(max_digits=19, decimal_places=4)
    credit_company = models.DecimalField(max_digits=19, decimal_places=4)
    difference = models.DecimalField(_("exchange difference"), max_digits=19, decimal_places=4)
    voucher = models.OneToOneField("ledger.Voucher", models.PROTECT, null=True, related_name="settlement")
    undoes = models.OneToOneField("self", models.PROTECT, null=True, related_name="undone_by")
    settled_at = models.DateTimeField(_("settled"), db_default=Now())
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        constraints = [
            models.CheckConstraint(
                name="settlement_positive_unless_undoing",
                condition=Q(amount__gt=0, undoes__isnull=True) | Q(amount__lt=0, undoes__isnull=False),
            ),
            models.CheckConstraint(
                name="settlement_difference_adds_up",
                condition=Q(difference=F("debit_company") - F("credit_company")),
            ),
            models.CheckConstraint(
                name="settlement_difference_is_posted",
                condition=Q(difference=0) | Q(voucher__isnull=False),
            ),
            models.CheckConstraint(name="settlement_of_two_items", condition=~Q(debit=F("credit"))),
        ]

    def __str__(self) -> str:
        return f"{self.debit_id} – {self.credit_id}: {self.amount}"
