from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class VoucherQuerySet(models.QuerySet["Voucher"]):
    def search(self, text: str) -> "VoucherQuerySet":
        return self.filter(
            Q(number__icontains=text) | Q(text__icontains=text) | Q(subject_label__icontains=text)
        )


class EntryQuerySet(models.QuerySet["Entry"]):
    def search(self, text: str) -> "EntryQuerySet":
        return self.filter(Q(voucher__number__icontains=text) | Q(text__icontains=text))


class Voucher(models.Model):
    """One balanced posting. Frozen from its commit on (triggers); a correction is a reversing voucher.

    The database refuses a voucher whose entries do not balance in both currencies, entries added to it after its
    own transaction, any change or deletion, and a date in a closed or missing fiscal period.
    """

    number = models.CharField(_("voucher"), max_length=24, unique=True)
    posted_on = models.DateField(_("date"))
    text = models.CharField(_("text"), max_length=160)
    source = models.CharField(_("source"), max_length=30)
    subject = models.CharField(_("subject"), max_length=60, blank=True)
    subject_label = models.CharField(_("document"), max_length=60, blank=True)
    currency = models.ForeignKey("masterdata.Currency", models.PROTECT, verbose_name=_("currency"))
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    moved_from = models.DateField(_("meant for"), null=True)
    posted_at = models.DateTimeField(_("posted"), db_default=Now())
    posted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = VoucherQuerySet.as_manager()

    class Meta:
        ordering = ["-posted_on", "-pk"]
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        indexes = [
            models.Index(fields=["-posted_on", "-id"], name="voucher_by_date"),
            models.Index(fields=["subject"], name="voucher_by_subject"),
        ]

    def __str__(self) -> str:
        return self.number


class Entry(models.Model):
    """One line of a voucher: debit positive, credit negative, in the voucher's currency and in the company's."""

    voucher = models.ForeignKey(Voucher, models.PROTECT, related_name="entries")
    account = models.ForeignKey(
        "ledger.Account", models.PROTECT, related_name="entries", verbose_name=_("account")
    )
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    company_amount = models.DecimalField(_("amount in company currency"), max_digits=19, decimal_places=4)
    text = models.CharField(_("text"), max_length=160, blank=True)
    customer = models.ForeignKey("masterdata.Customer", models.PROTECT, null=True, related_name="+")
    tax_code = models.ForeignKey("ledger.TaxCode", models.PROTECT, null=True, related_name="+")
    subject = models.CharField(_("subject"), max_length=60, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("voucher line")
        verbose_name_plural = _("voucher lines")
        indexes = [models.Index(fields=["subject"], name="entry_by_subject", condition=~models.Q(subject=""))]

    def __str__(self) -> str:
        return f"{self.account_id} {self.amount}"
