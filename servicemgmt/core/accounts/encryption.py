"""Second-factor secrets are stored encrypted: a copy of the database alone signs nobody in."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.encoding import force_bytes
from django.utils.translation import gettext_lazy as _

LOST = _(
    "Your second factor can no longer be read, because this installation got a new secret key. Ask an "
    "administrator to remove it; then set up a new one."
)


def encrypt(text: str) -> str:
    """The text under a key derived from SECRET_KEY."""
    return _box().encrypt(text.encode()).decode()


def decrypt(text: str) -> str:
    """What `encrypt` hid, under SECRET_KEY or one of SECRET_KEY_FALLBACKS.

    Raises ValidationError where it was under another key: the form that asked for a code then says what to do.
    """
    try:
        return _box().decrypt(text.encode()).decode()
    except InvalidToken as error:
        raise ValidationError(LOST) from error


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str | bytes) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(b"servicemgmt second factor:" + force_bytes(key)).digest())
