from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import not_before, one_of
from servicemgmt.core.models import Master, Versioned

from .relation import RelatedObject, RelatedTask
from .standing import AgreementStatus, Renewal, ServiceAgreementQuerySet

#: Notice is given so many days before the end at the most.
MOST_NOTICE_DAYS = 3650


class AgreementGroup(Master):
    """Free classification of agreements; may bring a default SLA (AG-04)."""

    sla = models.ForeignKey(
        "agreements.ServiceLevelAgreement", models.PROTECT, null=True, blank=True, verbose_name=_("SLA")
    )

    class Meta(Master.Meta):
        verbose_name = _("agreement group")
        verbose_name_plural = _("agreement groups")


class CombineBy(models.TextChoices):
    AGREEMENT = "AGREEMENT", _("One order per agreement")
    TASK = "TASK", _("One order per task")
    EMPLOYEE = "EMPLOYEE", _("One order per worker")
    OBJECT = "OBJECT", _("One order per service object")


class ClosedDay(models.TextChoices):
    WARN = "WARN", _("Create it anyway and warn")
    NEXT = "NEXT", _("Move to the next open day")
    PREVIOUS = "PREVIOUS", _("Move to the previous open day")
    SKIP = "SKIP", _("Skip the visit")


class ServiceAgreement(Versioned):
    """Contract-like header over the lines that describe a typical visit. With a template group it is a template."""

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    status = models.CharField(
        _("status"),
        max_length=8,
        choices=AgreementStatus,
        default=AgreementStatus.AGREED,
        db_default=AgreementStatus.AGREED,
        editable=False,
    )
    quoted_until = models.DateField(_("quote stands until"), null=True, blank=True)
    decided_on = models.DateField(_("decided on"), null=True, blank=True, editable=False)
    decision = models.CharField(_("how or why"), max_length=160, blank=True, editable=False)
    description = models.CharField(_("description"), max_length=160)
    group = models.ForeignKey(AgreementGroup, models.PROTECT, verbose_name=_("group"))
    project = models.ForeignKey(
        "projects.Project",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="agreements",
        verbose_name=_("project"),
    )
    customer = models.ForeignKey(
        "masterdata.Customer",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("customer"),
    )
    start_date = models.DateField(_("from"))
    end_date = models.DateField(_("to"), null=True, blank=True)
    end_reason = models.CharField(_("why it ends"), max_length=160, blank=True)
    suspended = models.BooleanField(_("suspended"), default=False)
    suspend_reason = models.CharField(_("why it is suspended"), max_length=160, blank=True)
    suspended_on = models.DateField(_("suspended from"), null=True, blank=True, editable=False)
    renewal = models.CharField(_("renewal"), max_length=10, choices=Renewal, default=Renewal.NONE)
    term_months = models.PositiveSmallIntegerField(_("renewed for (months)"), null=True, blank=True)
    notice_days = models.PositiveSmallIntegerField(_("notice (days before the end)"), default=0)
    notice_on = models.DateField(_("notice given on"), null=True, blank=True, editable=False)
    prices_fixed_until = models.DateField(_("prices fixed until"), null=True, blank=True)
    predecessor = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="successor",
        editable=False,
        verbose_name=_("renews"),
    )
    combine_by = models.CharField(
        _("combine orders"), max_length=10, choices=CombineBy, default=CombineBy.AGREEMENT
    )
    closed_day = models.CharField(
        _("on closed days"),
        max_length=8,
        choices=ClosedDay,
        default=ClosedDay.WARN,
        db_default=ClosedDay.WARN,
    )
    template_group = models.ForeignKey(
        "agreements.TemplateGroup", models.PROTECT, null=True, blank=True, verbose_name=_("template in")
    )
    sla = models.ForeignKey(
        "agreements.ServiceLevelAgreement", models.PROTECT, null=True, blank=True, verbose_name=_("SLA")
    )
    sla_on_generated_orders = models.BooleanField(_("SLA on created orders"), default=True)
    preferred_technician = models.ForeignKey(
        "masterdata.Employee",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("preferred technician"),
    )
    responsible = models.ForeignKey(
        "masterdata.Employee",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("responsible"),
    )
    contact = models.ForeignKey(
        "masterdata.Contact",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("contact"),
    )
    activity_type = models.ForeignKey(
        "agreements.ActivityType", models.PROTECT, null=True, blank=True, verbose_name=_("activity type")
    )
    price_list = models.ForeignKey(
        "projects.PriceList", models.PROTECT, null=True, blank=True, verbose_name=_("price list")
    )
    calendar = models.ForeignKey(
        "masterdata.WorkCalendar", models.PROTECT, null=True, blank=True, verbose_name=_("calendar")
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )

    objects = ServiceAgreementQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        permissions = [
            ("end_serviceagreement", "Can end service agreements"),
            ("agree_serviceagreement", "Can record what customers say to quotes"),
        ]
        verbose_name = _("service agreement")
        verbose_name_plural = _("service agreements")
        constraints = [
            one_of("agreement_status_known", "status", AgreementStatus),
            models.CheckConstraint(
                name="agreement_decided_with_day_and_words",
                condition=Q(status=AgreementStatus.AGREED, decided_on__isnull=True, decision="")
                | (~Q(status=AgreementStatus.QUOTE) & Q(decided_on__isnull=False) & ~Q(decision=""))
                | Q(status=AgreementStatus.QUOTE, decided_on__isnull=True, decision=""),
            ),
            models.CheckConstraint(
                name="agreement_quote_is_not_in_force",
                condition=Q(status=AgreementStatus.AGREED)
                | Q(
                    template_group__isnull=True,
                    suspended=False,
                    notice_on__isnull=True,
                    end_reason="",
                    predecessor__isnull=True,
                ),
            ),
            one_of("agreement_combine_by_known", "combine_by", CombineBy),
            models.CheckConstraint(
                name="agreement_suspended_from_while_suspended",
                condition=Q(suspended=True) | Q(suspended_on__isnull=True),
            ),
            one_of("agreement_closed_day_known", "closed_day", ClosedDay),
            one_of("agreement_renewal_known", "renewal", Renewal),
            models.CheckConstraint(
                name="agreement_renewal_has_end_and_term",
                condition=Q(renewal=Renewal.NONE)
                | Q(
                    template_group__isnull=True,
                    end_date__isnull=False,
                    term_months__isnull=False,
                    term_months__range=(1, 120),
                ),
            ),
            models.CheckConstraint(
                name="agreement_not_its_own_predecessor", condition=~Q(predecessor=F("pk"))
            ),
            models.CheckConstraint(
                name="agreement_notice_within_ten_years", condition=Q(notice_days__lte=MOST_NOTICE_DAYS)
            ),
            not_before("agreement_ends_after_start", "start_date", "end_date"),
            models.CheckConstraint(
                name="agreement_has_project_unless_template",
                condition=Q(project__isnull=False, customer__isnull=False) | Q(template_group__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.description}"

    @property
    def is_template(self) -> bool:
        return self.template_group_id is not None

    @property
    def is_agreed(self) -> bool:
        """Whether the customer agreed to it, or it never was a quote."""
        return self.status == AgreementStatus.AGREED


class AgreementObject(RelatedObject):
    """AG-12: the attachment of a service object to an agreement."""

    agreement = models.ForeignKey(ServiceAgreement, models.CASCADE, related_name="object_relations")
    service_object = models.ForeignKey(
        "agreements.ServiceObject", models.PROTECT, related_name="+", verbose_name=_("service object")
    )

    class Meta(RelatedObject.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "service_object", "reference"], name="agreementobject_once_per_reference"
            )
        ]


class AgreementTask(RelatedTask):
    """AG-11: the attachment of a task to an agreement."""

    agreement = models.ForeignKey(ServiceAgreement, models.CASCADE, related_name="task_relations")

    class Meta(RelatedTask.Meta):
        constraints = [
            models.UniqueConstraint(fields=["agreement", "service_task"], name="agreementtask_once")
        ]
