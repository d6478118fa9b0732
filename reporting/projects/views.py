"""The project statement and the work in progress: on the page, as files and as PDF."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from reporting.documents.answer import answer
from reporting.margin.facts import Firm
from reporting.margin.files import UNVALUED_LINES
from reporting.margin.rows import notes
from servicemgmt.core.export import WRITERS
from servicemgmt.core.lists import list_page
from servicemgmt.core.money import round_money
from servicemgmt.core.periods import step
from servicemgmt.core.web import Request, allow, page, whole
from servicemgmt.masterdata.printed import letterhead
from servicemgmt.masterdata.queries import company, company_today
from servicemgmt.projects.lists import TRANSACTIONS
from servicemgmt.projects.models import Transaction
from servicemgmt.projects.queries import transactions_listed

from . import wip
from .facts import SUMS, grouped, project_facts, totals
from .filters import WipLineFilter
from .forms import StatementForm, WipForm

PAGE = 100
WIP_LINES = replace(
    TRANSACTIONS,
    name="work-in-progress-lines",
    title=gettext_lazy("Work in progress"),
    help=gettext_lazy("Charged and not invoiced on the day: the transactions behind the figures."),
    tabs=(),
    filterset=WipLineFilter,
    empty_title=gettext_lazy("Everything is invoiced"),
    empty_text=gettext_lazy("No posted work waits to be invoiced."),
)


def link(request: Request, **changes: Any) -> str:
    """This page's address with some parameters changed; None takes one away."""
    values = {name: value for name, value in request.GET.items() if value and name != "format"}
    for name, value in changes.items():
        values.pop(name, None)
        if value is not None:
            values[name] = value
    return f"{request.path}?{urlencode(values)}"


@require_GET
@allow("projects.view_transaction")
def work_in_progress(request: Request) -> HttpResponseBase:
    """What is posted, charged and not invoiced, a row a project, by the age of the work."""
    form = WipForm({"on": company_today().isoformat()} | request.GET.dict())
    is_valid = form.is_valid()
    on: date = form.cleaned_data["on"] if is_valid else company_today()
    asked = {name: form.cleaned_data.get(name) for name in ("project", "customer")} if is_valid else {}
    chosen = {name: row.pk for name, row in asked.items() if row}
    rows = wip.in_progress(on, **chosen)
    rows = rows if is_valid else rows.none()
    wanted = request.GET.get("format", "")
    if is_valid and wanted in WRITERS:
        labels = [str(label) for _name, label, *_days in wip.BUCKETS]
        heads = [
            _("Project"),
            _("Name"),
            _("Customer"),
            _("Since"),
            _("Cost"),
            _("Currency"),
            *labels,
            _("Total"),
        ]
        written: HttpResponseBase = WRITERS[wanted]("work-in-progress", heads, wip.exported(rows, on))
        return written
    start = whole(request.GET.get("from"))
    found = list(wip.by_project(rows, on)[start : start + PAGE + 1])
    context = {
        "title": _("Work in progress"),
        "form": form,
        "on": on,
        "firm": Firm.of_company(),
        "buckets": [(name, label) for name, label, *_days in wip.BUCKETS],
        "rows": [wip_row(row, on, project=row["project"]) for row in found[:PAGE]],
        "totals": [wip_row(row, on, **chosen, currency=row["currency"]) for row in wip.totals(rows, on)],
        "first_url": link(request, **{"from": None}) if start else "",
        "next_url": link(request, **{"from": start + PAGE}) if len(found) > PAGE else "",
        "csv_url": link(request, format="csv"),
        "xlsx_url": link(request, format="xlsx"),
    }
    return page(request, "reporting/work_in_progress.html", context, status=200 if is_valid else 422)


def wip_row(row: dict[str, Any], on: date, **which: int) -> dict[str, Any]:
    """A row with its parts in order, each with the way to the transactions behind it; `which` they are of."""
    parts = [
        {"label": label, "amount": row[name], "url": lines_url(on, *wip.days_of(name, on), which)}
        for name, label, *_days in wip.BUCKETS
    ]
    return row | {"parts": parts, "url": lines_url(on, None, on, which)}


def lines_url(on: date, first: date | None, last: date, which: dict[str, int]) -> str:
    values = {"on": on, **which, "executed_on_after": first, "executed_on_before": last}
    return f"{reverse('reporting:wip_lines')}?{urlencode({name: v for name, v in values.items() if v})}"


@require_GET
@allow("projects.view_transaction")
def wip_lines(request: Request) -> HttpResponseBase:
    """The transactions in progress on a day, by the filter; today's where it names none."""
    asked = WipLineFilter(request.GET).form
    asked.is_valid()
    rows = wip.in_progress(asked.cleaned_data.get("on") or company_today())
    return list_page(request, WIP_LINES, transactions_listed().filter(pk__in=rows.values("pk")))


@require_GET
@allow("projects.view_transaction")
def statement(request: Request) -> HttpResponseBase:
    """One project's cost, sales, what is invoiced, to invoice and covered, by category or month."""
    form = StatementForm({"group": "category"} | request.GET.dict() if request.GET else None)
    firm = Firm.of_company()
    context: dict[str, Any] = {"form": form, "firm": firm, "title": _("Project statement")}
    if not form.is_valid():
        return page(request, "reporting/project_statement.html", context, status=422 if request.GET else 200)
    asked = form.cleaned_data
    rows = project_facts(work_of(asked), firm)
    table = grouped(rows, asked["group"])
    wanted = request.GET.get("format", "")
    if wanted in WRITERS:
        lines = (statement_line(row, asked["group"], firm) for row in table.iterator(chunk_size=2000))
        name = f"statement-{asked['project'].number}"
        written: HttpResponseBase = WRITERS[wanted](name, statement_heads(asked["group"]), lines)
        return written
    sums = totals(rows)
    context |= {
        "project": asked["project"],
        "group": asked["group"],
        "asked": asked,
        "rows": [statement_row(row, asked, firm) for row in table],
        "totals": [with_margin(row, firm) for row in sums],
        "notes": notes(sums),
        "csv_url": link(request, format="csv"),
        "xlsx_url": link(request, format="xlsx"),
        "pdf_url": link(request, format="pdf"),
    }
    if wanted in {"pdf", "html"}:
        paper = {"company": letterhead(company()), "page_size": company().page_size}
        name = f"statement-{asked['project'].number}"
        return answer(request, "reporting/paper/project_statement.html", context | paper, name=name)
    return page(request, "reporting/project_statement.html", context)


def work_of(asked: dict[str, Any]) -> Any:
    rows = Transaction.objects.filter(project=asked["project"])
    if asked["start"]:
        rows = rows.filter(executed_on__gte=asked["start"])
    return rows.filter(executed_on__lte=asked["end"]) if asked["end"] else rows


def with_margin(row: dict[str, Any], firm: Firm) -> dict[str, Any]:
    """Margin = sales − cost; none where the cost is in another currency than the sales."""
    margin = row["sum_sales"] - row["sum_cost"] if row["in_currency"] == firm.code else None
    percent = (
        round_money(margin / row["sum_sales"] * 100, 1) if margin is not None and row["sum_sales"] else None
    )
    return row | {"margin": margin, "percent": percent}


def statement_row(row: dict[str, Any], asked: dict[str, Any], firm: Firm) -> dict[str, Any]:
    """A row with its title and the way to the transactions behind it."""
    values: dict[str, Any] = {"project": asked["project"].pk, "category": row.get("category")}
    first, last = asked["start"], asked["end"]
    if month := row.get("month"):
        first = max(first or month, month)
        last = min(last or date.max, step(month, "MONTH", 1) - timedelta(days=1))
    values |= {"executed_on_after": first, "executed_on_before": last}
    url = f"{reverse('projects:transactions')}?{urlencode({name: v for name, v in values.items() if v})}"
    titles = [date_format(row["month"], "F Y")] if row.get("month") else []
    if "category__code" in row:
        titles.append(f"{row['category__code']} {row['category__description']}")
    return with_margin(row, firm) | {"title": " · ".join(titles), "url": url}


def statement_heads(group: str) -> list[str]:
    firsts = {
        "category": [_("Category"), _("Description")],
        "month": [_("Month")],
        "both": [_("Month"), _("Category"), _("Description")],
    }
    amounts = [_("Cost"), _("Sales"), _("Invoiced"), _("To invoice"), _("Covered value")]
    return [*firsts[group], _("Currency"), *amounts, _("Margin"), _("Margin %"), str(UNVALUED_LINES)]


def statement_line(row: dict[str, Any], group: str, firm: Firm) -> list[Any]:
    found = with_margin(row, firm)
    firsts = [row["month"]] if "month" in row else []
    if group != "month":
        firsts += [row["category__code"], row["category__description"]]
    amounts = [found[f"sum_{name}"] for name in SUMS]
    return [
        *firsts,
        found["in_currency"],
        *amounts,
        found["margin"],
        found["percent"],
        found["unvalued_lines"],
    ]
