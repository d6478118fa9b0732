"""The pages of transactions and prices."""

import pytest
from django.urls import reverse

from servicemgmt.core.roles import DISPATCHER, FINANCE, PLANNER
from servicemgmt.projects.models import InvoiceProposal
from tests import make_money as make
from tests.cast import user_in
from tests.projects.ask import text_of, url

pytestmark = pytest.mark.django_db


def test_the_transactions_list_and_page_lead_to_voucher_and_reasons(cleo):
    make.cost_price("40")
    make.sales_price("90")
    from servicemgmt.projects.pricing.search import price_line

    project = make.project()
    priced = price_line(kind="HOUR", project=project, category=make.category(), on=make.TODAY)
    (row,) = make.post(make.draft(project, price_reason=priced.reason, text="Oil change"))
    assert "Oil change" in text_of(cleo.get(url("transactions")))
    text = text_of(cleo.get(url("transaction", row.pk)))
    assert "wins." in text and row.voucher.number in text and "90.00 EUR" in text


def test_C_12_nobody_is_shown_a_way_that_ends_at_a_closed_door(client):
    (row,) = make.post(make.draft(make.project()))
    voucher = reverse("ledger:voucher", args=[row.voucher.number])
    pages = [url("transactions"), url("transaction", row.pk)]
    for role, may in ((FINANCE, True), (PLANNER, False)):
        client.force_login(user_in(role))
        for page in pages:
            assert (f'href="{voucher}"' in client.get(page).content.decode()) is may, (role, page)
        assert (client.get(voucher).status_code == 200) is may
    client.force_login(user_in(DISPATCHER))
    shown = client.get(url("project", row.project.number)).content.decode()
    assert "/orders/?project=" in shown and "/subscriptions/?project=" not in shown


def test_ticked_transactions_become_a_proposal(cleo):
    rows = make.post(make.draft(make.project()), make.draft(make.project("Two")))
    answer = cleo.post(url("propose_ticked"), {"pk": [rows[0].pk]})
    assert answer.url == url("proposal", InvoiceProposal.objects.get().number)
    nothing = cleo.post(url("propose_ticked"), {"pk": ["7", "x"]}, follow=True)
    assert "nothing to invoice" in text_of(nothing)


def test_the_price_page_answers_and_explains(cleo):
    project = make.project()
    make.sales_price("90", project=project)
    make.cost_price("40")
    page = cleo.get(
        url("prices"),
        {
            "kind": "HOUR",
            "on": "2026-03-16",
            "project": project.pk,
            "category": make.category().pk,
            "quantity": "1.5",
        },
    )
    text = text_of(page)
    assert "135.00 EUR" in text and "60.00 EUR" in text and "(priority 4) wins." in text


@pytest.mark.parametrize("query", [{"kind": "ITEM", "on": "2026-03-16", "quantity": "1"}, {"kind": "X"}])
def test_a_question_that_cannot_be_is_422(cleo, query):
    make.firm()
    assert cleo.get(url("prices"), query).status_code == 422
