"""The pages of payments, open items, ageing and statements."""

import csv
from datetime import date
from decimal import Decimal

import pytest

from servicemgmt.core.models import Event
from servicemgmt.core.roles import MANAGER, TECHNICIAN
from servicemgmt.masterdata.models import Company, ExchangeRate
from servicemgmt.projects.models import CustomerItem, Payment, Settlement
from servicemgmt.projects.receivables.queries import aged, aged_totals, bucket_of, items_as_of, statement
from tests import make_money as make
from tests.cast import user_in
from tests.make_money import invoiced
from tests.projects.ask import text_of, url
from tests.projects.test_payments import LATER, method, pay

pytestmark = pytest.mark.django_db


def asked(**more) -> dict[str, object]:
    return {
        "customer": make.customer().pk,
        "paid_on": "2026-03-30",
        "amount": "150.00",
        "currency": "",
        "method": method().pk,
        "reference": "Transfer 7",
        **more,
    }


def test_a_payment_is_entered_with_a_proposal_of_what_it_settles(cleo):
    item = invoiced(make.draft(make.project())).item
    assert "Show what is open" in text_of(cleo.get(url("payment_new"), {"customer": item.customer_id}))
    text = text_of(cleo.get(url("payment_new"), asked()))
    assert item.label in text and f'name="part-{item.pk}" value="107.10"' in text and "checked" in text
    answer = cleo.post(url("payment_new"), asked(pk=[item.pk], **{f"part-{item.pk}": "107.10"}), follow=True)
    assert "PAY-2026-000001 is posted." in text_of(answer) and "On account" in text_of(answer)
    assert "42.90" in text_of(answer)
    assert Event.objects.filter(action="payment_posted").exists()
    assert "Settled" in text_of(cleo.get(url("invoice", item.label)))
    assert "PAY-2026-000001" in text_of(cleo.get(url("payments")))


def test_what_is_paid_back_beyond_the_credit_is_remarked_before_it_is_posted(cleo):
    pay("50")
    beyond = "has 50.00 EUR in credit. The 100.00 EUR paid back beyond that will be owed to us."
    assert beyond in text_of(cleo.get(url("payment_new"), asked(amount="-150")))
    assert "in credit" not in text_of(cleo.get(url("payment_new"), asked(amount="-50")))
    assert "in credit" not in text_of(cleo.get(url("payment_new"), asked(amount="150")))
    assert cleo.post(url("payment_new"), asked(amount="-150")).status_code == 302


def test_what_is_typed_wrong_is_said_in_place(cleo):
    item = invoiced(make.draft(make.project())).item
    assert cleo.post(url("payment_new"), asked(amount="")).status_code == 422
    for typed, sentence in (
        ("x", "Enter the amount"),
        ("200", "More is to be"),
        ("110", "Only 107.10 is open"),
    ):
        answer = cleo.post(url("payment_new"), asked(pk=[item.pk], **{f"part-{item.pk}": typed}))
        assert answer.status_code == 422 and sentence in text_of(answer), typed
    closed = cleo.post(url("payment_new"), asked(paid_on="2024-01-01"))
    assert closed.status_code == 409 and "no open fiscal period" in text_of(closed)
    assert not Payment.objects.exists()


def test_a_payment_on_account_is_settled_undone_and_reversed(cleo):
    item = invoiced(make.draft(make.project())).item
    payment = pay("50")
    target = url("item_settle", item.pk)
    assert "PAY-2026-000001" in text_of(cleo.get(target))
    posted = {"other": payment.item.pk, "amount": "60", "on": "2026-03-31"}
    assert cleo.post(target, posted).status_code == 422
    answer = cleo.post(target, posted | {"amount": "50"}, follow=True)
    assert f"{item.label} is settled." in text_of(answer) and "Overdue" in text_of(answer)
    undo = url("settlement_undo", Settlement.objects.get().pk)
    assert cleo.get(undo).status_code == 200
    assert cleo.post(undo, {"on": "2026-03-01"}).status_code == 422
    assert cleo.post(undo, {"on": "2026-03-31"}).status_code == 302
    assert cleo.post(undo, {"on": "2026-03-31"}).status_code == 409
    reverse = url("payment_reverse", payment.number)
    assert cleo.get(reverse).status_code == 200
    assert cleo.post(reverse, {"on": "2026-03-31", "reason": ""}).status_code == 422
    assert cleo.post(reverse, {"on": "2026-03-31", "reason": "Returned"}).status_code == 302
    assert cleo.post(reverse, {"on": "2026-03-31", "reason": "Returned"}).status_code == 409
    assert "Reversed" in text_of(cleo.get(url("payment", payment.number)))


def test_open_items_are_listed_as_of_a_day(cleo):
    item = invoiced(make.draft(make.project())).item
    pay("107.10", settle={item.pk: Decimal("107.10")})
    assert list(items_as_of()) == []
    assert [row.open_then for row in items_as_of(make.TODAY)] == [Decimal("107.10")]
    assert item.label not in text_of(cleo.get(url("open_items")))
    text = text_of(cleo.get(url("open_items"), {"as_of": "2026-03-20"}))
    assert item.label in text and "107.10 EUR" in text
    for kind in ("csv", "xlsx"):
        assert b"".join(cleo.get(url("open_items"), {"as_of": "2026-03-20", "format": kind}))


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (-5, "not_due"),
        (0, "not_due"),
        (1, "to_30"),
        (30, "to_30"),
        (31, "to_60"),
        (90, "to_90"),
        (91, "over_90"),
    ],
)
def test_an_item_falls_into_the_bucket_of_its_age(days, bucket):
    due_on = invoiced(make.draft(make.project())).item.due_on
    on = date.fromordinal(due_on.toordinal() + days)
    assert bucket_of(due_on, on) == bucket
    (row,) = aged(on)
    assert row[bucket] == row["total"] == row["company_total"] == Decimal("107.10")
    assert aged_totals(on)[bucket] == aged_totals(on)["total"] == Decimal("107.10")


def test_the_ageing_file_has_the_decimals_of_each_currency(cleo):
    make.firm()
    Company.objects.update(currency=make.money("KWD"))
    day = date(2026, 1, 1)
    ExchangeRate.objects.create(currency=make.money("EUR"), valid_from=day, rate=Decimal("0.333"))
    invoice = invoiced(make.draft(make.project()))
    text = b"".join(cleo.get(url("ageing"), {"format": "csv", "as_of": "2026-03-20"})).decode("utf-8-sig")
    (row,) = csv.DictReader(text.splitlines())
    assert (invoice.gross, invoice.company_gross) == (Decimal("107.10"), Decimal("35.664"))
    assert (row["Total"], row["Total (KWD)"]) == ("107.10", "35.664")


def test_the_ageing_report_leads_to_the_items(cleo):
    item = invoiced(make.draft(make.project())).item
    smith = make.customer("Smith", currency="USD")
    invoiced(make.draft(make.project(customer=smith)))
    text = text_of(cleo.get(url("ageing"), {"as_of": "2026-05-01"}))
    assert "107.10" in text and "85.68" in text and "192.78" in text
    link = f"{url('open_items')}?customer={item.customer_id}&as_of=2026-05-01&due_on_before=2026-03-31"
    assert link.replace("&", "&amp;").split("&amp;due")[0] in text
    narrowed = cleo.get(url("open_items"), {"as_of": "2026-05-01", "due_on_after": "2026-04-01"})
    assert item.label not in text_of(narrowed)
    assert b"Smith" in b"".join(cleo.get(url("ageing"), {"format": "csv", "as_of": "2026-05-01"}))
    assert cleo.get(url("ageing"), {"as_of": "x"}).status_code == 422
    assert "Nothing is open" in text_of(cleo.get(url("ageing"), {"as_of": "2026-01-01"}))


def test_a_statement_carries_the_balance_forward(cleo):
    project = make.project()
    invoiced(make.draft(project))
    invoiced(make.draft(project), invoice_date=date(2026, 3, 28))
    pay("100")
    (account,) = statement(make.customer(), date(2026, 3, 20), LATER)
    assert (account.opening, account.closing) == (Decimal("107.10"), Decimal("114.20"))
    assert [balance for _item, balance in account.lines] == [Decimal("214.20"), Decimal("114.20")]
    target = url("statement", make.customer().number)
    text = text_of(cleo.get(target, {"first": "2026-03-20", "last": "2026-03-30"}))
    assert "107.10" in text and "114.20" in text and "Brought forward" in text
    assert cleo.get(target, {"first": "2026-03-20", "last": "2026-03-01"}).status_code == 422
    assert "Nothing on this account" in text_of(
        cleo.get(target, {"first": "2026-01-01", "last": "2026-01-02"})
    )


def test_managers_read_and_technicians_do_not(client):
    item = invoiced(make.draft(make.project())).item
    payment = pay("50")
    read = [url("payments"), url("payment", payment.number), url("open_items"), url("ageing")]
    write = [url("payment_new"), url("item_settle", item.pk), url("payment_reverse", payment.number)]
    client.force_login(user_in(MANAGER))
    assert [client.get(address).status_code for address in read] == [200] * 4
    assert [client.get(address).status_code for address in write] == [403] * 3
    client.force_login(user_in(TECHNICIAN))
    assert [client.get(address).status_code for address in [*read, *write]] == [403] * 7
    assert CustomerItem.objects.get(pk=item.pk).open == item.open
