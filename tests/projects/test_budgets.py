"""Budgets of projects: compared with what was posted, and warned of."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from servicemgmt.projects.budgets.queries import Figures, compare, overspent, together
from servicemgmt.projects.models import BudgetLine, LineKind
from servicemgmt.projects.operations import invoice_on_account, reverse_transactions
from tests import make_money as make
from tests.projects.ask import text_of, url

pytestmark = pytest.mark.django_db


def line(project, kind=LineKind.HOUR, **fields):
    return BudgetLine.objects.create(project=project, category=make.category(kind), **fields)


def test_the_budget_stands_beside_what_was_posted_and_not_taken_back():
    project = make.project()
    line(project, quantity=10, cost=Decimal(400), revenue=Decimal(900))
    line(project, month=date(2026, 3, 1), quantity=2, cost=Decimal(80), revenue=Decimal(180))
    line(project, month=date(2026, 4, 1), quantity=5, cost=Decimal(200), revenue=Decimal(450))
    gone, *_rest = make.post(*(make.draft(project, quantity=Decimal(n)) for n in (3, 4)))
    reverse_transactions([gone], on=make.TODAY, by=None, at=make.NOW)
    invoice_on_account(
        project.pk, amount=Decimal(50), category=make.category(LineKind.FEE), text="A", on=make.TODAY,
        by=None, at=make.NOW,
    )  # fmt: skip
    (row,) = compare(project, make.TODAY)
    assert row.budget == Figures(Decimal(12), Decimal(480), Decimal(1080))
    assert row.actual == Figures(Decimal(4), Decimal(160), Decimal(360))
    assert row.remaining == Figures(Decimal(8), Decimal(320), Decimal(720))
    assert row.forecast == row.budget and not row.is_overspent
    (whole,) = compare(project)
    assert whole.budget.cost == 680 and together([whole]).actual.cost == 160


def test_what_takes_more_than_its_budget_is_warned_of(cleo):
    project = make.project()
    line(project, quantity=2, cost=Decimal(100))
    make.post(make.draft(project, quantity=Decimal(3)), make.draft(project, LineKind.EXPENSE))
    assert overspent(project) == [make.category()]
    assert "More was posted than budgeted: Hour." in text_of(cleo.get(url("project", project.number)))
    text = text_of(cleo.get(url("budget", project.number)))
    assert "Overspent" in text and "-20.00" in text.replace("\u2212", "-")
    csv = b"".join(cleo.get(url("budget", project.number), {"format": "csv"})).decode()
    assert "Hour,2.00,3.000000,-1.000000,3.000000," in csv
    assert cleo.get(url("budget", project.number), {"until": "soon"}).status_code == 422


def test_every_actual_figure_opens_the_transactions_that_add_up_to_it(cleo):
    project = make.project()
    gone, *_rest = make.post(*(make.draft(project, quantity=Decimal(n)) for n in (3, 4)))
    make.post(make.draft(project, executed_on=date(2026, 4, 2)))
    reverse_transactions([gone], on=make.TODAY, by=None, at=make.NOW)
    invoice_on_account(
        project.pk,
        amount=Decimal(50),
        category=make.category(LineKind.FEE),
        text="A",
        on=make.TODAY,
        by=None,
        at=make.NOW,
    )
    page = cleo.get(url("budget", project.number), {"until": "2026-03-31"})
    (row,) = page.context["rows"]
    behind = f"{page.context['work_url']}&category={row.category.pk}"
    assert page.content.decode().count(behind.replace("&", "&amp;")) == 4
    lines = b"".join(cleo.get(behind + "&format=csv").streaming_content).decode("utf-8-sig").splitlines()
    named = [dict(zip(lines[0].split(","), line.split(","), strict=True)) for line in lines[1:]]
    assert sum(Decimal(line["Cost"]) for line in named) == row.actual.cost == 160
    assert sum(Decimal(line["Sales amount"]) for line in named) == row.actual.revenue == 360


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("budgetline_of_a_whole_month", {"month": date(2026, 3, 2)}),
        ("budgetline_once", {}),
        ("budgetline_cost_not_negative", {"cost": -1, "month": date(2026, 3, 1)}),
        ("budgetline_quantity_not_negative", {"quantity": -1, "month": date(2026, 3, 1)}),
        ("budgetline_revenue_not_negative", {"revenue": -1, "month": date(2026, 3, 1)}),
    ],
)
def test_the_database_refuses_what_is_no_budget(name, values):
    project = make.project()
    line(project)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        line(project, **values)
