"""Service order margin (RE-01): the page, its files and its PDF."""

from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from orders.models import ServiceOrder
from reporting.documents.answer import answer
from servicemgmt.core.export import WRITERS
from servicemgmt.core.web import Request, allow, page, whole
from servicemgmt.masterdata.printed import letterhead
from servicemgmt.masterdata.queries import company
from servicemgmt.projects.models import LineKind

from .chart import drawing, months
from .facts import Firm, Level, Source, facts, grouped, totals
from .fees import recognised
from .files import exported, headers, total_label
from .filters import MarginFilter
from .nested import nested
from .reconcile import reconcile
from .rows import notes, shown, with_contract, with_margin

PAGE, MOST_AT_ONCE, MOST_ON_PAPER = 100, 1000, 2000
#: What the address chooses beside the filters: how it is called, and what is offered.
CHOICES = {
    "level": (gettext_lazy("Grouped by"), Level.values),
    "source": (gettext_lazy("From"), Source.values),
    "kind": (gettext_lazy("Type"), LineKind.values),
}


@dataclass
class Report:
    """What was asked for in the address, and the rows for it."""

    request: Request

    def __post_init__(self) -> None:
        asked = self.request.GET
        self.firm = Firm.of_company()
        self.level = one_of(asked.get("level", ""), Level.values, Level.CUSTOMER.value)
        self.source = one_of(asked.get("source", ""), Source.values, Source.POSTED.value)
        self.filters = MarginFilter(asked, ServiceOrder.objects.visible_to(self.request.user))
        self.is_valid = self.filters.is_valid() and self._choices_are_known()
        found = self.filters.qs if self.is_valid else ServiceOrder.objects.none()
        self.rows = facts(found, self.source, self.firm)
        if asked.get("kind") in LineKind.values:
            self.rows = self.rows.filter(kind=asked["kind"])
        self.table = grouped(self.rows, self.level)
        self.link = partial(link, self.request)

    def _choices_are_known(self) -> bool:
        """Whether what the address chooses beside the filters is offered; else the form says what is not."""
        for name, (label, known) in CHOICES.items():
            text = self.request.GET.get(name, "")
            if text and text not in known:
                names = {"label": label, "value": text}
                self.filters.form.add_error(None, _("%(label)s: “%(value)s” is not offered.") % names)
        return not self.filters.form.errors

    def fees_of(self, rows: Any) -> dict[int, Any]:
        """The fees recognised for these agreements in the range of service dates."""
        span = self.filters.form.cleaned_data.get("service_on") if self.is_valid else None
        keys = {row["order__agreement"] for row in rows if row["order__agreement"]}
        return (
            recognised(keys, span.start and span.start.date(), span.stop and span.stop.date())
            if span
            else recognised(keys)
        )

    @cached_property
    def is_filtered(self) -> bool:
        own = ("level", "source", "from", "format")
        return any(value for name, value in self.request.GET.items() if name not in own)


def one_of(text: str, known: list[str], usual: str) -> str:
    return text if text in known else usual


@require_GET
@allow("projects.view_transaction")
def margin(request: Request) -> HttpResponseBase:
    """The report for the filters in the URL: on the page, as CSV or XLSX with every row, or as PDF."""
    report = Report(request)
    wanted = request.GET.get("format", "")
    if report.is_valid and wanted in WRITERS:
        fees = report.fees_of(report.table) if report.level == Level.AGREEMENT else {}
        table = exported(report.table, report.level, report.firm, fees)
        written: HttpResponseBase = WRITERS[wanted]("service-order-margin", headers(report.level), table)
        return written
    if report.is_valid and wanted in {"pdf", "html"}:
        return on_paper(report)
    return page(request, "reporting/margin.html", context_of(report), status=200 if report.is_valid else 422)


def context_of(report: Report) -> dict[str, Any]:
    """What the page shows; its template's first line names every key."""
    start = whole(report.request.GET.get("from"))
    rows, more = rows_of(report, start)
    by_month, sums = months(report.rows, report.firm), totals(report.rows)
    return {
        "title": _("Service order margin"),
        "filter_form": report.filters.form,
        "firm": report.firm,
        "level": report.level,
        "levels": [(value, label, report.link(level=value, start=None)) for value, label in Level.choices],
        "source": report.source,
        "sources": Source.choices,
        "rows": rows,
        "is_cut": more and report.level == Level.ALL,
        "totals": [with_margin(row, report.firm) for row in sums],
        "notes": notes(sums),
        "months": by_month,
        "drawing": drawing(by_month),
        "comparison": None if report.source == Source.PLANNED else reconcile_posted(report),
        "first": start + 1,
        "last": start + len(rows),
        "next_url": report.link(start=start + PAGE) if more and report.level != Level.ALL else "",
        "first_url": report.link(start=None) if start else "",
        "csv_url": report.link(format="csv", start=None),
        "xlsx_url": report.link(format="xlsx", start=None),
        "pdf_url": report.link(format="pdf", start=None),
        "is_filtered": report.is_filtered,
    }


def reconcile_posted(report: Report) -> Any:
    return reconcile(report.rows.filter(transaction__isnull=False))


def rows_of(report: Report, start: int, size: int = PAGE) -> tuple[list[dict[str, Any]], bool]:
    """The rows from `start` on as the page shows them, and whether more follow; all levels at once from the first."""
    if report.level == Level.ALL:
        most = MOST_AT_ONCE if size == PAGE else size
        found = list(islice(nested(report.table.iterator(chunk_size=500)), most + 1))
        return [branch_of(row, report) for row in found[:most]], len(found) > most
    found = list(report.table[start : start + size + 1])
    rows = [shown(row, report.level, report.firm, report.link) for row in found[:size]]
    if report.level == Level.AGREEMENT:
        fees = report.fees_of(found)
        rows = [with_contract(row, fees, report.firm) for row in rows]
    return rows, len(found) > size


def branch_of(row: dict[str, Any], report: Report) -> dict[str, Any]:
    """A row of all levels: a line of its order, or the total of a branch."""
    found = shown(row, Level.KIND, report.firm, report.link)
    if branch := row["branch"]:
        agreement = row["order__agreement__number"] or _("Without agreement")
        name = {
            "order": row["order__number"],
            "agreement": agreement,
            "customer": row["order__customer__name"],
        }
        found["title"] = f"{total_label(branch)} {name.get(branch, '')}".strip()
    return found


def on_paper(report: Report) -> HttpResponseBase:
    """The report as a document; more rows than a reader can turn over are refused, with the way out."""
    rows, more = rows_of(report, 0, MOST_ON_PAPER)
    if more:
        messages.error(
            report.request,
            _("More than 2,000 rows do not make a document. Filter the report, or take the CSV."),
        )
        return redirect(report.link(format=None))
    context = context_of(report) | {
        "rows": rows,
        "company": letterhead(company()),
        "page_size": company().page_size,
        "asked": asked_of(report),
    }
    return answer(report.request, "reporting/paper/margin.html", context, name="service-order-margin")


def asked_of(report: Report) -> list[tuple[str, Any]]:
    """The filters as the document's head repeats them."""
    form = report.filters.form
    cleaned = form.cleaned_data
    found = [(form.fields[name].label, cleaned.get(name)) for name in form.fields if name != "service_on"]
    facts_ = [(str(label), value) for label, value in found if value]
    if span := cleaned.get("service_on"):
        days = [end.date().isoformat() if end else "" for end in (span.start, span.stop)]
        facts_.append((_("Service date"), " – ".join(days)))
    return [*facts_, (_("From"), Source(report.source).label), (_("Grouped by"), Level(report.level).label)]


def link(request: Request, **changes: Any) -> str:
    """This page's address with some parameters changed; None takes one away. `start` is spelled `from`."""
    values = {name: value for name, value in request.GET.items() if value and name != "format"}
    for name, value in changes.items():
        values.pop("from" if name == "start" else name, None)
        if value is not None:
            values["from" if name == "start" else name] = value
    return f"{request.path}?{urlencode(values)}"
