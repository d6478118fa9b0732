"""Reading what documents say, and orders with both notes to print."""

import io
from decimal import Decimal
from typing import Any

from django.test import Client
from pypdf import PdfReader

from orders.models import ServiceOrder
from orders.operations import cancel_line, relate_task
from servicemgmt.projects.models import LineKind
from tests.make_agreements import make_task
from tests.make_money import NOW
from tests.make_orders import fresh, make_line, make_order


def pages_of(pdf: bytes) -> list[str]:
    """What each page says, with single spaces."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def words(client: Client, url: str) -> str:
    """What the PDF at that address says."""
    response = client.get(url)
    assert response.status_code == 200, response.content[:500]
    assert response["Content-Type"] == "application/pdf"
    return " ".join(pages_of(response.content))


def make_noted_order(**fields: Any) -> ServiceOrder:
    """An order with a task with both notes and an hour on it, an item, and a cancelled expense."""
    order = make_order(**fields)
    task = make_task("YEARLY", note_internal="Key is at the porter.", note_external="We checked the brake.")
    relation = relate_task(order.pk, task, by=None)
    make_line(
        order, LineKind.HOUR, description="Inspect the brake", task_relation=relation, cost_price=Decimal(41)
    )
    make_line(order, LineKind.ITEM, description="Brake lining")
    gone = make_line(order, LineKind.EXPENSE, description="Never happened")
    cancel_line(gone.pk, version=None, by=None, at=NOW)
    return fresh(order)
