"""Second-factor secrets are stored encrypted: a copy of the database alone signs nobody in."""

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def encrypt(text: str) -> str:
    """The text under a key derived from SECRET_KEY."""
    return _box().encrypt(text.encode()).decode()


def decrypt(text: str) -> str:
    """What `encrypt` hid, under SECRET_KEY or one of SECRET_KEY_FALLBACKS; raises InvalidToken under none."""
    return _box().decrypt(text.encode()).decode()


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(b"servicemgmt second factor:" + key.encode()).digest())
