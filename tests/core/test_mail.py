"""Mail that is not lost: written with its reason, sent at least once by a real mail server, tried again."""

import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import EmailMessage
from django.db import IntegrityError, connections, transaction
from django.urls import reverse

from servicemgmt.core import mail
from servicemgmt.core.errors import Refused
from servicemgmt.core.mail import MailDraft, queue_mails, resend, send_due, send_next
from servicemgmt.core.models import Event, MailStatus, Outbox
from servicemgmt.core.roles import FINANCE, MANAGER, TECHNICIAN
from servicemgmt.projects.operations import credit_invoice
from tests import make_money as make
from tests.cast import user_in
from tests.make_money import invoiced

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)


class Postbox:
    """A mail server's handler that keeps what it gets, and refuses what the test tells it to."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.answer = ""

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.answer:
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.got.append(envelope.content)
        return "250 Taken"


@pytest.fixture
def postbox(settings):
    handler = Postbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": port, "timeout": 5},
        }
    }
    yield handler
    controller.stop()


def queued(**more) -> Outbox:
    draft = {
        "recipient": "office@huber.example",
        "title": "Hello",
        "text": "Grüße",
        "subject": "customer:1",
        "label": "C-1",
    }
    queue_mails([MailDraft(**(draft | more))], by=None, at=NOW)
    return Outbox.objects.latest("pk")


def mailed_invoice():
    customer = make.customer()
    customer.invoice_email = "books@huber.example"
    customer.save(update_fields=["invoice_email"])
    return invoiced(make.draft(make.project()))


def test_an_invoice_is_mailed_with_its_archived_pdf(postbox):
    invoice = mailed_invoice()
    row = Outbox.objects.get()
    assert (row.recipient, row.subject, row.status) == (
        "books@huber.example",
        f"invoice:{invoice.pk}",
        MailStatus.WAITING,
    )
    assert send_due(at=NOW) == 1
    (raw,) = postbox.got
    message = message_from_bytes(raw)
    assert message["Message-ID"] == row.message_id and message["To"] == "books@huber.example"
    text, pdf = message.get_payload()
    assert "107.10 EUR" in text.get_payload(decode=True).decode().replace("\xa0", " ")
    assert pdf.get_filename() == f"{invoice.number}.pdf"
    assert pdf.get_payload(decode=True).startswith(b"%PDF")
    row.refresh_from_db()
    assert (row.status, row.sent_at, row.tries) == (MailStatus.SENT, NOW, 1)
    assert Event.objects.filter(action="mail_sent", subject=row.subject).exists()
    assert send_due(at=NOW) == 0 and len(postbox.got) == 1


def test_a_credit_note_is_mailed_too():
    note = credit_invoice(mailed_invoice().pk, on=make.TODAY, by=None, at=make.NOW)
    row = Outbox.objects.get(subject=f"invoice:{note.pk}")
    assert note.number in row.title and row.attachment == note.pdf_name


def test_who_wants_no_mail_gets_none():
    invoiced(make.draft(make.project()))
    assert not Outbox.objects.exists()


def test_no_mail_is_written_for_a_posting_that_is_taken_back():
    make.firm()
    with transaction.atomic():
        mailed_invoice()
        transaction.set_rollback(True)
    assert not Outbox.objects.exists()


def test_a_crash_between_sending_and_marking_sends_again_under_the_same_id(postbox, monkeypatch):
    row = queued()

    def crash(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(mail, "mark_sent", crash)
        with pytest.raises(KeyboardInterrupt):
            send_next(at=NOW)
    row.refresh_from_db()
    assert (row.status, row.tries) == (MailStatus.WAITING, 0) and len(postbox.got) == 1
    assert send_due(at=NOW) == 1
    ids = {message_from_bytes(raw)["Message-ID"] for raw in postbox.got}
    assert len(postbox.got) == 2 and ids == {row.message_id}


def test_a_server_that_is_away_is_asked_again_later_and_at_last_no_more(settings):
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": 1, "timeout": 1},
        }
    }
    row, at = queued(), NOW
    for minutes in mail.WAITS:
        assert send_next(at=at) is False
        row.refresh_from_db()
        assert row.next_try_at == at + timedelta(minutes=minutes) and "refused" in row.error
        assert send_next(at=at) is None
        at = row.next_try_at
    send_due(at=at)
    row.refresh_from_db()
    assert (row.status, row.next_try_at) == (MailStatus.FAILED, None)
    assert Event.objects.filter(action="mail_failed", subject=row.subject).exists()


def test_a_refused_recipient_is_given_up_and_one_put_off_is_not(postbox):
    for answer, status in (("450 Later", MailStatus.WAITING), ("550 Unknown", MailStatus.FAILED)):
        row = queued(recipient=f"{answer[:3]}@huber.example")
        postbox.answer = answer
        assert send_due(at=NOW) == 0
        row.refresh_from_db()
        assert row.status == status and answer[4:] in row.error
    assert not postbox.got


def test_one_mail_that_fails_does_not_hold_up_the_next(postbox):
    bad = queued(attachment="none.pdf")
    good = queued()
    assert send_due(at=NOW) == 1
    bad.refresh_from_db()
    good.refresh_from_db()
    assert bad.status == MailStatus.WAITING and "cannot be made" in bad.error
    assert good.status == MailStatus.SENT


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_mails(postbox):
    first, second = queued(), queued(title="Second")
    with transaction.atomic():
        Outbox.objects.select_for_update().get(pk=first.pk)

        def other() -> int:
            try:
                return send_due(at=NOW)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(other).result() == 1
    second.refresh_from_db()
    assert second.status == MailStatus.SENT and len(postbox.got) == 1
    assert send_due(at=NOW) == 1


def test_the_mailbox_shows_what_was_sent_and_sends_again(client, postbox):
    row = queued()
    client.force_login(user_in(FINANCE))
    assert "office@huber.example" in client.get(reverse("core:mails")).content.decode()
    assert "Grüße" in client.get(reverse("core:mail", args=[row.pk])).content.decode()
    with pytest.raises(Refused, match="about to be sent"):
        resend(row.pk, by=user_in(FINANCE), at=NOW)
    send_due(at=NOW)
    again = reverse("core:mail_resend", args=[row.pk])
    assert client.get(again).status_code == 405
    assert client.post(again).status_code == 302
    assert Event.objects.filter(action="mail_resent", subject=row.subject).exists()
    row.refresh_from_db()
    assert send_due(at=row.next_try_at) == 1
    assert len({message_from_bytes(raw)["Message-ID"] for raw in postbox.got}) == 1


def test_managers_look_into_the_mailbox_and_technicians_do_not(client):
    row = queued()
    client.force_login(user_in(MANAGER))
    assert client.get(reverse("core:mail", args=[row.pk])).status_code == 200
    assert client.post(reverse("core:mail_resend", args=[row.pk])).status_code == 403
    client.force_login(user_in(TECHNICIAN))
    assert client.get(reverse("core:mails")).status_code == 403


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"status": "GONE"}, "outbox_status_known"),
        ({"next_try_at": None}, "outbox_waiting_has_a_next_try"),
        ({"status": "SENT", "next_try_at": None}, "outbox_sent_at_a_moment"),
    ],
)
def test_the_database_keeps_the_outbox(changes, constraint):
    row = queued()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Outbox.objects.filter(pk=row.pk).update(**changes)


def test_a_mail_has_our_own_message_id_only_once():
    row = queued()
    message = mail.message_of(row)
    assert isinstance(message, EmailMessage)
    assert message.message().get_all("Message-ID") == [row.message_id]
