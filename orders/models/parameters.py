from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.models import Versioned


class ServiceParameters(Versioned):
    """The company's choices for service management (B.7): one row."""

    only = models.BooleanField(default=True, unique=True, editable=False)
    calendar = models.ForeignKey(
        "masterdata.WorkCalendar", models.PROTECT, null=True, blank=True, verbose_name=_("calendar")
    )
    agreement_group = models.ForeignKey(
        "agreements.AgreementGroup",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("usual agreement group"),
    )
    project_group = models.ForeignKey(
        "projects.ProjectGroup", models.PROTECT, null=True, blank=True, verbose_name=_("usual project group")
    )
    line_property = models.ForeignKey(
        "projects.LineProperty",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("line property of quick projects"),
    )
    warranty_line_property = models.ForeignKey(
        "projects.LineProperty",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        limit_choices_to={"coverage": "WARRANTY"},
        verbose_name=_("line property under warranty"),
        help_text=_(
            "New lines with parts or hours on a service object under warranty get it by themselves; of which it bears "
            "a share alone, that is taken off. Empty: neither."
        ),
    )
    activity_type = models.ForeignKey(
        "agreements.ActivityType",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("usual activity type"),
    )
    sla = models.ForeignKey(
        "agreements.ServiceLevelAgreement",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("usual SLA"),
        help_text=_("Of orders for which line, object, agreement and group promise nothing."),
    )
    allow_without_agreement = models.BooleanField(_("orders without agreement"), default=True)
    orders_over_credit_limit = models.BooleanField(
        _("orders of customers over their credit limit"),
        default=True,
        db_default=True,
        help_text=_("Such orders say so; without the tick no new one is taken, nor a request made into one."),
    )
    one_item_on_many_objects = models.BooleanField(_("one item on many service objects"), default=True)
    reason_on_cancelling = models.BooleanField(_("reason when an SLA is cancelled"), default=True)
    reason_on_exceeding_time = models.BooleanField(_("reason when an SLA was exceeded"), default=False)
    terminated_workers = models.BooleanField(
        _("workers who left may be chosen on agreement lines"), default=False
    )
    default_minutes = models.PositiveIntegerField(
        _("length of a visit without planned hours (minutes)"), default=60
    )
    hour_category = models.ForeignKey(
        "projects.Category",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("usual category of hours"),
    )
    expense_category = models.ForeignKey(
        "projects.Category",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("usual category of expenses"),
    )
    item_category = models.ForeignKey(
        "projects.Category",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("usual category of items"),
    )
    fee_category = models.ForeignKey(
        "projects.Category",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("usual category of fees"),
    )
    board_days_before = models.PositiveSmallIntegerField(_("board: days shown before a day"), default=0)
    board_days_after = models.PositiveSmallIntegerField(_("board: days shown after it"), default=6)

    planning_horizon_days = models.PositiveSmallIntegerField(
        _("nightly planning: days ahead"),
        null=True,
        blank=True,
        help_text=_(
            "Each night visits are created up to the end of the month in which this many days from now fall. "
            "Empty: only when somebody asks."
        ),
    )

    class Meta:
        verbose_name = _("service parameters")
        verbose_name_plural = _("service parameters")
        constraints = [
            models.CheckConstraint(
                name="serviceparameters_board_window",
                condition=models.Q(board_days_before__lte=28, board_days_after__lte=28),
            ),
            models.CheckConstraint(
                name="serviceparameters_horizon_in_sight",
                condition=models.Q(planning_horizon_days__isnull=True)
                | models.Q(planning_horizon_days__range=(1, 730)),
            ),
            models.CheckConstraint(name="serviceparameters_is_one", condition=models.Q(only=True)),
            models.CheckConstraint(
                name="serviceparameters_visit_has_length", condition=models.Q(default_minutes__gte=5)
            ),
        ]

    def __str__(self) -> str:
        return str(capfirst(self._meta.verbose_name))
