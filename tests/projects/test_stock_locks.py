"""Postings and reversals that take the same goods in opposite order wait for each other, never in a circle."""

import threading
from decimal import Decimal

import pytest
from django.db import connection

from servicemgmt.inventory.models import OnHand
from servicemgmt.inventory.operations import receive
from servicemgmt.projects.models import Transaction
from servicemgmt.projects.operations import Bundle, post_bundles, reverse_transactions
from tests import make_money as make

ROUNDS = 12


@pytest.mark.django_db(transaction=True)
def test_PR_04_two_who_post_and_reverse_the_same_items_in_opposite_order_both_finish():
    main, project = make.warehouse(), make.project()
    items = [make.item("F-100"), make.item("F-200")]
    for part in items:
        receive(part, main, Decimal(10), value=Decimal(100), on=make.TODAY, by=None)
    category, failed, gate = make.category("ITEM"), [], threading.Barrier(2)

    def bundle(part) -> Bundle:
        used = make.draft(project, "ITEM", category=category, item=part, warehouse=main, quantity=Decimal(1))
        return Bundle(drafts=[used], on=make.TODAY, text="Work")

    def many(order) -> None:
        try:
            for _round in range(ROUNDS):
                gate.wait(timeout=60)
                made = post_bundles([bundle(part) for part in order], by=None, at=make.NOW)
                gate.wait(timeout=60)
                rows = Transaction.objects.filter(pk__in=[key for keys in made for key in keys])
                reverse_transactions(rows, on=make.TODAY, by=None, at=make.NOW)
        except Exception as error:
            failed.append(error)
            gate.abort()
        connection.close()

    threads = [threading.Thread(target=many, args=(order,)) for order in (items, items[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not failed
    assert set(OnHand.objects.values_list("quantity", "value")) == {(10, 100)}
