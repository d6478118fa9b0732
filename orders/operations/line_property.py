"""Who bears a line of which nobody says it: the warranty of its object, else the setup of its project (PR-11)."""

from datetime import date
from functools import cached_property

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from orders.models import ServiceOrder, ServiceOrderLine
from orders.queries.parameters import parameters
from servicemgmt.projects.models import Category, LineKind, LineProperty
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
    for that, and the warranty as the reason why they are not charged. `usual` is for many lines of one order.
    """
    usual = usual or Usual(order)
    if line.line_property_id is not None or order.project is None:
        return
    until = _warranty_until(line)
    if until and until >= (line.executed_on or order.service_on) and usual.under_warranty:
        line.line_property = usual.under_warranty
        line.coverage_reason = line.coverage_reason or _reason(line.kind, until)
        return
    line.line_property = usual.of(line.category)


def _warranty_until(line: ServiceOrderLine) -> date | None:
    """The last day on which the object's parts (item lines) or labour (hours) are under warranty."""
    if line.object_relation is None:
        return None
    thing = line.object_relation.service_object
    days = {LineKind.ITEM: thing.warranty_parts_until, LineKind.HOUR: thing.warranty_labour_until}
    return days.get(LineKind(line.kind))


def _reason(kind: str, until: date) -> str:
    text = (
        _("Warranty on parts until %(day)s")
        if kind == LineKind.ITEM
        else _("Warranty on labour until %(day)s")
    )
    return text % {"day": date_format(until, "SHORT_DATE_FORMAT")}
