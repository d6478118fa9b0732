"""What there is to post, and why the rest is not: one SELECT with a reason column (PR-01), for preview and run."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from agreements.models import ItemSetup
from orders.models import LineStatus, ServiceOrder, ServiceOrderLine
from servicemgmt.core.errors import Sentence

#: PR-01: the preconditions of a line in the order in which they are told.
REFUSALS: list[tuple[str, Q, Sentence]] = [
    ("UNSIGNED", Q(signed_off_at__isnull=True), _("The line is not signed off.")),
    (
        "STAGE",
        Q(order__stage__can_transfer=False),
        _("The stage of the service order does not allow posting."),
    ),
    ("PROJECT", Q(order__project__isnull=True), _("The service order has no project.")),
    ("PROPERTY", Q(line_property__isnull=True), _("The line has no line property.")),
    (
        "REQUIREMENT",
        Q(item_setup=ItemSetup.REQUIREMENT),
        _("Item requirements are used up by their delivery, not by posting the order."),
    ),
]
SENTENCES = {code: sentence for code, _condition, sentence in REFUSALS}


def lines_to_post(
    orders: Collection[int], kinds: Collection[str] | None = None
) -> QuerySet[ServiceOrderLine]:
    """The Created lines of the ticked kinds (None: all four) with their `refusal`: '' or a code of REFUSALS."""
    whens = [When(condition, then=Value(code)) for code, condition, _sentence in REFUSALS]
    lines = ServiceOrderLine.objects.filter(order__in=orders, status=LineStatus.CREATED)
    if kinds is not None:
        lines = lines.filter(kind__in=kinds)
    return (
        lines.annotate(refusal=Case(*whens, default=Value(""), output_field=CharField()))
        .prefetch_related(  # what many lines share is read and built once, not once a line
            "order__stage", "order__project__currency", "order__customer", "order__site", "order__agreement",
            "category__tax_group", "line_property",
            "item__unit", "item__tax_group", "unit", "worker", "warehouse",
        )
        .order_by("order_id", "line_number")
    )  # fmt: skip


def orders_to_post(parameters: dict[str, Any]) -> QuerySet[ServiceOrder]:
    """The orders that a posting is asked for: `orders` by id, or those of `agreement`, `project`, `customer` (PR-02).

    `from` and `to` (ISO, inclusive) bound the service date (PR-03). Only orders with Created lines.
    """
    created = ServiceOrderLine.objects.filter(order=OuterRef("pk"), status=LineStatus.CREATED)
    found = ServiceOrder.objects.filter(Exists(created))
    if parameters.get("orders") is not None:
        found = found.filter(pk__in=parameters["orders"])
    for name in ("agreement", "project", "customer"):
        if parameters.get(name):
            found = found.filter(**{name: parameters[name]})
    if parameters.get("signed"):
        found = found.filter(signed_off_at__isnull=False)
    if parameters.get("from"):
        found = found.filter(service_on__gte=date.fromisoformat(parameters["from"]))
    if parameters.get("to"):
        found = found.filter(service_on__lte=date.fromisoformat(parameters["to"]))
    return found.order_by("pk")
