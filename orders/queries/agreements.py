"""Which agreements and what else a dispatcher should know of a customer's object while he is on the phone."""

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from agreements.models import AgreementObject, ServiceAgreement, ServiceObject
from orders.models import OrderProgress, Phase, RequestStatus, ServiceOrder, ServiceRequest
from servicemgmt.masterdata.models import Customer


def running_agreements(customer: Customer, on: date) -> QuerySet[ServiceAgreement]:
    """The customer's agreements that orders can be made from on that day."""
    return (
        ServiceAgreement.objects.running(on)
        .filter(customer=customer, suspended=False)
        .select_related("project", "sla__calendar", "group__sla__calendar")
        .order_by("pk")
    )


def agreement_for(
    customer: Customer, service_object: ServiceObject | None, on: date
) -> ServiceAgreement | None:
    """The running agreement that relates the object (the newest of several), else the customer's only one."""
    relations = AgreementObject.objects.filter(agreement=OuterRef("pk"), service_object=service_object)
    running = running_agreements(customer, on).annotate(has_it=Exists(relations))
    found = list(running.order_by("-has_it", "-pk")[:2])
    return found[0] if found and (found[0].has_it or len(found) == 1) else None


def open_orders(customer: Customer, service_object: ServiceObject | None = None) -> QuerySet[ServiceOrder]:
    """Orders in process that are neither done nor cancelled, the next one first: a new call may be about one."""
    found = (
        ServiceOrder.objects.filter(customer=customer, progress=OrderProgress.IN_PROCESS)
        .exclude(stage__phase__in=[Phase.DONE, Phase.CANCELLED])
        .select_related("stage", "site")
    )
    if service_object:
        found = found.filter(object_relations__service_object=service_object).distinct()
    return found.order_by("service_on", "pk")


def open_requests(
    customer: Customer, service_object: ServiceObject | None = None
) -> QuerySet[ServiceRequest]:
    """Requests not answered yet, of the customer or of one object of his."""
    found = ServiceRequest.objects.filter(customer=customer, status=RequestStatus.OPEN)
    return found.filter(service_object=service_object) if service_object else found
