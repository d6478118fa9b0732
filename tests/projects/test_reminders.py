"""Reminders: whom, of what, at which level, once."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from servicemgmt.core.errors import Refused
from servicemgmt.core.models import Event, Outbox, Run
from servicemgmt.core.roles import FINANCE, MANAGER, TECHNICIAN
from servicemgmt.core.runs import execute_to_end, start_run
from servicemgmt.ledger.models import PostingProfile
from servicemgmt.masterdata.models import Customer
from servicemgmt.projects.models import CustomerItem, Reminder, ReminderLevel, ReminderLine, Settlement
from servicemgmt.projects.operations import make_reminders, undo_settlement, waive_fee
from servicemgmt.projects.receivables.queries import statement
from servicemgmt.projects.receivables.reminding import due_reminders
from tests import make_money as make
from tests.cast import user_in
from tests.make_money import invoiced
from tests.projects.ask import text_of, url
from tests.projects.test_payments import check_open_is_the_receivable, held, pay

pytestmark = pytest.mark.django_db

#: Huber's invoice of 16 March is due on 30 March.
DUE = make.TODAY + timedelta(days=14)


@pytest.fixture(autouse=True)
def levels():
    make.firm()
    for level, days, fee in ((1, 5, "0"), (2, 15, "4"), (3, 25, "8")):
        ReminderLevel.objects.create(
            level=level,
            code=f"L{level}",
            description=f"Reminder {level}",
            days=days,
            fee=fee,
            text="Please pay.",
        )


def after(days: int):
    return DUE + timedelta(days=days)


def remind(days: int) -> list[Reminder]:
    return make_reminders(customers=[make.customer().pk], on=after(days), by=None, at=make.NOW)


def test_a_letter_is_mailed_to_the_address_for_invoices_and_else_printed(client):
    invoiced(make.draft(make.project()))
    client.force_login(user_in(FINANCE))
    day = after(5).isoformat()
    assert "to print: no address" in text_of(client.get(url("remind"), {"on": day}))
    Customer.objects.update(invoice_email="books@huber.example")
    assert "mailed to books@huber.example" in text_of(client.get(url("remind"), {"on": day}))
    (letter,) = remind(5)
    mail = Outbox.objects.get(subject=f"reminder:{letter.pk}")
    assert (mail.recipient, mail.attachment) == ("books@huber.example", letter.pdf_name)
    assert mail.title == f"Reminder 1 {letter.number}" and "107.10" in mail.text
    Customer.objects.update(invoice_email="")
    assert remind(15) and Outbox.objects.filter(subject__startswith="reminder:").count() == 1


def test_an_item_moves_up_one_level_at_a_time_and_each_level_once():
    item = invoiced(make.draft(make.project())).item
    assert remind(4) == []
    (first,) = remind(5)
    assert (first.level.level, first.open, first.fee) == (1, Decimal("107.10"), 0)
    assert remind(5) == remind(14) == []
    (second,) = remind(40)
    assert (second.level.level, second.fee) == (2, Decimal(4))
    assert remind(49) == []
    assert [row.level.level for row in remind(50)] == [3]
    assert remind(400) == []
    assert list(item.reminder_lines.order_by("level").values_list("level", "days")) == [
        (1, 5),
        (2, 40),
        (3, 50),
    ]
    assert Event.objects.filter(action="payment_reminded", subject=f"invoice:{item.invoice_id}").count() == 3


def test_a_letter_holds_all_overdue_items_of_a_customer_and_currency():
    project = make.project()
    old = invoiced(make.draft(project)).item
    remind(5)
    new = invoiced(make.draft(project), invoice_date=make.TODAY + timedelta(days=5)).item
    (letter,) = due_reminders(after(16))
    assert [(line.item, line.level.level) for line in letter.lines] == [(old, 2), (new, 1)]
    assert letter.level.level == 2 and letter.open == Decimal("214.20")


def test_who_has_as_much_to_get_is_not_reminded():
    invoiced(make.draft(make.project()))
    pay("107.10")
    assert due_reminders(after(30)) == []


def test_the_fee_is_in_the_currency_of_the_letter():
    smith = make.customer("Smith", currency="USD", tax_group="ABROAD")
    invoiced(make.draft(make.project(customer=smith)))
    for days in (5, 15):
        (made,) = make_reminders(customers=[smith.pk], on=after(days), by=None, at=make.NOW)
    assert made.fee == Decimal("5.00")


def test_a_fee_that_is_posted_is_owed_shown_and_paid(cleo):
    ReminderLevel.objects.update(posts_fee=True)
    smith = make.customer("Smith", currency="USD", tax_group="ABROAD")
    invoiced(make.draft(make.project(customer=smith)))
    remind_smith = partial(make_reminders, customers=[smith.pk], by=None, at=make.NOW)
    remind_smith(on=after(5))
    assert not CustomerItem.objects.filter(kind="FEE").exists()
    (preview,) = due_reminders(after(15))
    shown = text_of(cleo.get(url("remind"), {"on": after(15).isoformat()}))
    assert '5.00 USD <span class="sub"> posted' in shown
    (letter,) = remind_smith(on=after(15))
    fee = CustomerItem.objects.get(kind="FEE")
    assert (fee.label, fee.open, fee.on) == (letter.number, preview.fee, preview.posted_on)
    assert (letter.fee, fee.company_open) == (5, 4) and held("REMINDER_FEE") == -4
    assert Event.objects.filter(action="fee_posted", subject=f"reminder:{letter.pk}").exists()
    check_open_is_the_receivable()
    (account,) = statement(smith, after(0), after(20))
    assert [item for item, _balance in account.lines] == [fee]
    assert fee.voucher.number in text_of(cleo.get(url("reminder", letter.number)))
    assert url("reminder", letter.number) in text_of(cleo.get(url("open_items"), {"kind": "FEE"}))
    pay("5", customer=smith, currency="USD", on=after(16), settle={fee.pk: Decimal(5)})
    check_open_is_the_receivable()
    (third,) = due_reminders(after(100))
    assert [line.item.kind for line in third.lines] == ["INVOICE"]


def test_a_posted_fee_is_waived_unless_it_was_paid(cleo):
    ReminderLevel.objects.update(posts_fee=True, fee=4)
    item = invoiced(make.draft(make.project())).item
    (letter,) = remind(5)
    fee = CustomerItem.objects.get(kind="FEE")
    page, waive = url("reminder", letter.number), url("reminder_waive", letter.number)
    paid = pay("4", on=after(6), settle={fee.pk: Decimal(4)})
    asked = {"on": after(7).isoformat(), "reason": "Our letter was late."}
    refused = cleo.post(waive, asked)
    assert refused.status_code == 409 and f"is paid with {paid.number}. Undo" in text_of(refused)
    undo_settlement(Settlement.objects.get(debit=fee).pk, on=after(6), by=None)
    early = cleo.post(waive, asked | {"on": after(4).isoformat()})
    assert early.status_code == 422 and "before the fee was posted" in text_of(early)
    assert cleo.post(waive, asked | {"reason": ""}).status_code == 422
    assert waive in text_of(cleo.get(page)) and "will not owe the 4.00 EUR" in text_of(cleo.get(waive))
    assert cleo.post(waive, asked).url == page
    fee.refresh_from_db()
    waived = CustomerItem.objects.get(kind="WAIVED")
    assert (fee.open, waived.open, waived.amount) == (0, 0, -4) and held("REMINDER_FEE") == 0
    assert waived.voucher.reverses == fee.voucher and item.open > 0
    told = Event.objects.get(action="fee_waived", subject=f"reminder:{letter.pk}")
    assert told.changes["reason"][1] == "Our letter was late."
    check_open_is_the_receivable()
    asked_again = cleo.get(waive, follow=True)
    assert asked_again.redirect_chain[0][0] == page and "is waived already" in text_of(asked_again)
    seen = text_of(cleo.get(page))
    assert "Fee waived" in seen and waived.voucher.number in seen and waive not in seen
    assert "waived already" in text_of(cleo.post(waive, asked))
    with pytest.raises(Refused, match="stays settled"):
        undo_settlement(Settlement.objects.get(credit=waived).pk, on=after(8), by=None)
    (second,) = remind(30)
    assert {line.item.kind for line in second.lines.all()} == {"INVOICE"}
    waived.pk = None
    with pytest.raises(IntegrityError, match="customeritem_one_waiver_per_fee"), transaction.atomic():
        waived.save(force_insert=True)
    cleo.force_login(user_in(MANAGER))
    assert cleo.get(waive).status_code == cleo.post(waive, asked).status_code == 403
    assert waive not in text_of(cleo.get(page))


def test_a_fee_that_was_only_printed_cannot_be_waived(cleo):
    invoiced(make.draft(make.project()))
    (letter,) = remind(5)
    asked = cleo.get(url("reminder_waive", letter.number), follow=True)
    assert "never posted; there is nothing to waive" in text_of(asked) and "Waive the fee" not in text_of(
        asked
    )
    with pytest.raises(Refused, match="never posted"):
        waive_fee(letter.pk, on=after(6), reason="-", by=None, at=make.NOW)


def test_a_fee_without_account_or_open_day_is_refused_by_preview_and_result(cleo):
    ReminderLevel.objects.update(posts_fee=True, fee=4)
    invoiced(make.draft(make.project()))
    later = date(2027, 1, 4)
    for on, sentence in ((later, "no open fiscal period"), (after(5), "no account for “Reminder fees”")):
        if on != later:
            PostingProfile.objects.filter(purpose="REMINDER_FEE").delete()
        assert sentence in text_of(cleo.get(url("remind"), {"on": on.isoformat()}))
        with pytest.raises(Refused, match=sentence):
            make_reminders(customers=[make.customer().pk], on=on, by=None, at=make.NOW)
    assert not Reminder.objects.exists()


def test_without_levels_nobody_is_reminded():
    ReminderLevel.objects.all().delete()
    with pytest.raises(Refused, match="no reminder level"):
        due_reminders(after(30))


def test_the_database_refuses_a_level_twice():
    invoiced(make.draft(make.project()))
    remind(5)
    line = ReminderLine.objects.get()
    line.pk = None
    with pytest.raises(IntegrityError, match="reminderline_once_per_item_and_level"), transaction.atomic():
        line.save(force_insert=True)


def test_the_run_makes_what_the_preview_shows(cleo, monkeypatch):
    invoice = invoiced(make.draft(make.project()))
    asked = {"on": after(6).isoformat(), "customer": ""}
    monkeypatch.setattr("servicemgmt.projects.views.reminders.company_today", lambda: after(5))
    assert "Dated ahead" in text_of(cleo.get(url("remind"), asked))
    assert "Nobody to remind" not in text_of(cleo.get(url("remind"), {"on": "x"}))
    monkeypatch.setattr("servicemgmt.projects.views.reminders.company_today", lambda: after(6))
    text = text_of(cleo.get(url("remind"), asked))
    assert "Dated ahead" not in text
    assert invoice.number in text and "6 days overdue" in text and "Reminder 1" in text
    preview = due_reminders(after(6))
    run = start_run(
        "make_reminders", by=user_in(FINANCE), parameters={"on": asked["on"], "customer": None}, enqueue=False
    )
    execute_to_end(run)
    (made,) = Reminder.objects.all()
    assert (made.customer, made.open, made.run_id) == (preview[0].customer, preview[0].open, run.pk)
    assert "Nobody to remind" in text_of(cleo.get(url("remind"), asked))
    assert invoice.number in text_of(cleo.get(url("reminder", made.number)))
    assert made.number in text_of(cleo.get(url("reminders")))
    letter = text_of(cleo.get(reverse("reporting:reminder_pdf", args=[made.number]), {"format": "html"}))
    assert "Please pay." in letter and "107.10" in letter and "Huber" in letter
    pdf = cleo.get(reverse("reporting:reminder_pdf", args=[made.number]))
    assert pdf.status_code == 200 and pdf.content.startswith(b"%PDF")


def test_a_run_is_started_from_the_page(cleo):
    invoiced(make.draft(make.project()))
    answer = cleo.post(url("remind"), {"on": after(6).isoformat(), "customer": ""})
    assert answer.status_code == 302 and Run.objects.get().kind == "make_reminders"
    assert cleo.post(url("remind"), {"on": "x"}).status_code == 422


def test_a_statement_is_printed(cleo):
    invoice = invoiced(make.draft(make.project()))
    address = reverse("reporting:statement_pdf", args=[invoice.customer.number])
    text = text_of(cleo.get(address, {"first": "2026-03-01", "last": "2026-03-31", "format": "html"}))
    assert invoice.number in text and "Statement of account" in text
    assert cleo.get(address, {"first": "x", "last": ""}).status_code == 404
    assert cleo.get(address).content.startswith(b"%PDF")


def test_managers_read_reminders_and_technicians_do_not(client):
    invoiced(make.draft(make.project()))
    (made,) = remind(6)
    client.force_login(user_in(MANAGER))
    assert client.get(url("reminder", made.number)).status_code == 200
    assert client.get(url("remind")).status_code == 403
    client.force_login(user_in(TECHNICIAN))
    assert client.get(url("reminders")).status_code == 403
