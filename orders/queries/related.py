"""Which objects and tasks an order may use: its own and those of its agreement (AG-10, AG-11)."""

from django.db.models import Q, QuerySet

from agreements.models import ServiceObject, ServiceTask
from orders.models import ServiceOrder


def objects_of(order: ServiceOrder) -> QuerySet[ServiceObject]:
    """The service objects that lines and repair lines of the order may name."""
    ids = set(order.object_relations.values_list("service_object_id", flat=True))
    if order.agreement:
        ids |= set(order.agreement.object_relations.values_list("service_object_id", flat=True))
    found: QuerySet[ServiceObject] = ServiceObject.objects.filter(pk__in=ids).order_by("number")
    return found


def tasks_of(order: ServiceOrder) -> QuerySet[ServiceTask]:
    """The tasks that lines of the order may name."""
    ids = set(order.task_relations.values_list("service_task_id", flat=True))
    if order.agreement:
        ids |= set(order.agreement.task_relations.values_list("service_task_id", flat=True))
    found: QuerySet[ServiceTask] = ServiceTask.objects.filter(pk__in=ids).order_by("code")
    return found


def objects_to_relate(order: ServiceOrder) -> QuerySet[ServiceObject]:
    """Objects of the order's customer (or of nobody) that are not related yet."""
    found: QuerySet[ServiceObject] = ServiceObject.objects.filter(
        Q(customer=order.customer) | Q(customer__isnull=True)
    ).exclude(pk__in=order.object_relations.values("service_object"))
    return found
