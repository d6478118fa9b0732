from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import one_of
from servicemgmt.core.models import Master, Versioned


class SubscriptionGroup(Master):
    """What the subscriptions of a group share: invoicing period, accrual and number sequence."""

    period_type = models.ForeignKey(
        "projects.PeriodType", models.PROTECT, related_name="+", verbose_name=_("invoicing period")
    )
    accrual_rule = models.ForeignKey(
        "projects.AccrualRule",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("accrual rule"),
        help_text=_("Empty: the revenue of a fee is earned when it is invoiced."),
    )
    sequence = models.ForeignKey(
        "core.NumberSequence",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("number sequence"),
        help_text=_("Empty: numbers are typed by hand."),
    )

    class Meta(Master.Meta):
        verbose_name = _("subscription group")
        verbose_name_plural = _("subscription groups")


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def search(self, text: str) -> "SubscriptionQuerySet":
        return self.filter(
            Q(number__icontains=text) | Q(name__icontains=text) | Q(project__name__icontains=text)
        )


class Subscription(Versioned):
    """Prepaid periodic charge on a time-and-material project, independent of visits."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=160)
    group = models.ForeignKey(
        SubscriptionGroup, models.PROTECT, related_name="subscriptions", verbose_name=_("group")
    )
    project = models.ForeignKey(
        "projects.Project", models.PROTECT, related_name="subscriptions", verbose_name=_("project")
    )
    agreement = models.ForeignKey(
        "agreements.ServiceAgreement",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="subscriptions",
        verbose_name=_("service agreement"),
    )
    category = models.ForeignKey(
        "projects.Category", models.PROTECT, related_name="+", verbose_name=_("category")
    )
    currency = models.ForeignKey(
        "masterdata.Currency", models.PROTECT, related_name="+", verbose_name=_("currency")
    )
    base_price = models.DecimalField(_("base price"), max_digits=19, decimal_places=6)
    index = models.DecimalField(_("index"), max_digits=18, decimal_places=4, default=100)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.CheckConstraint(
                name="subscription_base_price_not_negative", condition=Q(base_price__gte=0)
            ),
            models.CheckConstraint(name="subscription_index_not_negative", condition=Q(index__gte=0)),
            models.CheckConstraint(
                name="subscription_ends_after_start",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class SubscriptionPrice(Versioned):
    """SB-03: what one full invoicing period costs, by period type, currency, and category, project or subscription."""

    valid_from = models.DateField(_("valid from"))
    period_type = models.ForeignKey("projects.PeriodType", models.PROTECT, verbose_name=_("period"))
    currency = models.ForeignKey(
        "masterdata.Currency", models.PROTECT, related_name="+", verbose_name=_("currency")
    )
    category = models.ForeignKey(
        "projects.Category",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
    )
    project = models.ForeignKey(
        "projects.Project", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("project")
    )
    subscription = models.ForeignKey(
        Subscription,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="prices",
        verbose_name=_("subscription"),
    )
    price = models.DecimalField(_("price"), max_digits=19, decimal_places=6)

    class Meta:
        ordering = ["-valid_from", "pk"]
        verbose_name = _("subscription price")
        verbose_name_plural = _("subscription prices")
        constraints = [
            models.CheckConstraint(name="subscriptionprice_not_negative", condition=Q(price__gte=0)),
            models.UniqueConstraint(
                fields=["valid_from", "period_type", "currency", "category", "project", "subscription"],
                nulls_distinct=False,
                name="subscriptionprice_once",
            ),
        ]

    def __str__(self) -> str:
        return str(self.price)


class FeeKind(models.TextChoices):
    REGULAR = "REGULAR", _("Regular")
    NON_REGULAR = "NON_REGULAR", _("Non-regular")
    REDUCTION_DAYS = "REDUCTION", _("Reduction days")
    PRICE_CHANGE = "PRICE_CHANGE", _("Price change")


class Fee(models.Model):
    """What makes a fee transaction a subscription's: period, kind and the price it came from (architecture 11).

    Amount, status, invoice and voucher stand on the transaction only. Two fees of a subscription never cover the
    same day (EXCLUDE over kinds regular and non-regular, not voided); running again creates nothing.
    """

    transaction = models.OneToOneField(
        "projects.Transaction",
        models.PROTECT,
        primary_key=True,
        related_name="fee",
        verbose_name=_("transaction"),
    )
    subscription = models.ForeignKey(
        Subscription, models.PROTECT, related_name="fees", verbose_name=_("subscription")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=FeeKind)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    revision = models.PositiveSmallIntegerField(default=1)
    base_price = models.DecimalField(_("base price"), max_digits=19, decimal_places=6)
    index = models.DecimalField(_("index"), max_digits=18, decimal_places=4)
    is_void = models.BooleanField(default=False)
    run = models.ForeignKey("core.Run", models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-starts_on", "-pk"]
        verbose_name = _("subscription fee")
        verbose_name_plural = _("subscription fees")
        constraints = [
            one_of("fee_kind_known", "kind", FeeKind),
            models.CheckConstraint(name="fee_ends_after_start", condition=Q(ends_on__gte=F("starts_on"))),
            models.UniqueConstraint(
                fields=["subscription", "starts_on"],
                condition=Q(kind__in=["REGULAR", "NON_REGULAR"], is_void=False),
                name="fee_once_per_subscription_and_period",
            ),
            ExclusionConstraint(
                name="fee_does_not_overlap",
                expressions=[
                    ("subscription", RangeOperators.EQUAL),
                    (
                        Func(
                            "starts_on",
                            "ends_on",
                            Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(kind__in=["REGULAR", "NON_REGULAR"], is_void=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id} {self.starts_on}–{self.ends_on}"
