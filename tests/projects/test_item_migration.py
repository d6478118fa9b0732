"""Invoices posted before there were customer items get theirs, as if they had been opened at posting."""

from datetime import date
from decimal import Decimal
from importlib import import_module

import pytest
from django.db import connection

from servicemgmt.projects.models import CustomerItem, Settlement
from servicemgmt.projects.operations import credit_invoice, post_proposal, propose_credit
from tests import make_money as make
from tests.make_money import invoiced

pytestmark = pytest.mark.django_db(transaction=True)

FORGET = """
ALTER TABLE projects_settlement DISABLE TRIGGER settlement_frozen;
ALTER TABLE projects_customeritem DISABLE TRIGGER customeritem_frozen;
DELETE FROM projects_settlement; DELETE FROM projects_customeritem;
ALTER TABLE projects_settlement ENABLE TRIGGER settlement_frozen;
ALTER TABLE projects_customeritem ENABLE TRIGGER customeritem_frozen;
"""


def opened() -> list[tuple]:
    names = ["label", "kind", "customer", "amount", "company_amount", "open", "company_open", "due_on"]
    return list(CustomerItem.objects.order_by("label").values_list(*names))


def settled() -> list[tuple]:
    names = ["debit__label", "credit__label", "on", "amount", "debit_company", "credit_company"]
    return list(Settlement.objects.order_by("credit__label").values_list(*names))


def test_items_of_invoices_posted_before_are_as_if_opened_at_posting():
    smith = make.customer("Smith", currency="USD", tax_group="ABROAD")
    whole, part = (invoiced(make.draft(make.project(customer=smith))) for _n in range(2))
    invoiced(make.draft(make.project()))
    credit_invoice(whole.pk, on=date(2026, 3, 20), by=None, at=make.NOW)
    draft = propose_credit(
        part.pk, on=date(2026, 3, 21), by=None, at=make.NOW, amounts={part.lines.get().pk: Decimal("33.33")}
    )
    post_proposal(draft.pk, version=draft.version, by=None, at=make.NOW)
    before = opened(), settled()
    migration = import_module("servicemgmt.projects.migrations.0007_items_of_invoices")
    with connection.cursor() as cursor:
        for statement in FORGET.split(";")[:-1]:
            cursor.execute(statement)
        assert (opened(), settled()) == ([], [])
        cursor.execute(migration.ITEMS)
        cursor.execute(migration.SEQUENCE)
    assert (opened(), settled()) == before
