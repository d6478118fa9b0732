"""The languages that documents and mails can be written in."""

from django.conf import settings


def spoken(language: str) -> str:
    """The language where we speak it, else the installation's: never half a text in one and its days in another."""
    return language if language in dict(settings.DOCUMENT_LANGUAGES) else settings.LANGUAGE_CODE
