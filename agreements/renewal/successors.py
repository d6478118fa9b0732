"""The rows of successors: headers, relations, lines and prices of many agreements, each kind in one statement."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Model

from agreements.models import (
    AgreementObject,
    AgreementTask,
    LinePrice,
    ServiceAgreement,
    ServiceAgreementLine,
)
from agreements.pricing.queries import sales_price_on
from servicemgmt.core.models import User
from servicemgmt.core.numbers import take_numbers

from .anchors import next_terms
from .rules import Term

#: What a successor has for itself.
OWN_HEADER = {
    "id", "version", "created_at", "number", "start_date", "end_date", "end_reason", "suspended", "suspend_reason",
    "suspended_on", "notice_on", "quoted_until", "decided_on", "decision", "predecessor", "made_by",
}  # fmt: skip
#: A service BOM belongs to one relation; it stays with the agreement that is in force, until somebody moves it.
OWN_ROW = {"id", "version", "created_at", "agreement", "service_bom"}
OWN_LINE = OWN_ROW | {"continues", "end_date", "sales_price", "object_relation", "task_relation"}


def make_successors(sources: Sequence[ServiceAgreement], *, by: User | None) -> list[ServiceAgreement]:
    """A successor of each locked agreement, with the relations, lines and prices that go on.

    A line keeps its first day and knows what it continues, so that its interval goes on in the same rhythm, and from
    the last visit done; one that ended, or that came once only, stays behind. Stopped lines stay stopped. What was
    entered as price is the one of the new first day.
    """
    numbers = take_numbers("agreement", len(sources)) if sources else []
    terms = next_terms(sources)
    made = {
        source.pk: _header(source, terms[source.pk], number, by)
        for source, number in zip(sources, numbers, strict=True)
    }
    ServiceAgreement.objects.bulk_create(made.values())
    objects = _relations(AgreementObject, made)
    tasks = _relations(AgreementTask, made)
    rows = ServiceAgreementLine.objects.filter(agreement__in=made).prefetch_related("prices")
    pairs = [
        (line, _line(line, made[line.agreement_id], objects, tasks))
        for line in rows.order_by("agreement_id", "line_number")
        if goes_on(line, made[line.agreement_id])
    ]
    ServiceAgreementLine.objects.bulk_create(copy for _source, copy in pairs)
    LinePrice.objects.bulk_create(
        LinePrice(line=copy, valid_from=price.valid_from, price=price.price)
        for source, copy in pairs
        for price in source.prices.all()
        if price.valid_from > copy.agreement.start_date
    )
    return list(made.values())


def goes_on(line: ServiceAgreementLine, successor: ServiceAgreement) -> bool:
    """Whether the line has anything to do in the new term."""
    if line.interval_id is None and line.start_date < successor.start_date:
        return False
    return line.end_date is None or line.end_date >= successor.start_date or _ends_with_it(line, successor)


def _ends_with_it(line: ServiceAgreementLine, successor: ServiceAgreement) -> bool:
    predecessor = successor.predecessor
    return predecessor is not None and line.end_date == predecessor.end_date


def _header(source: ServiceAgreement, term: Term, number: str, by: User | None) -> ServiceAgreement:
    return ServiceAgreement(
        number=number,
        start_date=term.start,
        end_date=term.end,
        predecessor=source,
        made_by=by,
        **values_of(source, OWN_HEADER),
    )


def _line(
    line: ServiceAgreementLine,
    successor: ServiceAgreement,
    objects: dict[int, AgreementObject],
    tasks: dict[int, AgreementTask],
) -> ServiceAgreementLine:
    return ServiceAgreementLine(
        agreement=successor,
        continues_id=line.continues_id or line.pk,
        end_date=None if _ends_with_it(line, successor) else line.end_date,
        sales_price=sales_price_on(line, successor.start_date),
        object_relation=objects.get(line.object_relation_id or 0),
        task_relation=tasks.get(line.task_relation_id or 0),
        **values_of(line, OWN_LINE),
    )


def _relations[Relation: (AgreementObject, AgreementTask)](
    model: type[Relation], made: dict[int, ServiceAgreement]
) -> dict[int, Relation]:
    """Copies of the relations by the key of what they are copies of."""
    rows: Iterable[Relation] = model._default_manager.filter(agreement__in=made).order_by("pk")
    copies = {row.pk: model(agreement=made[row.agreement_id], **values_of(row, OWN_ROW)) for row in rows}
    model._default_manager.bulk_create(copies.values())
    return copies


def values_of(row: Model, without: set[str]) -> dict[str, Any]:
    """The columns of a row as they are, but for some."""
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.name not in without
    }
