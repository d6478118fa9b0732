"""Mail that is not lost: written in the transaction that has a reason for it, sent by a worker at least once.

A mail is sent while its row is locked and marked in the same transaction. Whatever dies between sending and marking
leaves a row that is sent again, under the same Message-ID.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from smtplib import SMTPException, SMTPRecipientsRefused
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils.translation import gettext as _

from .audit import record
from .bulk import insert_values
from .documents import DOCUMENT, MAKERS, content_of, is_only_when_asked
from .errors import Refused
from .models import Attachment, MailStatus, Outbox, User

logger = logging.getLogger(__name__)

#: How many minutes after each try in vain the next one is made; after the last a person decides.
WAITS = [1, 5, 15, 60, 240, 720, 1440]
#: How many mails one task sends before it lets others in.
AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MailDraft:
    """A mail to write: `subject` is the thing it is about (`invoice:7`), `attachment` its kept document's name."""

    recipient: str
    title: str
    text: str
    subject: str
    label: str
    attachment: str = ""


def queue_mails(drafts: Iterable[MailDraft], *, by: User | None, at: datetime) -> None:
    """Write mails to the outbox, within the transaction that gives the reason; a worker sends them after its commit."""
    from .tasks import send_mails

    rows = [
        (
            *(
                draft.recipient,
                draft.title[:200],
                draft.text,
                draft.subject,
                draft.label[:60],
                draft.attachment,
            ),
            *(new_message_id(), MailStatus.WAITING.value, 0, at, "", by.pk if by else None),
        )
        for draft in drafts
    ]
    if rows:
        insert_values(Outbox, OUTBOX, rows)
        if not is_only_when_asked():
            transaction.on_commit(send_mails.delay, robust=True)


#: The columns of what `queue_mails` writes.
OUTBOX = [
    "recipient", "title", "text", "subject", "subject_label", "attachment",
    "message_id", "status", "tries", "next_try_at", "error", "queued_by_id",
]  # fmt: skip


def new_message_id() -> str:
    """A Message-ID of our own domain, kept for every try."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{uuid4()}@{domain}>"


def send_due(*, at: datetime) -> int:
    """Send the mails whose next try has come, each in a transaction of its own; gives how many were sent.

    Several workers share the work (SKIP LOCKED). What fails is tried again later, see `WAITS`.
    """
    sent = 0
    for _turn in range(AT_ONCE):
        outcome = send_next(at=at)
        if outcome is None:
            break
        sent += outcome
    return sent


@transaction.atomic
def send_next(*, at: datetime) -> bool | None:
    """Send the mail that waits longest: True where it was sent, False where it failed, None where none is due."""
    row = (
        Outbox.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .filter(status=MailStatus.WAITING, next_try_at__lte=at)
        .order_by("next_try_at", "pk")
        .first()
    )
    if row is None:
        return None
    row.tries += 1
    try:
        with transaction.atomic():
            message_of(row).send()
    except (OSError, SMTPException, Refused) as error:
        fail(row, error, at=at)
        return False
    mark_sent(row, at=at)
    return True


def message_of(row: Outbox) -> EmailMessage:
    """The mail as it is sent. Raises Refused where its document cannot be made, or is damaged."""
    message = EmailMessage(row.title, row.text, to=[row.recipient], headers={"Message-ID": row.message_id})
    if row.attachment:
        message.attach(row.attachment, content_of(document_of(row)), "application/pdf")
    return message


def document_of(row: Outbox) -> Attachment:
    """The kept document of a mail, made now if the worker has not yet. Refused where there is none."""
    kept = Attachment.objects.filter(subject=row.subject, kind=DOCUMENT, name=row.attachment)
    found = kept.first()
    if found is None:
        code, _colon, key = row.subject.partition(":")
        if code in MAKERS:
            MAKERS[code](int(key))
        found = kept.first()
    if found is None:
        raise Refused(_("The document %(name)s cannot be made.") % {"name": row.attachment})
    return found


def mark_sent(row: Outbox, *, at: datetime) -> None:
    row.status, row.sent_at, row.next_try_at, row.error = MailStatus.SENT, at, None, ""
    row.save(update_fields=["status", "sent_at", "next_try_at", "error", "tries"])
    record("mail_sent", row.subject, by=None, label=row.subject_label, changes={"to": [None, row.recipient]})


def fail(row: Outbox, error: Exception, *, at: datetime) -> None:
    """Say why, and when it is tried again; a refused recipient and the last try in vain give up."""
    is_hopeless = isinstance(error, SMTPRecipientsRefused) and all(
        code >= 500 for code, _text in error.recipients.values()
    )
    row.error = f"{type(error).__name__}: {error}"[:500]
    if is_hopeless or row.tries > len(WAITS):
        row.status, row.next_try_at = MailStatus.FAILED, None
        record(
            "mail_failed",
            row.subject,
            by=None,
            label=row.subject_label,
            changes={"to": [None, row.recipient]},
        )
    else:
        row.next_try_at = at + timedelta(minutes=WAITS[row.tries - 1])
    row.save(update_fields=["status", "next_try_at", "error", "tries"])
    logger.warning("outbox=%s tries=%s not sent: %s", row.pk, row.tries, row.error)


@transaction.atomic
def resend(outbox_id: int, *, by: User, at: datetime) -> Outbox:
    """Have a mail sent (once more), under the same Message-ID. Refused where it waits to be sent now anyway."""
    from .tasks import send_mails

    row = Outbox.objects.select_for_update(of=("self",), no_key=True).get(pk=outbox_id)
    if row.status == MailStatus.WAITING and row.next_try_at and row.next_try_at <= at and not row.tries:
        raise Refused(_("This mail is about to be sent."))
    row.status, row.next_try_at, row.tries, row.error = MailStatus.WAITING, at, 0, ""
    row.save(update_fields=["status", "next_try_at", "tries", "error"])
    record("mail_resent", row.subject, by=by, label=row.subject_label, changes={"to": [None, row.recipient]})
    transaction.on_commit(send_mails.delay, robust=True)
    return row
