"""The pages of subscriptions: works, wrong method, stranger, wrong input, trace."""

from datetime import date

import pytest
from django.urls import reverse

from servicemgmt.core.models import Event, Run
from servicemgmt.core.roles import ADMINISTRATOR, DISPATCHER, FINANCE, TECHNICIAN
from servicemgmt.projects.models import InvoiceProposal
from subscriptions.models import Fee, Subscription, SubscriptionPrice
from subscriptions.operations import create_fees
from tests.cast import stranger, user_in
from tests.make_money import NOW
from tests.make_subscriptions import make_group, make_subscription
from tests.subscriptions.test_fees import QUARTER

pytestmark = pytest.mark.django_db


@pytest.fixture
def row() -> Subscription:
    return make_subscription()


@pytest.fixture
def finance(client):
    client.force_login(user_in(FINANCE))
    return client


def values(row: Subscription, **changes) -> dict[str, object]:
    return {
        "name": "Monitoring",
        "group": row.group_id,
        "project": row.project_id,
        "category": row.category_id,
        "base_price": "120",
        "index": "100",
        "starts_on": "2026-01-01",
        **changes,
    }


def test_finance_creates_a_subscription(finance, row):
    response = finance.post(reverse("subscriptions:subscription_new"), values(row))
    made = Subscription.objects.get(name="Monitoring")
    assert response.url == reverse("subscriptions:subscription", args=[made.number])
    assert made.currency == row.project.currency
    assert Event.objects.filter(subject=f"subscription:{made.pk}", action="created").exists()
    assert finance.get(response.url).status_code == 200


def test_SB_01_an_empty_base_price_comes_from_the_price_table(finance, row):
    url = reverse("subscriptions:subscription_new")
    assert finance.post(url, values(row, base_price="")).status_code == 422
    SubscriptionPrice.objects.create(
        valid_from=date(2025, 1, 1), period_type=row.group.period_type, currency=row.currency, price=77
    )
    assert finance.post(url, values(row, base_price="")).status_code == 302
    assert Subscription.objects.get(name="Monitoring").base_price == 77


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_price": "-1"},
        {"name": ""},
        {"starts_on": "31.02.2026"},
        {"ends_on": "2025-01-01"},
        {"base_price": "9999999999", "index": "99999999999"},
    ],
)
def test_wrong_input_changes_nothing(finance, row, wrong):
    response = finance.post(reverse("subscriptions:subscription_new"), values(row, **wrong))
    assert response.status_code == 422
    assert Subscription.objects.count() == 1


def test_preview_then_run(finance, row):
    url = reverse("subscriptions:fees_new")
    asked = {"start": "2026-01-01", "end": "2026-03-31", "kind": "REGULAR", "price_source": "INDEXED"}
    shown = finance.get(url, asked)
    assert shown.context["count"] == 3 and not Fee.objects.exists()
    response = finance.post(url, asked)
    run = Run.objects.get(kind="create_fees")
    assert response.url == reverse("core:run", args=[run.pk])
    wrong = finance.get(url, asked | {"end": "2025-01-01"})
    assert wrong.status_code == 422


def test_fees_are_invoiced_from_the_page(finance, row):
    create_fees([row.pk], QUARTER, by=None, at=NOW)
    url = reverse("subscriptions:fees_invoice")
    assert finance.get(url).context["waiting"] == 3
    response = finance.post(url, {"invoice_date": "2026-03-31"})
    proposal = InvoiceProposal.objects.get()
    assert response.url == reverse("projects:proposal", args=[proposal.number])
    assert finance.post(url, {"invoice_date": "2026-03-31"}).status_code == 409


def test_the_fees_of_one_subscription_are_invoiced_alone(finance, row):
    other = make_subscription()
    create_fees([row.pk, other.pk], QUARTER, by=None, at=NOW)
    url = f"{reverse('subscriptions:fees_invoice')}?subscription={row.number}"
    assert finance.get(url).context["waiting"] == 3
    finance.post(url, {"invoice_date": "2026-03-31"})
    assert InvoiceProposal.objects.get().lines.count() == 3
    assert Fee.objects.filter(subscription=other, transaction__proposal=None).count() == 3


def test_deactivating_names_its_version(finance, row):
    url = reverse("subscriptions:subscription_active", args=[row.number])
    finance.post(url, {"active": "0", "version": "1"})
    row.refresh_from_db()
    assert not row.is_active
    finance.post(url, {"active": "1", "version": "1"})  # stale
    row.refresh_from_db()
    assert not row.is_active
    assert finance.get(url).status_code == 405


@pytest.mark.parametrize("name", ["subscriptions", "fees"])
def test_lists_sort_filter_and_export(finance, row, name):
    create_fees([row.pk], QUARTER, by=None, at=NOW)
    for query in ("", "?tab=all", "?q=hot", "?format=csv", "?format=xlsx"):
        response = finance.get(reverse(f"subscriptions:{name}") + query)
        assert response.status_code == 200 and b"".join(response)


def test_who_may_not_enter(client, row):
    make_group()
    for user in (stranger(), user_in(TECHNICIAN), user_in(DISPATCHER)):
        client.force_login(user)
        for name in ("subscriptions", "fees", "fees_new", "subscription_new"):
            assert client.get(reverse(f"subscriptions:{name}")).status_code == 403


def test_C_12_a_fee_leads_to_its_transaction_where_the_reader_may_see_that(client, row):
    create_fees([row.pk], QUARTER, by=None, at=NOW)
    to = reverse("projects:transaction", args=[Fee.objects.first().pk])
    for role, leads in ((FINANCE, True), (ADMINISTRATOR, False)):
        client.force_login(user_in(role))
        reports = [reverse(f"reporting:{name}") for name in ("fee_transactions", "subscription_transactions")]
        for address in (*reports, reverse("subscriptions:subscription", args=[row.number])):
            shown = client.get(address).content.decode()
            assert row.number in shown and "1 Jan 2026" in shown
            assert (to in shown) is leads, (role, address)
