"""Sending a quote or agreement to the customer: the document as it stands is archived and goes out by mail."""

from datetime import date, datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from agreements.models import ServiceAgreement
from agreements.operations.agreement import lock
from agreements.quoting.rules import why_not_agree
from reporting.pdf import render_pdf
from servicemgmt.core.audit import record, subject_of
from servicemgmt.core.documents import keep_document, kept_document
from servicemgmt.core.errors import Refused, Sentence
from servicemgmt.core.mail import MailDraft, queue_mails
from servicemgmt.core.models import Attachment, User

from .agreement import agreement_context
from .answer import language_of


@transaction.atomic
def send_agreement(
    agreement_id: int, *, recipient: str, version: int, on: date, at: datetime, by: User | None
) -> Attachment:
    """Mail the document as it stands on the day `on`, in the customer's language; it is kept byte for byte.

    Sent twice on a day without a change in between it is the same document. Raises Refused for what cannot be sent and
    where PDFs cannot be made here; Stale.
    """
    agreement = lock(agreement_id, version=version)
    if sentence := why_not_send(agreement, on):
        raise Refused(sentence)
    name = f"{agreement.number}-{on.isoformat()}-{agreement.version}.pdf"
    context = agreement_context(agreement, on=on)
    with translation.override(language_of(context)):
        document = kept_document(agreement, name)
        if document is None:
            content = render_pdf("documents/agreement.html", context)
            document = keep_document(agreement, name=name, content=content)
        queue_mails([_draft(agreement, context["company"]["name"], recipient, name)], by=by, at=at)
    record("document_sent", agreement, by=by, changes={"to": [None, recipient], "document": [None, name]})
    return document


def why_not_send(agreement: ServiceAgreement, on: date) -> Sentence | None:
    """Why its document does not go out on the day, or None."""
    if agreement.is_template:
        return _("%(number)s is a template; nobody gets it.") % {"number": agreement.number}
    if not agreement.is_agreed and (sentence := why_not_agree(agreement, on)):
        return sentence
    if not agreement.lines.filter(stopped=False).exists():
        return _("There is no line to agree to; enter what is done first.")
    return None


def _draft(agreement: ServiceAgreement, company: str, recipient: str, name: str) -> MailDraft:
    names = {"number": agreement.number, "what": agreement.description, "company": company}
    title = (
        _("Service agreement %(number)s from %(company)s")
        if agreement.is_agreed
        else _("Quote %(number)s from %(company)s")
    )
    text = _(
        "Dear customer,\n\nattached you find our document %(number)s “%(what)s”. You agree to it by sending it back "
        "signed.\n\nKind regards\n%(company)s"
    )
    return MailDraft(
        recipient=recipient,
        title=title % names,
        text=text % names,
        subject=subject_of(agreement),
        label=agreement.number,
        attachment=name,
    )
