from datetime import date

from orders.models import Loan, ServiceOrder

from .lists import state_of


def loans_of(order: ServiceOrder, on: date) -> list[Loan]:
    """What was lent for the order, the last first, each with its `state` and `tone` on the day."""
    return told(list(order.loans.select_related("service_object", "stands_in_for")), on)


def told(rows: list[Loan], on: date) -> list[Loan]:
    """The loans with their `state` and the `tone` of its badge."""
    for row in rows:
        row.state, row.tone = state_of(row.due_on, row.returned_on, on)  # type: ignore[attr-defined]
    return rows
