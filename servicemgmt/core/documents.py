"""Documents kept for ever: made once, right after posting or signing, byte for byte the same from then on.

A kind of document is made by the app that knows how it looks; it registers the maker, and whoever posts or signs asks
for the document by the kind's name alone.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from hashlib import sha256

from django.core.files.base import ContentFile
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from .audit import record, subject_of
from .errors import Refused
from .models import Attachment

logger = logging.getLogger(__name__)

#: The kind of attachment that is a kept document: one of each name per subject (a constraint).
DOCUMENT = "document"
#: How many documents a worker makes in one task.
AT_ONCE = 50

MAKERS: dict[str, Callable[[int], object]] = {}

_only_when_asked = ContextVar("documents are made only when somebody asks for them", default=False)


def register_maker(code: str, make: Callable[[int], object]) -> None:
    """Say how the document of the row with that key is made and kept; `make` may be called again for the same row."""
    MAKERS[code] = make


def keep_later(code: str, keys: Iterable[int]) -> None:
    """Have a worker make these documents after the commit. Without a broker they are made when first asked for."""
    from .tasks import keep_documents

    if _only_when_asked.get():
        return
    wanted = list(keys)
    for first in range(0, len(wanted), AT_ONCE):
        ask = partial(keep_documents.delay, code, wanted[first : first + AT_ONCE])
        transaction.on_commit(ask, robust=True)


def is_only_when_asked() -> bool:
    """Whether what is posted now is invented data, whose documents and mails no worker is called for."""
    return _only_when_asked.get()


@contextmanager
def only_when_asked() -> Iterator[None]:
    """Leave the documents of what is posted and signed in here to who first opens them: for invented data."""
    before = _only_when_asked.set(True)
    try:
        yield
    finally:
        _only_when_asked.reset(before)


def make_documents(code: str, keys: Iterable[int]) -> None:
    """Make these documents. One that cannot be made now is left to who asks for it first and does not stop the rest."""
    for key in keys:
        try:
            MAKERS[code](key)
        except Refused as refusal:
            logger.warning("document=%s key=%s not kept yet: %s", code, key, refusal)
        except Exception:
            logger.exception("document=%s key=%s not kept yet", code, key)


def kept_document(row: models.Model, name: str) -> Attachment | None:
    """The document of that name kept for a row, if there is one yet."""
    found: Attachment | None = Attachment.objects.filter(
        subject=subject_of(row), kind=DOCUMENT, name=name
    ).first()
    return found


def names_kept(row: models.Model) -> set[str]:
    """The names of all documents kept for a row."""
    return set(
        Attachment.objects.filter(subject=subject_of(row), kind=DOCUMENT)
        .order_by()
        .values_list("name", flat=True)
    )


def keep_document(row: models.Model, *, name: str, content: bytes) -> Attachment:
    """Keep a PDF for a row for ever. Where another came first its document is given back, and this one is dropped."""
    made = Attachment(
        subject=subject_of(row),
        kind=DOCUMENT,
        name=name,
        content_type="application/pdf",
        size=len(content),
        sha256=sha256(content).hexdigest(),
        file=ContentFile(content, name=name),
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            record(
                "document_kept", row, by=None, changes={"document": [None, f"{name} SHA-256 {made.sha256}"]}
            )
    except IntegrityError:
        made.file.delete(save=False)
        first = kept_document(row, name)
        if first is None:
            raise
        return first
    return made


def content_of(document: Attachment) -> bytes:
    """The bytes as they were kept. Refused where the file is gone or is not what was kept any more."""
    try:
        with document.file.storage.open(str(document.file.name)) as file:
            content: bytes = file.read()
    except FileNotFoundError:
        content = b""
    if sha256(content).hexdigest() != document.sha256:
        logger.error("attachment=%s %s differs from its SHA-256", document.pk, document.file.name)
        raise Refused(
            _("The kept file %(name)s is missing or damaged. The administrator can restore it from a backup.")
            % {"name": document.name}
        )
    return content
