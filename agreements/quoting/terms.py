"""The document of an agreement as plain values: what is printed, signed, hashed and compared later is one form."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from agreements.models import ServiceAgreement, ServiceAgreementLine, ServiceLevelAgreement
from agreements.pricing.queries import LinePriced, is_charged, priced_lines
from agreements.queries import sla_for, usual_sla
from servicemgmt.core.canonical import plain_number
from servicemgmt.masterdata.printed import addressee, letterhead
from servicemgmt.masterdata.queries import company

type Form = dict[str, Any]

PARTS = [
    "interval", "unit", "item__unit", "sla", "site", "task_relation__service_task", "line_property",
    "object_relation__service_object__group__sla", "object_relation__service_object__site",
]  # fmt: skip


def document_of(agreement: ServiceAgreement, *, on: date) -> Form:
    """Parties, terms and prices as a document of the day shows them; days are ISO, amounts text in `currency`.

    Prices that were not agreed for the line itself are those the price search finds on the first day, or today where
    that is later. A fixed number of statements.
    """
    firm = company()
    currency = agreement.project.currency if agreement.project else firm.currency
    priced = priced_lines(agreement, max(on, agreement.start_date))
    return {
        "number": agreement.number,
        "on": on.isoformat(),
        "quoted_until": _iso(agreement.quoted_until),
        "company": letterhead(firm),
        "customer": addressee(agreement.customer) if agreement.customer else {},
        "contact": agreement.contact.name if agreement.contact else "",
        "responsible": agreement.responsible.name if agreement.responsible else "",
        "language": agreement.customer.language if agreement.customer else firm.language,
        "currency": {"code": currency.code, "digits": currency.digits},
        "prices": {str(found.line.line_number): _price(found) for found in priced},
        "terms": terms_of(agreement),
    }


def terms_of(agreement: ServiceAgreement) -> Form:
    """What the parties agree to: the part of the document that, once signed, must stay as it is."""
    usual = cache(usual_sla)
    header = sla_for(agreement, usual=usual)
    lines = agreement.lines.filter(stopped=False).select_related(*PARTS).order_by("line_number")
    return {
        "description": agreement.description,
        "start": agreement.start_date.isoformat(),
        "end": _iso(agreement.end_date),
        "renewal": str(agreement.renewal),
        "term_months": agreement.term_months or 0,
        "notice_days": agreement.notice_days,
        "prices_fixed_until": _iso(agreement.prices_fixed_until),
        "sla": _sla(header),
        "lines": [_line(agreement, line, header, usual) for line in lines],
    }


def differences(signed: Form, now: Form) -> list[str]:
    """What of the terms is no longer as it was signed, in words; nothing where all is."""
    return list(_differences(signed, now))


def _differences(signed: Form, now: Form) -> Iterator[str]:
    words = {
        "description": _("the description"),
        "start": _("the first day"),
        "end": _("the last day"),
        "renewal": _("the renewal"),
        "term_months": _("the term"),
        "notice_days": _("the notice"),
        "prices_fixed_until": _("how long prices are fixed"),
        "sla": _("the SLA"),
    }
    yield from (word for name, word in words.items() if signed.get(name) != now.get(name))
    then, today = ({line["line"]: line for line in form["lines"]} for form in (signed, now))
    for number in sorted(then.keys() | today.keys()):
        if number not in today:
            yield _("line %(line)s is gone") % {"line": number}
        elif number not in then:
            yield _("line %(line)s is new") % {"line": number}
        elif then[number] != today[number]:
            yield _("line %(line)s") % {"line": number}


def _line(
    agreement: ServiceAgreement, line: ServiceAgreementLine, header: ServiceLevelAgreement | None, usual: Any
) -> Form:
    relation, task = line.object_relation, line.task_relation
    thing = relation.service_object if relation else None
    sla = sla_for(agreement, thing, line, usual=usual)
    site = line.site or (thing.site if thing else None)
    return {
        "line": line.line_number,
        "kind": str(line.kind),
        "description": line.description,
        "details": line.details,
        "interval": line.interval.description if line.interval else "",
        "start": line.start_date.isoformat(),
        "end": _iso(line.end_date),
        "quantity": plain_number(line.quantity),
        "unit": line.unit.code if line.unit else "",
        "price": plain_number(line.sales_price),
        "is_charged": is_charged(agreement, line),
        "object": [thing.number, thing.description, thing.serial_number] if thing else [],
        "site": site.name if site else "",
        "task": task.service_task.description if task else "",
        "note": task.note_external if task else "",
        "sla": _sla(sla) if sla != header else None,
    }


def _sla(sla: ServiceLevelAgreement | None) -> Form | None:
    if sla is None:
        return None
    limit = {"days": sla.days, "hours": sla.hours, "minutes": sla.minutes}
    return {"description": sla.description, "response_minutes": sla.response_minutes or 0, **limit}


def _price(found: LinePriced) -> list[str]:
    """What a unit and a visit cost."""
    return [plain_number(found.price), plain_number(found.amount)]


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
