"""Project statement and work in progress: equal to the transactions, opened down to them (issue 3, part 8)."""

from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db.models import Sum
from django.urls import reverse
from django.utils.html import escape

from reporting.margin.facts import Firm
from reporting.projects import wip
from reporting.projects.facts import IN_PROGRESS, grouped, project_facts, totals
from servicemgmt.core.roles import DISPATCHER, FINANCE, TECHNICIAN
from servicemgmt.ledger.models import FiscalPeriod, LedgerParameters
from servicemgmt.projects.models import Transaction
from servicemgmt.projects.operations import credit_invoice, post_proposal, reverse_transactions
from tests import make_money as make
from tests.cast import stranger, user_in
from tests.make_money import NOW, TODAY

pytestmark = pytest.mark.django_db
WIP, STATEMENT = "reporting:work_in_progress", "reporting:project_statement"


@pytest.fixture
def cleo(client):
    make.firm()
    client.force_login(user_in(FINANCE))
    return client


def text_of(response) -> str:
    return " ".join(response.content.decode().replace("\xa0", " ").split())


@pytest.fixture
def work(cleo):
    """Posted work of every age and status on two projects in two currencies, some of it covered."""
    home = make.project()
    abroad = make.project("London", currency=make.money("USD"))
    for days in (0, 30, 31, 60, 61, 90, 91, 200):
        make.post(make.draft(home, executed_on=TODAY - timedelta(days=days), sales_price=Decimal(days + 1)))
    make.post(make.draft(abroad, sales_price=Decimal(70)))
    make.post(make.draft(home, line_property=make.line_property("GOODWILL")))
    (reversed_,) = make.post(make.draft(home, sales_price=Decimal(999)))
    reverse_transactions([reversed_], on=TODAY, by=None, at=NOW)
    make.invoiced(make.draft(home, sales_price=Decimal(500)))
    make.proposed(make.draft(home, sales_price=Decimal(33)))
    return home


def charged() -> Decimal:
    """What the transactions themselves add up to, in company currency."""
    rows = Transaction.objects.filter(
        status__in=["POSTED", "IN_PROPOSAL"], coverage="CHARGED", currency__code="EUR"
    )
    return rows.aggregate(total=Sum("sales_amount"))["total"]


def test_work_in_progress_is_the_transactions_sum_in_every_currency(work):
    rows = {row["currency__code"]: row for row in wip.totals(wip.in_progress(TODAY), TODAY)}
    assert rows["USD"]["total"] == 70 and rows["EUR"]["total"] == charged()
    for row in rows.values():
        assert sum(row[name] for name, *_ in wip.BUCKETS) == row["total"]


def in_progress(*days: date) -> list[set[str]]:
    return [set(wip.in_progress(day).values_list("text", flat=True)) for day in days]


def test_PR_14_work_in_progress_of_a_past_day_is_what_it_was(cleo):
    month_end, billed, later = date(2026, 3, 31), date(2026, 4, 10), date(2026, 4, 20)
    home = make.project()
    for text in ("invoiced", "once more", "credited"):
        invoice = make.invoiced(make.draft(home, text=text, executed_on=TODAY), invoice_date=billed)
        if text != "invoiced":
            credit_invoice(invoice.pk, on=later, by=None, at=NOW, rebill=text == "once more")
    (undone,) = make.post(make.draft(home, text="undone"))
    reverse_transactions([undone], on=billed, by=None, at=NOW)
    make.post(make.draft(home, text="done later", executed_on=later), on=later)
    make.proposed(make.draft(home, text="proposed"))
    assert in_progress(TODAY - timedelta(days=1), month_end, billed, later) == [
        set(),
        {"invoiced", "once more", "credited", "undone", "proposed"},
        {"proposed"},
        {"proposed", "once more", "done later"},
    ]
    assert wip.in_progress(later).count() == Transaction.objects.filter(IN_PROGRESS).count()
    page = cleo.get(reverse(WIP), {"on": month_end.isoformat()})
    (row,) = page.context["rows"]
    assert row["total"] == 5 * 90 and row["count"] == 5
    lines = b"".join(cleo.get(row["url"] + "&format=csv").streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + 5


def test_PR_14_a_closed_month_end_stays_whatever_is_posted_later(cleo):
    month_end, home = date(2026, 3, 31), make.project()
    make.post(make.draft(home, text="in time"))
    proposal = make.proposed(make.draft(home, text="proposed"))
    LedgerParameters.objects.create(closed_periods="MOVE")
    FiscalPeriod.objects.filter(during__contains=TODAY).update(closed_at=NOW, closed_by=user_in(FINANCE))
    assert in_progress(month_end) == [{"in time", "proposed"}]
    make.post(make.draft(home, text="late"))
    post_proposal(proposal.pk, version=proposal.version, by=None, at=NOW)
    assert in_progress(month_end, month_end + timedelta(days=1)) == [
        {"in time", "proposed"},
        {"in time", "late"},
    ]


def test_work_in_progress_is_aged_by_the_day_of_the_work(work):
    (row,) = wip.by_project(wip.in_progress(TODAY, project=work.pk), TODAY)
    ages = {name: row[name] for name, *_ in wip.BUCKETS}
    assert ages == {"to_30": 1 + 31 + 33, "to_60": 32 + 61, "to_90": 62 + 91, "older": 92 + 201}
    assert row["since"] == TODAY - timedelta(days=200)
    later = next(
        iter(wip.by_project(wip.in_progress(date(2026, 12, 31), project=work.pk), date(2026, 12, 31)))
    )
    assert later["older"] == later["total"]


def test_every_figure_of_it_opens_the_transactions_behind_it(cleo, work):
    shown = cleo.get(reverse(WIP), {"on": TODAY.isoformat(), "project": work.pk})
    (row,), (whole,) = shown.context["rows"], shown.context["totals"]
    assert shown.content.decode().count(f'href="{escape(row["url"])}"') == 2, "of what it cost, and in all"
    figures = [{"url": one["url"], "amount": one["total"]} for one in (row, whole)]
    for part in [*row["parts"], *whole["parts"], *figures]:
        answer = cleo.get(part["url"] + "&format=csv")
        lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
        column = lines[0].split(",").index("Sales amount")
        assert sum(Decimal(line.split(",")[column]) for line in lines[1:]) == part["amount"]


def test_the_page_shows_the_projects_and_the_files_hold_them(cleo, work):
    page = cleo.get(reverse(WIP), {"on": TODAY.isoformat()})
    assert work.number in text_of(page) and "All projects in USD" in text_of(page)
    for form in ("csv", "xlsx"):
        assert b"".join(cleo.get(reverse(WIP), {"on": TODAY.isoformat(), "format": form}))
    assert cleo.get(reverse(WIP), {"on": "soon"}).status_code == 422


def test_nothing_in_progress_says_so(cleo):
    assert "Everything is invoiced" in text_of(cleo.get(reverse(WIP)))


def test_the_statement_of_a_project_adds_up_to_its_transactions(work):
    firm = Firm.of_company()
    rows = project_facts(Transaction.objects.filter(project=work), firm)
    (whole,) = totals(rows)
    assert (whole["sum_invoiced"], whole["sum_to_invoice"]) == (500, charged())
    assert whole["sum_sales"] == 500 + charged() and whole["sum_covered"] == 90
    assert whole["sum_cost"] == 11 * 40
    for group in ("category", "month", "both"):
        parts = list(grouped(rows, group))
        for name in ("cost", "sales", "invoiced", "to_invoice", "covered"):
            assert sum(row[f"sum_{name}"] for row in parts) == whole[f"sum_{name}"], (group, name)
    assert len(list(grouped(rows, "month"))) > 3


def test_a_row_of_the_statement_opens_its_transactions(cleo, work):
    answer = cleo.get(reverse(STATEMENT), {"project": work.pk, "group": "month"})
    row = next(row for row in answer.context["rows"] if row["month"] == TODAY.replace(day=1))
    asked = parse_qs(urlsplit(row["url"]).query)
    assert asked["executed_on_after"] == ["2026-03-01"] and asked["executed_on_before"] == ["2026-03-31"]
    assert cleo.get(row["url"]).status_code == 200


@pytest.mark.parametrize("group", ["category", "month", "both"])
@pytest.mark.parametrize("form", ["", "csv", "xlsx", "html"])
def test_the_statement_in_every_form(cleo, work, group, form):
    answer = cleo.get(reverse(STATEMENT), {"project": work.pk, "group": group, "format": form})
    assert answer.status_code == 200 and b"".join(answer)


def test_the_statement_is_a_pdf(cleo, work):
    answer = cleo.get(reverse(STATEMENT), {"project": work.pk, "format": "pdf"})
    assert answer.status_code == 200 and answer.content.startswith(b"%PDF")


def test_no_project_no_work_and_wrong_dates_say_so(cleo, work):
    assert "Choose a project" in text_of(cleo.get(reverse(STATEMENT)))
    none = cleo.get(reverse(STATEMENT), {"project": work.pk, "end": "2020-01-01"})
    assert "Nothing is posted on this project in these days." in text_of(none)
    wrong = cleo.get(reverse(STATEMENT), {"project": work.pk, "start": "2026-02-01", "end": "2026-01-01"})
    assert wrong.status_code == 422
    assert cleo.get(reverse(STATEMENT), {"project": "0"}).status_code == 422


@pytest.mark.parametrize("name", [WIP, STATEMENT, "reporting:wip_lines"])
def test_C_12_cost_is_not_for_dispatchers_technicians_and_strangers(client, name):
    make.firm()
    for user in (user_in(DISPATCHER), user_in(TECHNICIAN), stranger()):
        client.force_login(user)
        assert client.get(reverse(name)).status_code == 403
    client.force_login(user_in(FINANCE))
    assert client.post(reverse(name)).status_code == 405


def test_the_pages_take_few_queries_however_many_rows(cleo, work, django_assert_max_num_queries):
    for name in (WIP, STATEMENT):
        with django_assert_max_num_queries(30):
            cleo.get(reverse(name), {"project": work.pk})
