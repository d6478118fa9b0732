"""Taking a file in: checked as a whole, kept as it came, its rows staged, and a run started that works them."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from io import BufferedReader
from typing import BinaryIO, cast

from django.core.files.base import File
from django.db import connection, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from agreements.models import ServiceObject
from agreements.operations import create_object
from servicemgmt.core.errors import Invalid
from servicemgmt.core.models import Attachment, Run, User
from servicemgmt.core.runs import start_run
from servicemgmt.masterdata.models import Currency, Customer, Site
from servicemgmt.projects.models import Project

from ..models import HistoryImport, HistoryMapping, HistoryRow
from .reader import Row, read

COLUMNS = ["line", "identity", "asset", "done_on", "text", "type", "cost", "column", "problem"]


@dataclass(frozen=True)
class Target:
    """What every row gets: from the mapping, unless said otherwise for this file."""

    currency: Currency
    customer: Customer
    site: Site
    project: Project

    @classmethod
    def of(
        cls,
        mapping: HistoryMapping,
        *,
        currency: Currency | None = None,
        customer: Customer | None = None,
        site: Site | None = None,
        project: Project | None = None,
    ) -> "Target":
        """What is given, else the mapping's own."""
        return cls(
            currency or mapping.currency,
            customer or mapping.customer,
            site or mapping.site,
            project or mapping.project,
        )


def import_history(
    file: BinaryIO,
    name: str,
    mapping: HistoryMapping,
    *,
    by: User | None,
    source: str = "",
    dry_run: bool = False,
    target: Target | None = None,
    enqueue: bool = True,
) -> HistoryImport:
    """Stage the file and start the run "import_history" on it; one transaction, nothing is kept of a refused file.

    `source` is part of each row's identity (default: the mapping's code), so the same file of another source counts
    again and the same file of the same source adds nothing. Raises Invalid where the file cannot be taken.
    """
    source = source or mapping.code
    target = target or Target.of(mapping)
    check_target(mapping, target)
    digits = target.currency.digits
    with transaction.atomic():
        if not sum(1 for _row in read(file, mapping, source, digits)):
            raise Invalid(_("The file has a header and no rows."), field="file")
        taken = HistoryImport.objects.create(
            mapping=mapping,
            attachment=keep(file, name, by),
            source=source,
            is_dry_run=dry_run,
            currency=target.currency,
            customer=target.customer,
            site=target.site,
            project=target.project,
        )
        file.seek(0)
        stage(taken, read(file, mapping, source, digits))
        taken.total = taken.rows.filter(problem="").aggregate(n=Sum("cost"))["n"] or Decimal(0)
        taken.run = start_run(
            "import_history", by=by, parameters={"import": taken.pk, "file": name}, enqueue=enqueue
        )
        taken.save(update_fields=["total", "run"])
    return taken


def check_target(mapping: HistoryMapping, target: Target) -> None:
    """The rows must land in one place: project and site of the customer, a line property that charges nothing."""
    if target.project.customer_id != target.customer.pk:
        raise Invalid(_("The project belongs to another customer."), field="project")
    if target.site.customer_id != target.customer.pk:
        raise Invalid(_("The site belongs to another customer."), field="site")
    if mapping.line_property.is_chargeable:
        raise Invalid(_("The mapping's line property must be one that charges nothing."), field="mapping")


def keep(file: BinaryIO, name: str, by: User | None) -> Attachment:
    """The file as it came, under its hash."""
    file.seek(0)
    digest = hashlib.file_digest(cast(BufferedReader, file), "sha256").hexdigest()
    size = file.seek(0, 2)
    file.seek(0)
    return Attachment.objects.create(
        subject="history",
        kind="history",
        name=name[:200],
        content_type="text/csv",
        size=size,
        sha256=digest,
        file=File(file, name=name),
        added_by=by,
    )


def stage(taken: HistoryImport, rows: Iterable[Row]) -> None:
    """Bring the rows into the staging table by COPY."""
    table = HistoryRow._meta.db_table
    names = ", ".join(f'"{name}"' for name in ["history_import_id", *COLUMNS])
    copying = f"COPY {table} ({names}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(copying) as copy:
        for row in rows:
            copy.write_row([taken.pk, *(getattr(row, name) for name in COLUMNS)])


def objects_by_asset(taken: HistoryImport, *, by: User | None) -> dict[str, int]:
    """The service object of each asset in the file: known by number or by serial number at the customer, else new."""
    found = {}
    assets = taken.rows.filter(problem="").order_by("asset").values_list("asset", flat=True).distinct()
    for asset in assets:
        known = (
            ServiceObject.objects.filter(number=asset, customer=taken.customer).first()
            or ServiceObject.objects.filter(serial_number=asset, customer=taken.customer).first()
        )
        if known is None and not taken.is_dry_run:
            known = create_object(
                by=by,
                description=f"{taken.mapping.object_group.description} {asset}",
                group=taken.mapping.object_group,
                customer=taken.customer,
                site=taken.site,
                serial_number=asset,
            )
        if known:
            found[asset] = known.pk
    return found


def summary(taken: HistoryImport, counts: dict[str, int]) -> str:
    """One sentence over a finished import: `5,484 imported, 1 refused, total AUD 17,506,068.13`."""
    total = f"{taken.currency.code} {taken.total:,.{taken.currency.digits}f}"
    imported, already, refused = (counts.get(name, 0) for name in ("imported", "already", "refused"))
    if taken.is_dry_run:
        parts = [f"{imported:,} would be imported"]
    else:
        parts = [f"{imported:,} imported"]
    if already:
        parts.append(f"{already:,} already there")
    return ", ".join([*parts, f"{refused:,} refused", f"total {total}"])


def run_of(taken: HistoryImport) -> Run:
    """The run of an import; every import that was taken in has one."""
    assert taken.run is not None
    return taken.run
