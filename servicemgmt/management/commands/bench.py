import importlib
import json
import sys
from statistics import median
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bench import Comparison
from servicemgmt.embedded.folder import CHECKOUT


class Command(BaseCommand):
    """Exit code 1 where a goal was missed."""

    help = "Run one benchmark: a table, and as the last line one JSON object with ratios, goals and pass."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", help="a module of bench/; without it, list them")
        parser.add_argument("arguments", nargs="*", help="what that benchmark takes, such as a file")

    def handle(self, *, name: str | None, arguments: list[str], **options: Any) -> None:
        names = sorted(path.stem for path in (CHECKOUT / "bench").glob("[!_]*.py"))
        if name is None:
            self.stdout.write("\n".join(names))
            return
        if name not in names:
            raise CommandError(f"No benchmark is called {name}. There are: {', '.join(names) or 'none yet'}.")
        comparisons = list(importlib.import_module(f"bench.{name}").measure(*arguments))
        self.show(comparisons)
        is_passed = bool(comparisons) and all(comparison.is_met for comparison in comparisons)
        self.stdout.write(json.dumps(summary(name, comparisons) | {"pass": is_passed}))
        if not is_passed:
            sys.exit(1)

    def show(self, comparisons: list[Comparison]) -> None:
        head = f"{'ours':>12} {'theirs':>12} {'':<5} {'ratio':>8} {'min–max':>13} {'goal':>8}"
        self.stdout.write(f"{'':<40} {head}")
        for one in comparisons:
            span = f"{min(one.ratios):.2f}–{max(one.ratios):.2f}"
            figures = f"{median(one.ours):>12.2f} {median(one.theirs):>12.2f} {one.unit:<5} {one.ratio:>8.2f}"
            missed = "" if one.is_met else "  MISSED"
            self.stdout.write(f"{one.name:<40} {figures} {span:>13} {one.at_most:>8.2f}{missed}")


def summary(name: str, comparisons: list[Comparison]) -> dict[str, Any]:
    return {
        "bench": name,
        "ratios": {one.name: round(one.ratio, 4) for one in comparisons},
        "ranges": {one.name: [round(min(one.ratios), 4), round(max(one.ratios), 4)] for one in comparisons},
        "goals": {one.name: one.at_most for one in comparisons},
    }
