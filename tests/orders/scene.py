"""An order on which every button of its page can be pressed."""

from dataclasses import dataclass

from orders.models import ServiceOrder
from orders.operations import add_reason, add_repair_line, assign, cancel_line, relate_object, relate_task
from tests.make_agreements import make_object, make_task
from tests.make_money import NOW
from tests.make_orders import make_line, make_reason, make_worker


@dataclass
class Scene:
    """An order in planning with one of everything."""

    order: ServiceOrder

    def __post_init__(self) -> None:
        order = self.order
        self.line = make_line(order)
        self.cancelled = make_line(order)
        cancel_line(self.cancelled.pk, version=None, by=None, at=NOW)
        self.lift, self.other = make_object(), make_object("Lift 2")
        self.relation = relate_object(order.pk, self.lift, by=None)
        self.unused = relate_object(order.pk, self.other, by=None)
        self.task = relate_task(order.pk, make_task(), by=None)
        self.worker = make_worker()
        self.assignment = assign(order, make_worker("Kim"), lead=True, by=None)
        self.reason = add_reason(order.pk, reason=make_reason(), by=None, at=NOW)
        self.repair = add_repair_line(
            order.pk, version=None, by=None, at=NOW, service_object=self.lift, name="Door"
        )
