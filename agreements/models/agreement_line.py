from datetime import time

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import at_least, not_before, one_of
from servicemgmt.core.models import Versioned
from servicemgmt.projects.models import LineKind

from .agreement import AgreementObject, AgreementTask, ServiceAgreement


class ItemSetup(models.TextChoices):
    JOURNAL = "JOURNAL", _("Used up when the order is posted")
    REQUIREMENT = "REQUIREMENT", _("Item requirement")


class DueFrom(models.TextChoices):
    PLAN = "PLAN", _("The plan")
    ACTUAL = "ACTUAL", _("The last visit done")


class ServiceAgreementLine(Versioned):
    """One resource of a typical visit and how often it is needed."""

    agreement = models.ForeignKey(ServiceAgreement, models.CASCADE, related_name="lines")
    line_number = models.PositiveIntegerField(_("line"))
    #: The first of the lines that this one goes on from, over all renewals of the agreement.
    continues = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="continued_by",
        editable=False,
        verbose_name=_("continues"),
    )
    kind = models.CharField(_("type"), max_length=10, choices=LineKind)
    item_setup = models.CharField(
        _("item setup"), max_length=12, choices=ItemSetup, default=ItemSetup.JOURNAL
    )
    description = models.CharField(_("description"), max_length=160)
    details = models.TextField(_("details"), blank=True)
    start_date = models.DateField(_("from"))
    end_date = models.DateField(_("to"), null=True, blank=True)
    interval = models.ForeignKey(
        "agreements.ServiceInterval",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("interval"),
        help_text=_("Empty: once only."),
    )
    due_from = models.CharField(
        _("next due counted from"),
        max_length=6,
        choices=DueFrom,
        default=DueFrom.PLAN,
        db_default=DueFrom.PLAN,
    )
    time_window = models.ForeignKey(
        "agreements.TimeWindow",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("time window"),
        help_text=_("Empty: on the calculated day only."),
    )
    task_relation = models.ForeignKey(
        AgreementTask, models.PROTECT, null=True, blank=True, related_name="lines", verbose_name=_("task")
    )
    object_relation = models.ForeignKey(
        AgreementObject,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="lines",
        verbose_name=_("service object"),
    )
    site = models.ForeignKey(
        "masterdata.Site", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("site")
    )
    worker = models.ForeignKey(
        "masterdata.Employee",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("worker"),
    )
    category = models.ForeignKey(
        "projects.Category", models.PROTECT, related_name="+", verbose_name=_("category")
    )
    line_property = models.ForeignKey(
        "projects.LineProperty",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("line property"),
    )
    quantity = models.DecimalField(_("quantity"), max_digits=19, decimal_places=6)
    unit = models.ForeignKey(
        "masterdata.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit")
    )
    item = models.ForeignKey(
        "masterdata.Item", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("item")
    )
    cost_price = models.DecimalField(_("cost price"), max_digits=19, decimal_places=6, null=True, blank=True)
    sales_price = models.DecimalField(
        _("sales price"),
        max_digits=19,
        decimal_places=6,
        null=True,
        blank=True,
        help_text=_("Empty: found by the price search on the day of the work."),
    )
    visit_from = models.TimeField(_("not before"), null=True, blank=True)
    visit_until = models.TimeField(_("not after"), null=True, blank=True)
    sla = models.ForeignKey(
        "agreements.ServiceLevelAgreement",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("SLA"),
        help_text=_("Empty: the object group's, else the agreement's."),
    )
    stopped = models.BooleanField(_("stopped"), default=False)
    stop_reason = models.CharField(_("why it is stopped"), max_length=160, blank=True)

    class Meta:
        ordering = ["agreement", "line_number"]
        verbose_name = _("agreement line")
        verbose_name_plural = _("agreement lines")
        constraints = [
            one_of("agreementline_kind_known", "kind", LineKind),
            one_of("agreementline_item_setup_known", "item_setup", ItemSetup),
            one_of("agreementline_due_from_known", "due_from", DueFrom),
            models.CheckConstraint(
                name="agreementline_due_from_actual_recurs",
                condition=Q(due_from=DueFrom.PLAN) | Q(interval__isnull=False),
            ),
            not_before("agreementline_ends_after_start", "start_date", "end_date"),
            models.UniqueConstraint(fields=["agreement", "line_number"], name="agreementline_number_once"),
            models.CheckConstraint(name="agreementline_quantity_positive", condition=Q(quantity__gt=0)),
            models.CheckConstraint(
                name="agreementline_hours_leave_time",
                condition=Q(visit_until__isnull=True)
                | Q(visit_until__gt=Coalesce("visit_from", Value(time.min))),
            ),
            at_least("agreementline_cost_price_not_negative", "cost_price", 0),
            at_least("agreementline_sales_price_not_negative", "sales_price", 0),
            models.CheckConstraint(
                name="agreementline_item_lines_have_an_item",
                condition=Q(kind=LineKind.ITEM, item__isnull=False)
                | (~Q(kind=LineKind.ITEM) & Q(item__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_number} {self.description}"
