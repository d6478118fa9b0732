"""How agreements stand: quoted, agreed, in force, renewing; and finding them by it."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.periods import Period


def in_force(on: date) -> Q:
    """The condition that an agreement's validity covers the day."""
    return Q(start_date__lte=on) & (Q(end_date__isnull=True) | Q(end_date__gte=on))


class Renewal(models.TextChoices):
    NONE = "NONE", _("Ends on its last day")
    MANUAL = "MANUAL", _("Renewed by hand")
    AUTOMATIC = "AUTOMATIC", _("Renews by itself")


class AgreementStatus(models.TextChoices):
    """What an agreement is to the customer. One that is agreed stays so; it ends, it is never a quote again."""

    QUOTE = "QUOTE", _("Quote")
    AGREED = "AGREED", _("Agreed")
    DECLINED = "DECLINED", _("Declined")


class ServiceAgreementQuerySet(models.QuerySet):
    def templates(self) -> "ServiceAgreementQuerySet":
        return self.filter(template_group__isnull=False)

    def quotes(self) -> "ServiceAgreementQuerySet":
        """What was offered and is not decided."""
        return self.filter(template_group__isnull=True, status=AgreementStatus.QUOTE)

    def contracts(self) -> "ServiceAgreementQuerySet":
        """Agreements that may produce orders one day: neither templates, nor quotes that nobody agreed to yet."""
        return self.filter(template_group__isnull=True, status=AgreementStatus.AGREED)

    def running(self, on: date) -> "ServiceAgreementQuerySet":
        """Contracts in force on the day, suspended ones too."""
        return self.contracts().filter(in_force(on))

    def renewing(self) -> "ServiceAgreementQuerySet":
        """Contracts that renew by themselves and have no successor yet."""
        rows = self.contracts().filter(renewal=Renewal.AUTOMATIC, successor__isnull=True)
        return rows.filter(notice_on__isnull=True, end_reason="", suspended=False)

    def lasting(self, on: date) -> "ServiceAgreementQuerySet":
        """Contracts that do not end before the day, suspended ones too, and those that will have renewed by then."""
        ends_before = Q(end_date__isnull=False, end_date__lt=on)
        renewing = ServiceAgreementQuerySet(self.model, using=self.db).renewing().values("pk")
        return self.contracts().filter(~ends_before | Q(pk__in=renewing))

    def in_force_within(self, period: Period) -> "ServiceAgreementQuerySet":
        """Contracts in force on some day of the period, suspended ones too."""
        is_over = Q(end_date__isnull=False, end_date__lt=period.start)
        return self.contracts().filter(~is_over, start_date__lte=period.end)

    def search(self, text: str) -> "ServiceAgreementQuerySet":
        return self.filter(
            Q(number__icontains=text) | Q(description__icontains=text) | Q(customer__name__icontains=text)
        )
