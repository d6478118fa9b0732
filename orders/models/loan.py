from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import not_before
from servicemgmt.core.models import Versioned


class LoanQuerySet(models.QuerySet["Loan"]):
    def search(self, text: str) -> "LoanQuerySet":
        return self.filter(
            Q(service_object__number__icontains=text)
            | Q(service_object__description__icontains=text)
            | Q(service_object__serial_number__icontains=text)
            | Q(customer__name__icontains=text)
            | Q(site__name__icontains=text)
            | Q(order__number__icontains=text)
        )


class Loan(Versioned):
    """A service object of the company that a customer has while his own is repaired.

    It is out of the house from `lent_on` until `returned_on`, when the next may have it; `due_on` is only promised.
    Rows are never deleted, and stay as they are once the object is back (triggers).
    """

    service_object = models.ForeignKey(
        "agreements.ServiceObject", models.PROTECT, related_name="loans", verbose_name=_("loaner")
    )
    customer = models.ForeignKey(
        "masterdata.Customer", models.PROTECT, related_name="+", verbose_name=_("customer")
    )
    site = models.ForeignKey("masterdata.Site", models.PROTECT, related_name="+", verbose_name=_("site"))
    order = models.ForeignKey(
        "orders.ServiceOrder",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="loans",
        verbose_name=_("service order"),
    )
    stands_in_for = models.ForeignKey(
        "agreements.ServiceObject",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("stands in for"),
    )
    lent_on = models.DateField(_("lent on"))
    due_on = models.DateField(_("due back"))
    returned_on = models.DateField(_("returned on"), null=True, blank=True)
    condition_lent = models.TextField(_("condition when lent"), blank=True)
    condition_returned = models.TextField(_("condition when returned"), blank=True)
    lent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lent by"),
    )
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("taken back by"),
    )

    objects = LoanQuerySet.as_manager()

    class Meta:
        ordering = ["-lent_on", "-pk"]
        default_permissions = ("add", "change", "view")
        verbose_name = _("loan")
        verbose_name_plural = _("loans")
        constraints = [
            not_before("loan_due_not_before_lent", "lent_on", "due_on"),
            not_before("loan_returned_not_before_lent", "lent_on", "returned_on"),
            models.CheckConstraint(
                name="loan_stands_in_for_another",
                condition=Q(stands_in_for=None) | ~Q(stands_in_for=F("service_object")),
            ),
            ExclusionConstraint(
                name="loan_once_at_a_time",
                expressions=[
                    ("service_object", RangeOperators.EQUAL),
                    (
                        Func("lent_on", "returned_on", function="daterange", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], name="loan_open_by_due", condition=Q(returned_on__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.service_object.number} · {self.customer.name}"
