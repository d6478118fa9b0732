"""Signing: who agreed to exactly which terms, by hand on the pad or on paper."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import AgreementSignature, AgreementStatus, ServiceAgreement
from agreements.operations.agreement import lock, touch
from agreements.operations.life import insist
from servicemgmt.core.audit import record
from servicemgmt.core.canonical import sha256_of, text_of
from servicemgmt.core.documents import keep_document, keep_later
from servicemgmt.core.errors import Invalid, Sentence
from servicemgmt.core.models import User
from servicemgmt.core.strokes import clean_strokes

from .operations import check_day, decide
from .queries import standing
from .rules import why_not_agree
from .terms import document_of

#: A signed document is a scan of some pages.
MOST_BYTES = 10 * 1024 * 1024


@transaction.atomic
def sign(
    agreement_id: int,
    *,
    on: date,
    today: date,
    signer_name: str,
    signer_role: str = "",
    strokes: object = None,
    document: bytes | None = None,
    version: int,
    by: User | None,
) -> AgreementSignature:
    """The customer signed on the day `on`, drawn (`strokes`) or on paper (`document`, a PDF, kept byte for byte).

    A quote is agreed by it; of an agreement it is a signature for its present terms. Of what was drawn a worker
    archives the document. Raises Invalid at its field; Refused where it is a template, declined, stood too short, has
    no lines or is signed as it is; Stale.
    """
    agreement = lock(agreement_id, version=version)
    check_day(on, today)
    insist(why_not_sign(agreement, on))
    if not signer_name.strip():
        raise Invalid(_("Enter the name of who signs."), field="signer_name")
    if not strokes and not document:
        raise Invalid(_("Draw the signature, or add the document that was signed."), field="document")
    if document:
        _check_pdf(document)
    canonical = text_of(document_of(agreement, on=on))
    row = AgreementSignature.objects.create(
        agreement=agreement,
        signer_name=signer_name.strip(),
        signer_role=signer_role.strip(),
        signed_on=on,
        strokes=[] if document else clean_strokes(strokes),
        is_uploaded=bool(document),
        canonical=canonical,
        sha256=sha256_of(canonical),
        taken_by=by,
    )
    if agreement.is_agreed:
        touch(agreement)
    else:
        words = _("Signed by %(name)s") % {"name": row.signer_name}
        decide(agreement, AgreementStatus.AGREED, on, words, action="agreed", by=by)
    record("signed", agreement, by=by, changes={"signature": [None, f"{row.signer_name} {row.sha256[:12]}"]})
    if document:
        keep_document(agreement, name=row.pdf_name, content=document)
    else:
        keep_later("agreement", [row.pk])
    return row


def why_not_sign(agreement: ServiceAgreement, on: date) -> Sentence | None:
    """Why nobody can sign it on the day, or None."""
    number = {"number": agreement.number}
    if agreement.is_template:
        return _("%(number)s is a template; nobody signs it.") % number
    if not agreement.is_agreed and (sentence := why_not_agree(agreement, on)):
        return sentence
    if not agreement.lines.filter(stopped=False).exists():
        return _("There is no line to agree to; enter what is done first.")
    latest = standing(agreement)
    if latest and not latest.changed:
        return _("%(number)s is signed as it is by %(name)s.") % (number | {"name": latest.row.signer_name})
    return None


def _check_pdf(document: bytes) -> None:
    if not document.startswith(b"%PDF-"):
        raise Invalid(_("This is no PDF."), field="document")
    if len(document) > MOST_BYTES:
        raise Invalid(_("The document is larger than 10 MB."), field="document")
