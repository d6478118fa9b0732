"""Asking the pages of projects and billing."""

from django.urls import reverse


def text_of(response) -> str:
    return " ".join(response.content.decode().replace("\xa0", " ").split())


def url(name: str, *args: object) -> str:
    return reverse(f"projects:{name}", args=args)
