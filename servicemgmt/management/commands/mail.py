"""`manage.py mail`: send what waits in the outbox, as the worker does every minute."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from servicemgmt.core.mail import send_due


class Command(BaseCommand):
    help = "Send the mails that wait in the outbox, as the worker does every minute."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{send_due(at=timezone.now())} sent")
