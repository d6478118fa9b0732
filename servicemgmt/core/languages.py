"""The languages that documents and mails can be written in."""

from django.conf import settings

from .errors import Sentence


def others() -> list[tuple[str, Sentence]]:
    """Those besides the installation's own, with their names."""
    return [pair for pair in settings.DOCUMENT_LANGUAGES if pair[0] != settings.LANGUAGE_CODE]


def spoken(language: str) -> str:
    """The language where we speak it, else the installation's: never half a text in one and its days in another."""
    return language if language in dict(settings.DOCUMENT_LANGUAGES) else settings.LANGUAGE_CODE
