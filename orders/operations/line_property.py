"""Who bears a line of which nobody says it: the warranty of its object, else the setup of its project (PR-11)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from orders.models import ServiceOrder, ServiceOrderLine
from orders.queries.parameters import parameters
from servicemgmt.core.languages import spoken
from servicemgmt.masterdata.models import Customer
from servicemgmt.projects.models import Category, Coverage, LineKind, LineProperty
from servicemgmt.projects.pricing.discounts import Borne
from servicemgmt.projects.queries import line_property_for


class Usual:
    """What the setup says of an order's lines, each thing read once."""

    def __init__(self, order: ServiceOrder) -> None:
        self.order = order
        self._of_category: dict[int, LineProperty] = {}

    @cached_property
    def under_warranty(self) -> LineProperty | None:
        return parameters().warranty_line_property

    def of(self, category: Category) -> LineProperty | None:
        """PR-11; None for an order without a project."""
        if self.order.project is None:
            return None
        if category.pk not in self._of_category:
            self._of_category[category.pk] = line_property_for(self.order.project, category)
        return self._of_category[category.pk]


def give_line_property(order: ServiceOrder, line: ServiceOrderLine, usual: Usual | None = None) -> None:
    """Say who bears the line, unsaved, where nobody said it yet and the order has a project.

    Parts and hours on an object under warranty on the day of the work get the line property that the company set up
    for that, and the warranty as the reason why they are not charged. Of which it bears a share alone, are charged as
    usual, less that share where nobody entered another discount. `usual` is for many lines of one order.
    """
    usual = usual or Usual(order)
    if line.line_property_id is not None or order.project is None:
        return
    line.line_property, line.warranty = usual.of(line.category), None
    until, percent = _warranty(line)
    if until is None or until < (line.executed_on or order.service_on) or usual.under_warranty is None:
        return
    if percent == 100:
        line.line_property = usual.under_warranty
    elif line.discount is None and line.line_property and line.line_property.coverage == Coverage.CHARGED:
        line.warranty = percent
    else:
        return
    line.coverage_reason = line.coverage_reason or _reason(line.kind, until, order.customer)


def forget_usual(order: ServiceOrder, line: ServiceOrderLine, usual: Usual) -> bool:
    """Take from the line, unsaved, what it got of which nobody said who bears it, so that it is given anew; whether it
    had that.

    What differs from that was said: by who entered it, or by the line of the agreement that it came from. It stays, and
    so does a reason that somebody wrote.
    """
    given = ServiceOrderLine(
        kind=line.kind,
        category=line.category,
        object_relation=line.object_relation,
        executed_on=line.executed_on,
        discount=line.discount,
    )
    give_line_property(order, given, usual)
    if (given.line_property, given.warranty) != (line.line_property, line.warranty):
        return False
    line.line_property = None
    if line.coverage_reason == given.coverage_reason:
        line.coverage_reason = ""
    return True


def forget_if_elsewhere(
    order: ServiceOrder, line: ServiceOrderLine, fields: Mapping[str, Any]
) -> dict[str, Any]:
    """`forget_usual` where these fields give the line another object, category or day of work.

    Returns the fields, without those that then only repeat who bore it before, as forms send them back.
    """
    relation = line.object_relation
    now = {
        "service_object": relation.service_object if relation else None,
        "category": line.category,
        "executed_on": line.executed_on,
    }
    before = {"line_property": line.line_property, "coverage_reason": line.coverage_reason}
    is_elsewhere = any(fields.get(name, value) != value for name, value in now.items())
    if not is_elsewhere or not forget_usual(order, line, Usual(order)):
        return dict(fields)
    return {name: value for name, value in fields.items() if name not in before or value != before[name]}


def drop_share(line: ServiceOrderLine) -> None:
    """The warranty bears nothing of the line any more: somebody said otherwise, or another discount takes off more."""
    if line.warranty is not None:
        line.warranty, line.coverage_reason = None, ""


def borne(line: ServiceOrderLine) -> Borne | None:
    """The share of the line that a warranty bears, for the price search."""
    return Borne(line.warranty, line.coverage_reason or _("Warranty")) if line.warranty is not None else None


def _warranty(line: ServiceOrderLine) -> tuple[date | None, Decimal]:
    """The last day on which the object's parts (item lines) or labour (hours) are under warranty, and how much of
    them it bears (percent)."""
    thing = line.object_relation.service_object if line.object_relation else None
    if thing and line.kind == LineKind.ITEM:
        return thing.warranty_parts_until, thing.warranty_parts_percent
    if thing and line.kind == LineKind.HOUR:
        return thing.warranty_labour_until, thing.warranty_labour_percent
    return None, Decimal(100)


def _reason(kind: str, until: date, customer: Customer) -> str:
    """Which warranty bears the line, in the customer's language: it stands on his receipt and invoice."""
    with translation.override(spoken(customer.language)):
        text = (
            _("Warranty on parts until %(day)s")
            if kind == LineKind.ITEM
            else _("Warranty on labour until %(day)s")
        )
        return text % {"day": date_format(until, "SHORT_DATE_FORMAT")}
