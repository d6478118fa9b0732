"""Fee runs: prices, what is refused, what is never made twice, and the way into a proposal."""

import re
import threading
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from servicemgmt.core.errors import Invalid
from servicemgmt.core.models import Event
from servicemgmt.core.roles import FINANCE
from servicemgmt.core.runs import execute_to_end, progress, retry_run
from servicemgmt.projects.models import Transaction
from servicemgmt.projects.operations import credit_invoice, post_proposals
from subscriptions.models import Fee, SubscriptionPrice
from subscriptions.operations import (
    FeeOrder,
    create_fees,
    preview_fees,
    propose_fees,
    save_subscription,
    set_active,
    start_fees,
)
from subscriptions.queries import find_price
from tests import make_money
from tests.cast import user_in
from tests.make_money import NOW, TODAY
from tests.make_subscriptions import make_group, make_subscription

QUARTER = FeeOrder(date(2026, 1, 1), date(2026, 3, 31))


def run_fees(*rows, order=QUARTER):
    run = execute_to_end(start_fees([row.pk for row in rows], order, by=None, enqueue=False))
    return run, progress(run).counts


@pytest.mark.django_db
def test_87_SB_13_the_indexed_base_price():
    row = make_subscription(base_price="1000", index="110")
    create_fees([row.pk], FeeOrder(date(2026, 1, 1), date(2026, 1, 31)), by=None, at=NOW)
    fee = Fee.objects.select_related("transaction").get()
    assert fee.transaction.sales_amount == Decimal("1100.00")
    assert (fee.base_price, fee.index) == (Decimal(1000), Decimal(110))
    assert fee.transaction.voucher is not None
    assert fee.transaction.service_period.upper == date(2026, 2, 1)


@pytest.mark.django_db
def test_billing_63_SB_13_crediting_a_fee_leaves_the_index_and_says_so(client):
    row = make_subscription(base_price="1000", index="110")
    create_fees([row.pk], FeeOrder(date(2026, 1, 1), date(2026, 1, 31)), by=None, at=NOW)
    proposals = propose_fees(invoice_date=TODAY, by=None, at=NOW)
    (invoice,) = post_proposals([proposal.pk for proposal in proposals], by=None, at=NOW).invoices
    client.force_login(user_in(FINANCE))
    told = client.get(reverse("projects:invoice_credit", args=[invoice.number])).content.decode()
    assert f"{row.number} stays at base price 1,000 and index 110. Crediting leaves it so." in told
    note = credit_invoice(invoice.pk, on=TODAY, by=None, at=NOW)
    february = FeeOrder(date(2026, 2, 1), date(2026, 2, 28))
    assert preview_fees([row.pk], february)[0].fees[0][1] == 1100, "the index holds"
    save_subscription(row.pk, version=row.version, by=None, index=Decimal(100))
    told = client.get(reverse("projects:invoice", args=[note.number])).content.decode()
    assert "was at base price 1,000 and index 110, and is at 1,000 and 100." in told
    assert preview_fees([row.pk], february)[0].fees[0][1] == 1000


@pytest.mark.django_db
@pytest.mark.usefixtures("in_march")
def test_running_again_creates_nothing():
    row = make_subscription()
    run, counts = run_fees(row)
    assert run.status == "DONE" and counts == {"created": 3}
    run, counts = run_fees(row)
    assert counts == {"already": 3}
    assert Fee.objects.count() == 3 == Transaction.objects.count()
    assert Event.objects.filter(action="run_finished").count() == 2


@pytest.mark.django_db
@pytest.mark.usefixtures("in_march")
def test_the_transaction_of_a_fee_names_the_run_it_comes_from(client):
    run, _counts = run_fees(make_subscription())
    client.force_login(user_in(FINANCE))
    text = client.get(reverse("projects:transaction", args=[Transaction.objects.first().pk])).text
    assert re.search(rf'open/run:{run.pk}/"[^>]*>Run {run.pk}</a>', text)


@pytest.mark.django_db
@pytest.mark.usefixtures("in_march")
def test_what_was_refused_is_retried_alone():
    row, idle = make_subscription(), make_subscription()
    set_active(idle.pk, active=False, version=idle.version, by=None)
    run, counts = run_fees(row, idle)
    assert counts == {"created": 3, "refused": 1}
    set_active(idle.pk, active=True, version=idle.version + 1, by=None)
    again = execute_to_end(retry_run(run.pk, by=user_in(FINANCE)))
    assert progress(again).counts == {"created": 3}


@pytest.mark.django_db
@pytest.mark.usefixtures("in_march")
def test_the_preview_is_what_the_run_makes():
    rows = [make_subscription(), make_subscription(base_price="99.99")]
    shown = [
        amount for preview in preview_fees([r.pk for r in rows], QUARTER) for _fee, amount in preview.fees
    ]
    run_fees(*rows)
    made = Transaction.objects.order_by("pk").values_list("sales_amount", flat=True)
    assert list(made) == shown


@pytest.mark.django_db
@pytest.mark.usefixtures("in_march")
def test_106_95_SB_02_an_inactive_subscription_gets_none_and_the_others_do():
    rows = [make_subscription() for _ in range(3)]
    set_active(rows[1].pk, active=False, version=1, by=None)
    run, counts = run_fees(*rows, order=FeeOrder(date(2026, 1, 1), date(2026, 1, 31)))
    assert counts == {"created": 2, "refused": 1}
    assert rows[1].number in run.messages.get().text


@pytest.mark.django_db
def test_95_only_time_and_material_projects_and_subscription_categories():
    with pytest.raises(Invalid) as refusal:
        make_subscription(project=make_money.project(kind="FIXED"))
    assert refusal.value.field == "project"
    with pytest.raises(Invalid) as refusal:
        make_subscription(category=make_money.category("FEE", "CALLOUT"))
    assert refusal.value.field == "category"


@pytest.mark.django_db
def test_85_86_SB_03_the_price_table():
    make_money.firm()
    first = make_subscription(category=make_money.category("FEE", "SUBCAT1", for_subscriptions=True))
    second = make_subscription(
        category=make_money.category("FEE", "SUBCAT2", for_subscriptions=True), project=first.project
    )
    month, euro = first.group.period_type, first.currency
    common = {"valid_from": date(2025, 1, 1), "period_type": month, "project": first.project}
    SubscriptionPrice.objects.create(**common, currency=euro, price=500)
    SubscriptionPrice.objects.create(**common, currency=make_money.money("USD"), price=1)
    quarter = make_group("QUARTERLY", unit="QUARTER").period_type
    SubscriptionPrice.objects.create(**common | {"period_type": quarter}, currency=euro, price=2)
    assert [find_price(row, month, TODAY).price for row in (first, second)] == [500, 500]
    SubscriptionPrice.objects.create(**common, currency=euro, category=first.category, price=550)
    assert [find_price(row, month, TODAY).price for row in (first, second)] == [550, 500]
    newer = common | {"valid_from": date(2026, 1, 1)}
    SubscriptionPrice.objects.create(**newer, currency=euro, category=first.category, price=560)
    assert find_price(first, month, date(2025, 12, 31)).price == 550
    assert find_price(first, month, date(2026, 1, 1)).price == 560


@pytest.mark.django_db
def test_rule_44_without_a_price_row_the_subscription_is_refused_by_name():
    row = make_subscription()
    _run, counts = run_fees(row, order=FeeOrder(date(2026, 1, 1), date(2026, 1, 31), price_source="TABLE"))
    assert counts == {"refused": 1} and not Fee.objects.exists()


@pytest.mark.django_db
def test_the_database_refuses_overlapping_fees():
    row = make_subscription()
    create_fees([row.pk], FeeOrder(date(2026, 1, 1), date(2026, 1, 31)), by=None, at=NOW)
    create_fees([row.pk], FeeOrder(date(2026, 3, 1), date(2026, 3, 31)), by=None, at=NOW)
    fee = Fee.objects.get(starts_on=date(2026, 3, 1))
    with pytest.raises(IntegrityError, match="fee_does_not_overlap"), transaction.atomic():
        Fee.objects.filter(pk=fee.pk).update(starts_on=date(2026, 1, 31))


@pytest.mark.django_db
@pytest.mark.usefixtures("in_march")
def test_fees_go_into_a_proposal_once():
    row = make_subscription()
    run_fees(row)
    proposals = propose_fees(invoice_date=TODAY, by=None, at=NOW, subscriptions=[row.pk])
    assert sum(line.net for line in proposals[0].lines.all()) == Decimal("930.00")
    with pytest.raises(Exception, match="No fee waits"):
        propose_fees(invoice_date=TODAY, by=None, at=NOW, subscriptions=[row.pk])


@pytest.mark.django_db(transaction=True)
def test_rule_3_two_runs_at_once_make_the_fees_once():
    rows = [make_subscription() for _ in range(4)]
    failed = []

    def bill() -> None:
        try:
            create_fees([row.pk for row in rows], QUARTER, by=None, at=NOW)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=bill) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert Fee.objects.count() == 12
