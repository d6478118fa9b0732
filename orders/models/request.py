from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import one_of
from servicemgmt.core.models import Versioned

from .order import Priority


class RequestStatus(models.TextChoices):
    OPEN = "OPEN", _("Open")
    ORDERED = "ORDERED", _("Turned into an order")
    CLOSED = "CLOSED", _("Closed without an order")


REQUEST_MOVES: dict[str, set[str]] = {
    RequestStatus.OPEN: {RequestStatus.ORDERED, RequestStatus.CLOSED},
    RequestStatus.ORDERED: {RequestStatus.OPEN},  # when its order is deleted, so that the call is not lost
    RequestStatus.CLOSED: {RequestStatus.OPEN},
}


class ServiceRequestQuerySet(models.QuerySet):
    def search(self, text: str) -> "ServiceRequestQuerySet":
        return self.filter(
            Q(number__icontains=text)
            | Q(summary__icontains=text)
            | Q(customer__name__icontains=text)
            | Q(caller__icontains=text)
        )


class ServiceRequest(Versioned):
    """A customer's call: who, which object, what is wrong. Becomes an order, or is closed with an answer."""

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    customer = models.ForeignKey(
        "masterdata.Customer", models.PROTECT, related_name="+", verbose_name=_("customer")
    )
    site = models.ForeignKey(
        "masterdata.Site", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("site")
    )
    service_object = models.ForeignKey(
        "agreements.ServiceObject",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("service object"),
    )
    caller = models.CharField(_("who is calling"), max_length=120, blank=True)
    phone = models.CharField(_("call back"), max_length=40, blank=True)
    summary = models.CharField(_("what is wrong"), max_length=160)
    details = models.TextField(_("details"), blank=True)
    priority = models.CharField(_("priority"), max_length=6, choices=Priority, default=Priority.NORMAL)
    preferred_on = models.DateField(_("wished for"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=RequestStatus, default=RequestStatus.OPEN)
    received_at = models.DateTimeField(_("received"), db_default=Now())
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answer = models.TextField(_("answer"), blank=True)
    order = models.OneToOneField(
        "orders.ServiceOrder", models.PROTECT, null=True, related_name="request", verbose_name=_("order")
    )

    objects = ServiceRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("service request")
        verbose_name_plural = _("service requests")
        constraints = [
            one_of("servicerequest_status_known", "status", RequestStatus),
            one_of("servicerequest_priority_known", "priority", Priority),
            models.CheckConstraint(
                name="servicerequest_order_when_ordered",
                condition=Q(status=RequestStatus.ORDERED, order__isnull=False)
                | (~Q(status=RequestStatus.ORDERED) & Q(order__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.summary}"
