from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agreements.models.relation import RelatedObject, RelatedTask
from servicemgmt.core.constraints import one_of, where_given
from servicemgmt.core.models import User, Versioned

from .sla import SlaStatus


class Priority(models.TextChoices):
    HIGH = "HIGH", _("High")
    NORMAL = "NORMAL", _("Normal")
    LOW = "LOW", _("Low")


class OrderOrigin(models.TextChoices):
    SYSTEM = "SYSTEM", _("Created from an agreement")
    USER = "USER", _("Entered by hand")
    REQUEST = "REQUEST", _("From a service request")
    WEB = "WEB", _("From the portal")
    IMPORT = "IMPORT", _("Imported history")


class OrderProgress(models.TextChoices):
    """Derived from the lines' statuses by `operations.refresh_progress` alone (SO-11)."""

    IN_PROCESS = "IN_PROCESS", _("In process")
    POSTED = "POSTED", _("Posted")
    CANCELLED = "CANCELLED", _("Cancelled")


class ServiceOrderQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "ServiceOrderQuerySet":
        """Whoever may view orders sees all; a technician those assigned to him, today ± 14 days (C.12)."""
        if user.has_perm("orders.view_serviceorder"):
            return self
        if not user.has_perm("dispatch.work_own_day"):
            return self.none()
        today = timezone.localdate()
        span = timedelta(days=14)
        return self.filter(
            Q(assignments__worker__user=user) & Q(service_on__range=(today - span, today + span))
        ).distinct()

    def search(self, text: str) -> "ServiceOrderQuerySet":
        return self.filter(
            Q(number__icontains=text)
            | Q(description__icontains=text)
            | Q(customer__name__icontains=text)
            | Q(external_number=text)
        )


class ServiceOrder(Versioned):
    """One visit to a site on a day: header, lines, objects, tasks. Everybody who writes it locks this row first."""

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    agreement = models.ForeignKey(
        "agreements.ServiceAgreement",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="orders",
        verbose_name=_("service agreement"),
    )
    project = models.ForeignKey(
        "projects.Project",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="orders",
        verbose_name=_("project"),
    )
    customer = models.ForeignKey(
        "masterdata.Customer",
        models.PROTECT,
        related_name="orders",
        verbose_name=_("customer"),
        db_index=False,
    )
    site = models.ForeignKey("masterdata.Site", models.PROTECT, related_name="+", verbose_name=_("site"))
    description = models.CharField(_("description"), max_length=250)
    details = models.TextField(_("details"), blank=True)
    service_on = models.DateField(_("service date"))
    promised_window = DateTimeRangeField(_("promised"), null=True, blank=True)
    stage = models.ForeignKey(
        "orders.ServiceStage",
        models.PROTECT,
        related_name="orders",
        verbose_name=_("stage"),
        db_index=False,
    )
    stage_since = models.DateTimeField(_("in this stage since"))
    progress = models.CharField(
        _("progress"), max_length=12, choices=OrderProgress, default=OrderProgress.IN_PROCESS, editable=False
    )
    priority = models.CharField(_("priority"), max_length=6, choices=Priority, default=Priority.NORMAL)
    origin = models.CharField(
        _("origin"), max_length=8, choices=OrderOrigin, default=OrderOrigin.USER, editable=False
    )
    external_number = models.CharField(_("external number"), max_length=64, blank=True, editable=False)
    calendar_conflict = models.BooleanField(_("on a closed day"), default=False, editable=False)
    signed_off_at = models.DateTimeField(_("signed off"), null=True, editable=False)
    sla = models.ForeignKey(
        "agreements.ServiceLevelAgreement",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("SLA"),
    )
    sla_status = models.CharField(
        _("time recording"), max_length=10, choices=SlaStatus, default=SlaStatus.NONE, editable=False
    )
    deadline = models.DateTimeField(_("complete by"), null=True, editable=False)
    compliance = models.DecimalField(
        _("time used %"), max_digits=9, decimal_places=1, null=True, editable=False
    )
    preferred_technician = models.ForeignKey(
        "masterdata.Employee",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("preferred technician"),
        db_index=False,
    )
    responsible = models.ForeignKey(
        "masterdata.Employee",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("responsible"),
        db_index=False,
    )
    contact = models.ForeignKey(
        "masterdata.Contact",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("contact"),
        db_index=False,
    )
    activity_type = models.ForeignKey(
        "agreements.ActivityType",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("activity type"),
        db_index=False,
    )
    run = models.ForeignKey("core.Run", models.SET_NULL, null=True, related_name="+", editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )

    objects = ServiceOrderQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("service order")
        verbose_name_plural = _("service orders")
        permissions = [
            ("post_serviceorder", "Can post order lines"),
            ("sign_serviceorder", "Can sign off orders"),
            ("import_history", "Can import maintenance history"),
        ]
        constraints = [
            one_of("serviceorder_priority_known", "priority", Priority),
            one_of("serviceorder_origin_known", "origin", OrderOrigin),
            one_of("serviceorder_progress_known", "progress", OrderProgress),
            one_of("serviceorder_sla_status_known", "sla_status", SlaStatus),
            models.CheckConstraint(
                name="serviceorder_promise_is_not_empty", condition=Q(promised_window__isempty=False)
            ),
            models.UniqueConstraint(
                fields=["external_number"],
                name="serviceorder_external_number_once",
                condition=~Q(external_number=""),
            ),
        ]
        indexes = [
            models.Index(fields=["-service_on", "-id"], name="serviceorder_by_date"),
            models.Index(fields=["stage", "-service_on", "-id"], name="serviceorder_by_stage"),
            models.Index(fields=["customer", "-service_on", "-id"], name="serviceorder_by_customer"),
            # What is open is a sliver of all orders ever; home, tray and the tabs of the list ask for nothing else.
            models.Index(
                fields=["service_on", "id"],
                name="serviceorder_in_process",
                condition=Q(progress=OrderProgress.IN_PROCESS),
            ),
            models.Index(
                fields=["deadline", "id"],
                name="serviceorder_clock_running",
                condition=Q(sla_status="STARTED"),
            ),
            # Most orders leave these empty.
            where_given("serviceorder_by_preferred", "preferred_technician"),
            where_given("serviceorder_by_responsible", "responsible"),
            where_given("serviceorder_by_contact", "contact"),
            where_given("serviceorder_by_activity", "activity_type"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.description}"


class Assignment(models.Model):
    """Who may see an order and work on it (architecture 13)."""

    order = models.ForeignKey(ServiceOrder, models.CASCADE, related_name="assignments")
    worker = models.ForeignKey("masterdata.Employee", models.PROTECT, related_name="assignments")
    is_lead = models.BooleanField(_("lead"), default=False)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.UniqueConstraint(fields=["order", "worker"], name="assignment_once"),
            models.UniqueConstraint(fields=["order"], condition=Q(is_lead=True), name="assignment_one_lead"),
        ]

    def __str__(self) -> str:
        return str(self.worker)


class OrderObject(RelatedObject):
    """The attachment of a service object to an order."""

    order = models.ForeignKey(ServiceOrder, models.CASCADE, related_name="object_relations", db_index=False)
    service_object = models.ForeignKey(
        "agreements.ServiceObject",
        models.PROTECT,
        related_name="order_relations",
        verbose_name=_("service object"),
    )

    class Meta(RelatedObject.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["order", "service_object", "reference"], name="orderobject_once_per_reference"
            )
        ]


class OrderTask(RelatedTask):
    """The attachment of a task to an order."""

    order = models.ForeignKey(ServiceOrder, models.CASCADE, related_name="task_relations", db_index=False)

    class Meta(RelatedTask.Meta):
        constraints = [models.UniqueConstraint(fields=["order", "service_task"], name="ordertask_once")]
