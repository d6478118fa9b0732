from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

TARGET = Path("static/css/pages/board-steps.css")
STEPS = 24 * 12


def stylesheet() -> str:
    """Where things stand on the board: classes for start (s-), length (l-) and hours shown, in steps of 5 minutes."""
    lines = ["/* Written by `manage.py board_steps`; do not edit. */", "@layer pages {"]
    lines += [f"  .hours-{n} {{ --hours: {n}; --steps: {n * 12}; }}" for n in range(1, 25)]
    lines += [f"  .s-{n} {{ grid-column-start: {n + 1}; }}" for n in range(STEPS)]
    lines += [f"  .l-{n} {{ grid-column-end: span {n}; }}" for n in range(1, STEPS + 1)]
    return "\n".join([*lines, "}", ""])


class Command(BaseCommand):
    help = "Write the stylesheet with the positions of the dispatch board."

    def handle(self, *args: Any, **options: Any) -> None:
        (settings.BASE_DIR / TARGET).write_text(stylesheet(), encoding="utf-8")
        self.stdout.write(f"Wrote {TARGET}.")
