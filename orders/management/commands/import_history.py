from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from orders.history.operations import Target, import_history, run_of, summary
from orders.models import HistoryMapping
from servicemgmt.core.errors import Refused
from servicemgmt.core.models import RunMessage
from servicemgmt.core.runs import execute_to_end, progress
from servicemgmt.masterdata.models import Currency, Customer, Site
from servicemgmt.projects.models import Project


class Command(BaseCommand):
    help = "Bring in maintenance history from a CSV file as closed orders; running again adds nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--dry-run", action="store_true", help="say what the file holds and change nothing"
        )
        parser.add_argument(
            "--mapping", default="", help="code of the saved mapping (default: the one that fits)"
        )
        parser.add_argument("--source", default="", help="whose history it is (default: the mapping's code)")
        parser.add_argument("--currency", help="ISO code, instead of the mapping's")
        parser.add_argument("--customer", help="number, instead of the mapping's")
        parser.add_argument("--site", help="number, instead of the mapping's")
        parser.add_argument("--project", help="number, instead of the mapping's")

    def handle(self, *, file: Path, dry_run: bool, mapping: str, source: str, **options: Any) -> None:
        try:
            with file.open("rb") as opened:
                taken = import_history(
                    opened,
                    file.name,
                    found := mapping_for(mapping, file),
                    by=None,
                    source=source,
                    dry_run=dry_run,
                    target=Target.of(
                        found,
                        currency=one(Currency, "code", options["currency"]),
                        customer=one(Customer, "number", options["customer"]),
                        site=one(Site, "number", options["site"]),
                        project=one(Project, "number", options["project"]),
                    ),
                    enqueue=False,
                )
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        run = execute_to_end(run_of(taken))
        for message in RunMessage.objects.filter(run=run):
            self.stderr.write(message.text)
        if run.status != "DONE":
            raise CommandError(run.error or f"The import ended as {run.get_status_display()}.")
        self.stdout.write(summary(taken, progress(run).counts))


def mapping_for(code: str, file: Path) -> HistoryMapping:
    """The mapping named, or the only one whose columns all stand in the file's first line."""
    mappings = HistoryMapping.objects.select_related(
        "currency", "customer", "site", "project", "line_property"
    )
    if code:
        found = mappings.filter(code=code).first()
        if found is None:
            raise CommandError(_("There is no mapping “%(code)s”.") % {"code": code})
        return found
    with file.open("rb") as opened:
        header = opened.readline(65536).decode("utf-8-sig", errors="replace")
    fitting = [
        m
        for m in mappings.order_by("pk")
        if all(
            c in header for c in (m.date_column, m.asset_column, m.text_column, m.type_column, m.cost_column)
        )
    ]
    if fitting:
        return fitting[0]
    first = mappings.order_by("pk").first()
    if first is None:
        raise CommandError(_("Set up a history mapping first."))
    return first  # its reader names the columns that are missing


def one(model: type[Any], field: str, value: str | None) -> Any:
    """The row with that code or number; None where none was asked for."""
    if value is None:
        return None
    row = model.objects.filter(**{field: value}).first()
    if row is None:
        raise CommandError(
            _("There is no %(what)s “%(value)s”.") % {"what": model._meta.verbose_name, "value": value}
        )
    return row
