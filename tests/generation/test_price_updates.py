"""Prices that were updated, invoiced and credited: the old one is back only with the update undone (rule 63)."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from django.test import Client
from django.urls import reverse

from agreements.adjusting.operations import apply, prepare, undo
from agreements.models import PriceAdjustment, ServiceAgreement
from agreements.pricing.operations import add_price, give_own_list
from orders.generation import start_generation
from orders.models import ServiceOrder, ServiceOrderLine
from orders.planning import Options
from orders.posting.post import post_orders
from servicemgmt.core.periods import Period
from servicemgmt.core.roles import FINANCE, PLANNER
from servicemgmt.core.runs import execute_to_end
from servicemgmt.projects.models import SalesPrice, Transaction
from servicemgmt.projects.operations import credit_invoice, make_proposals, post_proposals
from tests import make_money
from tests.cast import user_in
from tests.make_agreements import make_agreement, make_line
from tests.make_orders import NOW, make_stages, move, sign
from tests.projects.ask import text_of

JULY = date(2026, 7, 1)
MONTHS = [date(2026, month, 1) for month in range(1, 13)]


def priced_agreements() -> list[ServiceAgreement]:
    """One with the price on its line, one with a price list of its own."""
    make_stages()
    by_line, by_list = make_agreement("A"), make_agreement("B")
    make_line(by_line, sales_price=Decimal(100))
    make_line(by_list)
    give_own_list(by_list.pk, version=2, by=None)
    fields = {"kind": "HOUR", "category": make_money.category(), "valid_from": MONTHS[0]}
    add_price(by_list.pk, SalesPrice, by=None, price=Decimal(100), **fields)
    return [by_line, by_list]


def visited(agreements: list[ServiceAgreement], month: int) -> list[Decimal]:
    """Create the visits of a month; the prices of their lines."""
    start, following = next(pair for pair in pairwise(MONTHS) if pair[0].month == month)
    period = Options(Period(start, date.fromordinal(following.toordinal() - 1)))
    execute_to_end(start_generation([row.pk for row in agreements], period, by=None, enqueue=False))
    lines = ServiceOrderLine.objects.filter(order__service_on__gte=start, order__service_on__lt=following)
    return list(lines.order_by("order__agreement").values_list("sales_price", flat=True))


def taken_back(batch: PriceAdjustment) -> None:
    batch.refresh_from_db()
    undo(batch.pk, version=batch.version, by=None, at=NOW)


@pytest.mark.django_db(transaction=True)
def test_billing_63_crediting_leaves_an_updated_price_and_undoing_it_brings_the_old_one_back(
    client: Client,
) -> None:
    rows = priced_agreements()
    batch = prepare(
        [row.pk for row in rows],
        description="Yearly",
        effective_on=JULY,
        percent=Decimal(10),
        by=user_in(PLANNER),
    )
    execute_to_end(apply(batch.pk, version=batch.version, by=None, at=NOW, enqueue=False))
    assert visited(rows, 6) == [100, 100] and visited(rows, 7) == [110, 110]
    for order in ServiceOrder.objects.all():
        move(order, "INPROCESS")
        sign(order)
        move(order, "COMPLETED")
    post_orders([order.pk for order in ServiceOrder.objects.all()], by=None, at=NOW)
    client.force_login(user_in(FINANCE))
    june, july = (Transaction.objects.filter(executed_on__month=month) for month in (6, 7))
    for work, is_told in ((june, False), (july, True)):
        made = make_proposals(work, invoice_date=date(2026, 7, 31), by=None, at=NOW)
        assert len(made) == 2
        for invoice in post_proposals([row.pk for row in made], by=None, at=NOW).invoices:
            page = text_of(client.get(reverse("projects:invoice_credit", args=[invoice.number])))
            assert ("“Yearly” (10 % from 1 Jul 2026) made prices here and holds" in page) is is_told
            note = credit_invoice(invoice.pk, on=date(2026, 7, 31), by=None, at=NOW)
    assert visited(rows, 8) == [110, 110], "crediting brings no price back"
    taken_back(batch)
    told = text_of(client.get(reverse("projects:invoice", args=[note.number])))
    assert "made prices here and is taken back" in told
    assert reverse("agreements:adjustment", args=[batch.pk]) in told
    assert visited(rows, 9) == [100, 100]
