"""Mail about accounts: a text template, wrapped into HTML for those who prefer it."""

import logging
import smtplib
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest
from django.template.loader import render_to_string

from ..models import Invitation

logger = logging.getLogger(__name__)


def send(request: HttpRequest, template: str, to: str, context: dict[str, Any]) -> bool:
    """Send `<template>_subject.txt` and `<template>_message.txt` to one address.

    False where the mail server did not take it; that is logged, and the page can say so. A template of its own
    is not needed for HTML: the text is set in `account/email/message.html`, with `button` (url, label) if given.
    """
    subject = " ".join(render_to_string(f"{template}_subject.txt", context).split())
    text = render_to_string(f"{template}_message.txt", context, request).strip() + "\n"
    html = render_to_string(
        "account/email/message.html", {**context, "subject": subject, "text": text}, request
    )
    mail = EmailMultiAlternatives(subject, text, settings.DEFAULT_FROM_EMAIL, [to])
    mail.attach_alternative(html, "text/html")
    try:
        mail.send()
    except (smtplib.SMTPException, OSError) as error:
        logger.error("mail_not_sent template=%s error=%s", template, error)
        return False
    return True


def send_invitation(request: HttpRequest, invitation: Invitation, link: str) -> bool:
    """Mail the link to the invited person. False where it could not be sent."""
    return send(
        request, "account/email/invitation", invitation.email, {"invitation": invitation, "link": link}
    )
