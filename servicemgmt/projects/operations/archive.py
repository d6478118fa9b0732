"""The printed invoice, kept byte for byte."""

from hashlib import sha256

from django.core.files.base import ContentFile
from django.db import transaction

from servicemgmt.core.audit import record, subject_of
from servicemgmt.core.models import Attachment, User

from ..models import Invoice
from ..queries import pdf_of

#: The kind of attachment that holds an invoice's PDF.
PDF = "invoice_pdf"


@transaction.atomic
def archive_pdf(invoice_id: int, content: bytes, *, by: User | None) -> Attachment:
    """Keep the PDF of a posted invoice; the first one stays, whoever comes later gets it back."""
    invoice = Invoice.objects.select_for_update(of=("self",)).get(pk=invoice_id)
    kept = pdf_of(invoice)
    if kept:
        return kept
    name = f"{invoice.number}.pdf"
    made = Attachment.objects.create(
        subject=subject_of(invoice),
        kind=PDF,
        name=name,
        content_type="application/pdf",
        size=len(content),
        sha256=sha256(content).hexdigest(),
        file=ContentFile(content, name=name),
        added_by=by,
    )
    record("invoice_archived", invoice, by=by, changes={"sha256": [None, made.sha256]})
    return made
