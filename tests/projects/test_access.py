"""Who may open and do what in projects and billing, and what every page and list offers."""

import pytest
from django.urls import reverse

from servicemgmt.core.roles import ADMINISTRATOR, DISPATCHER, FINANCE, MANAGER, PLANNER, TECHNICIAN
from servicemgmt.core.setup import SETUPS
from tests import make_money as make
from tests.cast import stranger, user_in
from tests.make_money import invoiced, proposed
from tests.projects.ask import text_of, url

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "name",
    [
        "project_close", "project_reopen", "project_propose", "propose_ticked", "proposal_date", "proposal_delete",
        "proposal_post", "line_change", "line_drop", "post_ticked",
    ],
)  # fmt: skip
def test_writes_are_posts(cleo, name):
    arguments = {"propose_ticked": [], "post_ticked": [], "line_change": ["A", 1], "line_drop": ["A", 1]}
    assert cleo.get(url(name, *arguments.get(name, ["A"]))).status_code == 405


@pytest.mark.parametrize(
    ("role", "sees", "bills"),
    [
        (FINANCE, {"projects", "transactions", "proposals", "invoices", "prices"}, True),
        (MANAGER, {"projects", "transactions", "proposals", "invoices", "prices"}, False),
        (PLANNER, {"projects", "transactions", "proposals", "invoices", "prices"}, False),
        (DISPATCHER, {"projects"}, False),
        (TECHNICIAN, set(), False),
        ("", set(), False),
    ],
)
def test_C_12_who_sees_money_and_who_bills(client, role, sees, bills):
    invoice = invoiced(make.draft(make.project()))
    proposal = proposed(make.draft(make.project("Two")))
    client.force_login(user_in(role) if role else stranger())
    for name in ("projects", "transactions", "proposals", "invoices", "prices"):
        assert client.get(url(name)).status_code == (200 if name in sees else 403), name
    line = proposal.lines.get()
    for target in (
        url("propose"),
        url("line_change", proposal.number, line.pk),
        url("line_drop", proposal.number, line.pk),
        url("proposal_delete", proposal.number),
        url("proposal_post", proposal.number),
        url("post_ticked"),
        url("propose_ticked"),
        url("project_propose", proposal.project.number),
        url("invoice_credit", invoice.number),
    ):
        assert (client.post(target, {"version": 99}).status_code != 403) == bills, target


def test_the_administrator_bills_nothing(client):
    proposal = proposed(make.draft(make.project()))
    client.force_login(user_in(ADMINISTRATOR))
    assert client.post(url("proposal_post", proposal.number), {"version": 1}).status_code == 403


@pytest.mark.parametrize(
    "name",
    [
        "projectgroup",
        "category",
        "lineproperty",
        "linepropertysetup",
        "periodtype",
        "pricelist",
        "costprice",
        "salesprice",
    ],
)
def test_the_masters_are_kept_by_setup(cleo, name):
    make.sales_price("1", project=make.project())
    make.cost_price("1")
    assert name in SETUPS
    assert cleo.get(reverse("core:setup_list", args=[name])).status_code == 200
    assert cleo.get(reverse("core:setup_new", args=[name])).status_code == 200


def test_a_price_of_a_category_of_another_type_is_refused(cleo):
    make.firm()
    values = {"kind": "HOUR", "category": make.category("FEE").pk, "valid_from": "2026-01-01", "price": "5"}
    page = cleo.post(reverse("core:setup_new", args=["costprice"]), values)
    assert page.status_code == 422 and "of another type" in text_of(page)


@pytest.mark.parametrize("name", ["projects", "transactions", "proposals", "invoices"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_every_list_exports(cleo, name, kind):
    invoiced(make.draft(make.project()))
    answer = cleo.get(url(name), {"format": kind, "tab": "all"})
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content)
