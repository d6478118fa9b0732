"""What visits cost a service object: its own work, and its share of what was done for all objects of the order."""

from typing import Any

from django.db.models import (
    Count,
    DecimalField,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, Greatest, Round

from agreements.models import ServiceObject
from orders.models import OrderObject, OrderWork, ServiceOrder
from servicemgmt.core.display import money
from servicemgmt.masterdata.queries import company

AMOUNT = DecimalField(max_digits=19, decimal_places=4)
WIDE = DecimalField(max_digits=28, decimal_places=8)


def with_cost(orders: QuerySet[ServiceOrder], found: ServiceObject) -> QuerySet[ServiceOrder]:
    """The orders with what they cost the object (`cost`, empty where nothing is posted) and its currency's code.

    Posted work for the object counts, consumed item requirements too, less what came back. What is for none of the
    order's objects (travel, call-out) is shared by them evenly, to the cent: the shares add up to it. In company
    currency, imported history in its own; an order holds only one of the two.
    """
    currency = company().currency
    work = OrderWork.objects.filter(order=OuterRef("pk"), transaction__isnull=False).order_by()
    own = Q(object_relation__service_object=found)
    objects = OrderObject.objects.filter(order=OuterRef("pk")).order_by().values("order")
    code = Max(Coalesce("transaction__cost_currency__code", Value(currency.code)))

    def sum_of(condition: Q) -> Coalesce:
        sums = work.filter(condition).values("order").annotate(total=Sum("transaction__cost_amount"))
        return Coalesce(Subquery(sums.values("total"), output_field=AMOUNT), Value(0), output_field=AMOUNT)

    def number_of(condition: Q) -> Greatest:
        found = objects.filter(condition).annotate(n=Count("service_object", distinct=True)).values("n")
        return Greatest(Coalesce(Subquery(found), 0), 1)

    def share_until(rank: Any) -> Round:
        exact = ExpressionWrapper(F("cost_of_all") * rank / F("objects_there"), output_field=WIDE)
        return Round(exact, precision=currency.digits)

    return orders.annotate(
        cost_code=Subquery(work.values("order").annotate(code=code).values("code")),
        cost_of_all=sum_of(Q(object_relation__isnull=True)),
        objects_there=number_of(Q()),
        place_among=number_of(Q(service_object__lte=found.pk)),
    ).annotate(
        cost=ExpressionWrapper(
            sum_of(own) + share_until(F("place_among")) - share_until(F("place_among") - 1),
            output_field=AMOUNT,
        )
    )


def cost_text(orders: QuerySet[ServiceOrder], found: ServiceObject) -> str:
    """What the orders cost the object, by currency, added up in one statement."""
    costed: QuerySet[Any] = with_cost(orders.order_by(), found)
    sums = costed.exclude(cost_code=None).values("cost_code").annotate(total=Sum("cost"))
    return " · ".join(money(row["total"], row["cost_code"]) for row in sums.order_by("cost_code"))
