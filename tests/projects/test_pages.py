"""The pages of projects and billing: works, wrong method, stranger, wrong state, leaves a trace."""

from decimal import Decimal

import pytest
from django.urls import reverse

from servicemgmt.core.models import Event, Run
from servicemgmt.core.roles import ADMINISTRATOR, DISPATCHER, FINANCE, MANAGER, PLANNER, TECHNICIAN
from servicemgmt.core.setup import SETUPS
from servicemgmt.projects.models import (
    InvoiceProposal,
    Project,
    ProposalStatus,
    Transaction,
    TransactionStatus,
)
from servicemgmt.projects.operations import credit_invoice, post_proposal
from tests import make_money as make
from tests.cast import stranger, user_in
from tests.make_money import invoiced, proposed

pytestmark = pytest.mark.django_db


@pytest.fixture
def cleo(client):
    client.force_login(user_in(FINANCE))
    return client


def text_of(response) -> str:
    return " ".join(response.content.decode().replace("\xa0", " ").split())


def url(name: str, *args: object) -> str:
    return reverse(f"projects:{name}", args=args)


# --- projects


def project_values(**changes: object) -> dict[str, object]:
    project = make.project()
    values = {
        "name": "New lift",
        "kind": "TM",
        "group": project.group_id,
        "customer": project.customer_id,
        "invoice_customer": "",
        "currency": "",
        "site": "",
        "price_list": "",
        "line_property": project.line_property_id,
        "purchase_order": "PO 1",
        "version": 1,
    }
    return values | changes


def test_a_project_is_made_and_follows_its_customer(cleo):
    answer = cleo.post(url("project_new"), project_values())
    made = Project.objects.get(name="New lift")
    assert answer.url == url("project", made.number)
    assert (made.invoice_customer, made.currency.code) == (made.customer, "EUR")
    assert Event.objects.filter(subject=f"project:{made.pk}", action="created").exists()


def test_a_project_without_name_is_422(cleo):
    assert cleo.post(url("project_new"), project_values(name="")).status_code == 422


def test_the_form_for_a_customer_has_him_chosen(cleo):
    huber = make.customer()
    page = cleo.get(f"{url('project_new')}?customer={huber.number}")
    assert page.context["form"].initial["customer"] == huber.pk


def test_a_project_is_changed_and_whoever_read_it_before_gets_409(cleo):
    project = make.project()
    values = project_values(
        name="Renamed", currency=project.currency_id, invoice_customer=project.customer_id
    )
    assert cleo.post(url("project_edit", project.number), values).status_code == 302
    assert cleo.post(url("project_edit", project.number), values | {"name": "Again"}).status_code == 409
    project.refresh_from_db()
    assert (project.name, project.version) == ("Renamed", 2)


def test_the_currency_cannot_change_once_something_is_posted(cleo):
    project = make.project()
    make.post(make.draft(project))
    values = project_values(currency=make.money("USD").pk, invoice_customer=project.customer_id)
    page = cleo.post(url("project_edit", project.number), values)
    assert page.status_code == 422
    assert "posted on this project already" in text_of(page)


def test_a_project_closes_only_when_all_is_invoiced_and_opens_again(cleo):
    project = make.project()
    proposal = proposed(make.draft(project))
    make.post(make.draft(project))
    page = cleo.post(url("project_close", project.number), {"version": 1, "on": "2026-03-20"}, follow=True)
    assert "not invoiced yet" in text_of(page)
    post_proposal(proposal.pk, version=1, by=None, at=make.NOW)
    Transaction.objects.filter(status="POSTED").update(status="REVERSED")
    cleo.post(url("project_close", project.number), {"version": 1, "on": "2026-03-20"})
    project.refresh_from_db()
    assert project.ended_on.isoformat() == "2026-03-20"
    cleo.post(url("project_reopen", project.number), {"version": 2})
    project.refresh_from_db()
    assert project.ended_on is None


def test_the_projects_page_shows_money_to_whoever_may_see_it_and_hides_it_from_others(client):
    project = make.project()
    invoiced(make.draft(project))
    make.post(make.draft(project, text="Second visit"))
    client.force_login(user_in(PLANNER))
    text = text_of(client.get(url("project", project.number)))
    assert (
        "> 80.00 <" in text.replace(">80.00<", "> 80.00 <")
        and "INV-2026-000001" in text
        and "Second visit" in text
    )
    client.force_login(user_in(DISPATCHER))
    text = text_of(client.get(url("project", project.number)))
    assert "Lift service" in text
    assert "80.00" not in text and "Second visit" not in text


def test_a_project_is_proposed_at_once(cleo):
    project = make.project()
    make.post(make.draft(project))
    answer = cleo.post(url("project_propose", project.number))
    assert answer.url == url("proposal", InvoiceProposal.objects.get().number)
    again = cleo.post(url("project_propose", project.number), follow=True)
    assert "nothing to invoice" in text_of(again)


# --- transactions and prices


def test_the_transactions_list_and_page_lead_to_voucher_and_reasons(cleo):
    make.cost_price("40")
    make.sales_price("90")
    from servicemgmt.projects.prices import price_line

    project = make.project()
    priced = price_line(kind="HOUR", project=project, category=make.category(), on=make.TODAY)
    (row,) = make.post(make.draft(project, price_reason=priced.reason, text="Oil change"))
    assert "Oil change" in text_of(cleo.get(url("transactions")))
    text = text_of(cleo.get(url("transaction", row.pk)))
    assert "wins." in text and row.voucher.number in text and "90.00 EUR" in text


def test_C_12_nobody_is_shown_a_way_that_ends_at_a_closed_door(client):
    (row,) = make.post(make.draft(make.project()))
    voucher = reverse("ledger:voucher", args=[row.voucher.number])
    pages = [url("transactions"), url("transaction", row.pk)]
    for role, may in ((FINANCE, True), (PLANNER, False)):
        client.force_login(user_in(role))
        for page in pages:
            assert (f'href="{voucher}"' in client.get(page).content.decode()) is may, (role, page)
        assert (client.get(voucher).status_code == 200) is may
    client.force_login(user_in(DISPATCHER))
    shown = client.get(url("project", row.project.number)).content.decode()
    assert "/orders/?project=" in shown and "/subscriptions/?project=" not in shown


def test_ticked_transactions_become_a_proposal(cleo):
    rows = make.post(make.draft(make.project()), make.draft(make.project("Two")))
    answer = cleo.post(url("propose_ticked"), {"pk": [rows[0].pk]})
    assert answer.url == url("proposal", InvoiceProposal.objects.get().number)
    nothing = cleo.post(url("propose_ticked"), {"pk": ["7", "x"]}, follow=True)
    assert "nothing to invoice" in text_of(nothing)


def test_the_price_page_answers_and_explains(cleo):
    project = make.project()
    make.sales_price("90", project=project)
    make.cost_price("40")
    page = cleo.get(
        url("prices"),
        {
            "kind": "HOUR",
            "on": "2026-03-16",
            "project": project.pk,
            "category": make.category().pk,
            "quantity": "1.5",
        },
    )
    text = text_of(page)
    assert "135.00 EUR" in text and "60.00 EUR" in text and "(priority 4) wins." in text


@pytest.mark.parametrize("query", [{"kind": "ITEM", "on": "2026-03-16", "quantity": "1"}, {"kind": "X"}])
def test_a_question_that_cannot_be_is_422(cleo, query):
    make.firm()
    assert cleo.get(url("prices"), query).status_code == 422


# --- proposals


def test_the_preview_shows_what_the_run_will_take(cleo):
    project = make.project()
    make.post(make.draft(project), make.draft(project))
    page = cleo.get(url("propose"))
    (row,) = page.context["preview"]
    assert (row.project, row.count, row.net, row.currency) == (project, 2, Decimal(180), "EUR")
    answer = cleo.post(url("propose"), {"invoice_date": "2026-03-31"})
    run = Run.objects.get()
    assert answer.url == reverse("core:run", args=[run.pk])
    assert run.parameters["invoice_date"] == "2026-03-31"


def test_a_preview_without_date_is_422(cleo):
    make.firm()
    assert cleo.get(url("propose"), {"invoice_date": "soon"}).status_code == 422


def test_a_proposal_is_reviewed_and_posted(cleo):
    project = make.project()
    proposal = proposed(make.draft(project), make.draft(project, text="Drop me"))
    line, other = proposal.lines.order_by("pk")
    text = text_of(cleo.get(url("proposal", proposal.number)))
    assert "214.20" in text and "VAT 19 %" in text
    cleo.post(url("line_change", proposal.number, line.pk), {"version": 1, "price": "50", "text": "Cheaper"})
    cleo.post(url("line_drop", proposal.number, other.pk), {"version": 2})
    cleo.post(url("proposal_date", proposal.number), {"version": 3, "invoice_date": "2026-03-31"})
    answer = cleo.post(url("proposal_post", proposal.number), {"version": 4}, follow=True)
    text = text_of(answer)
    assert "INV-2026-000001 is posted." in text and "59.50" in text and "Cheaper" in text
    actions = list(
        Event.objects.filter(subject=f"invoiceproposal:{proposal.pk}").values_list("action", flat=True)
    )
    assert sorted(actions) == sorted(
        [
            "proposal_made",
            "proposal_line_changed",
            "proposal_line_dropped",
            "proposal_dated",
            "proposal_posted",
        ]
    )


def test_posting_twice_shows_the_invoice_there_is(cleo):
    proposal = proposed(make.draft(make.project()))
    for _ in range(2):
        answer = cleo.post(url("proposal_post", proposal.number), {"version": 1})
        assert answer.url == url("invoice", "INV-2026-000001")
    assert Transaction.objects.get().status == TransactionStatus.INVOICED


def test_a_stale_change_is_409_and_shows_the_proposal_as_it_stands(cleo):
    project = make.project()
    proposal = proposed(make.draft(project))
    line = proposal.lines.get()
    values = {"version": 1, "price": "50", "text": "A"}
    cleo.post(url("line_change", proposal.number, line.pk), values)
    page = cleo.post(url("line_change", proposal.number, line.pk), values | {"price": "60"})
    assert page.status_code == 409
    assert "Somebody else changed this proposal" in text_of(page) and "59.50" in text_of(page)


@pytest.mark.parametrize("price", ["", "much", "-3"])
def test_a_price_that_cannot_be_is_422(cleo, price):
    proposal = proposed(make.draft(make.project()))
    line = proposal.lines.get()
    page = cleo.post(
        url("line_change", proposal.number, line.pk), {"version": 1, "price": price, "text": "A"}
    )
    assert page.status_code == 422


def test_a_line_of_another_proposal_is_404(cleo):
    first, second = proposed(make.draft(make.project())), proposed(make.draft(make.project("Two")))
    line = second.lines.get()
    assert cleo.post(url("line_drop", first.number, line.pk), {"version": 1}).status_code == 404


def test_a_proposal_is_deleted(cleo):
    proposal = proposed(make.draft(make.project()))
    cleo.post(url("proposal_delete", proposal.number), {"version": 1})
    proposal.refresh_from_db()
    assert proposal.status == ProposalStatus.DELETED
    assert "has no lines any more" in text_of(cleo.get(url("proposal", proposal.number)))


def test_a_posted_proposal_takes_no_change(cleo):
    proposal = invoiced(make.draft(make.project())).proposal
    page = cleo.post(url("proposal_delete", proposal.number), {"version": proposal.version})
    assert page.status_code == 409 and "posted already as INV-2026-000001" in text_of(page)


def test_ticked_drafts_are_posted_by_a_run(cleo):
    proposal = proposed(make.draft(make.project()))
    cleo.post(url("post_ticked"), {"pk": [proposal.pk]})
    assert Run.objects.get(kind="post_invoices").parameters == {"proposals": [proposal.pk]}
    nothing = cleo.post(url("post_ticked"), {}, follow=True)
    assert "Tick the drafts" in text_of(nothing)


# --- invoices


def test_an_invoice_shows_lines_taxes_and_the_way_to_everything(cleo):
    invoice = invoiced(make.draft(make.project(), text="Oil change"))
    text = text_of(cleo.get(url("invoice", invoice.number)))
    for expected in (
        "Oil change",
        "107.10",
        "19 % on 90.00 EUR",
        invoice.voucher.number,
        invoice.proposal.number,
    ):
        assert expected in text


def test_a_foreign_invoice_shows_the_rate_and_company_total(cleo):
    smith = make.customer("Smith", currency="USD")
    invoice = invoiced(make.draft(make.project(customer=smith)))
    text = text_of(cleo.get(url("invoice", invoice.number)))
    assert "0.8" in text and "85.68 EUR" in text


def test_an_invoice_is_credited_with_a_reason_and_once(cleo):
    invoice = invoiced(make.draft(make.project()))
    target = url("invoice_credit", invoice.number)
    assert cleo.get(target).status_code == 200
    assert cleo.post(target, {"on": "2026-03-20", "text": ""}).status_code == 422
    assert cleo.post(target, {"on": "2026-03-01", "text": "Wrong"}).status_code == 422
    answer = cleo.post(target, {"on": "2026-03-20", "text": "Wrong"}, follow=True)
    assert "CN-2026-000001 is posted." in text_of(answer) and "−107.10" in text_of(answer)
    again = cleo.post(target, {"on": "2026-03-20", "text": "Wrong"})
    assert again.status_code == 409 and "credited already by CN-2026-000001" in text_of(again)
    assert "Credited in whole by CN-2026-000001" in text_of(cleo.get(url("invoice", invoice.number)))
    assert "CN-2026-000001" in text_of(cleo.get(url("invoices")))


def test_a_credit_note_offers_no_credit(cleo):
    note = credit_invoice(invoiced(make.draft(make.project())).pk, on=make.TODAY, by=None, at=make.NOW)
    assert "/credit/" not in text_of(cleo.get(url("invoice", note.number)))


# --- who may


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
