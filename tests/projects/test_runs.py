"""The mass jobs of invoicing: billing-rules 4 to 8 and 66."""

from datetime import date
from decimal import Decimal

import pytest

from servicemgmt.core.models import Event, RunMessage
from servicemgmt.core.runs import execute_to_end, progress, retry_run, start_run
from servicemgmt.ledger.models import TaxRule
from servicemgmt.masterdata.models import ExchangeRate, InvoiceGrouping
from servicemgmt.projects.billing.grouping import expected_credits, expected_invoices
from servicemgmt.projects.models import Invoice, InvoiceProposal, Transaction, TransactionStatus
from servicemgmt.projects.operations import change_line, credit_invoice, post_proposal, select_for_credit
from servicemgmt.projects.queries import work_to_credit, work_to_invoice
from tests import make_money as make
from tests.cast import user_in
from tests.projects.ask import text_of, url

pytestmark = pytest.mark.django_db(transaction=True)


def run(kind: str, **parameters: object):
    made = start_run(kind, by=user_in("Finance"), parameters=parameters, enqueue=False)
    execute_to_end(made)
    made.refresh_from_db()
    return made


def propose(**parameters: object):
    return run("make_proposals", invoice_date="2026-03-31", **parameters)


def messages(of) -> list[str]:
    return list(RunMessage.objects.filter(run=of).values_list("text", flat=True))


def test_work_is_proposed_per_project_and_a_second_run_makes_none():
    for n in range(3):
        make.post(make.draft(make.project(f"P{n}")), make.draft(make.project(f"Q{n}")))
    first = propose()
    assert progress(first).counts == {"proposals": 6}
    assert set(InvoiceProposal.objects.values_list("run", "invoice_date")) == {(first.pk, date(2026, 3, 31))}
    assert progress(propose()).counts == {}
    assert InvoiceProposal.objects.count() == 6
    told = Event.objects.filter(action="proposal_made").values_list("subject", "run", "actor_name")
    assert set(told) == {
        (f"invoiceproposal:{row.pk}", first.pk, user_in("Finance").name)
        for row in InvoiceProposal.objects.all()
    }


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"until": "2026-03-15"}, 0),
        ({"until": "2026-03-16"}, 2),
        ({"since": "2026-03-16"}, 2),
        ({"since": "2026-03-17"}, 0),
        ({"source": "SUBSCRIPTION"}, 0),
        ({"kinds": ["FEE", "ITEM"]}, 0),
        ({"kinds": ["HOUR", "FEE"]}, 2),
        ({"customer": 0}, 0),
    ],
)
def test_PR_13_only_chosen_work_is_proposed(parameters, found):
    make.post(make.draft(make.project()), make.draft(make.project("Two")))
    if "customer" in parameters:
        parameters["customer"] = make.customer("Nobody").pk
    propose(**parameters)
    assert InvoiceProposal.objects.count() == found


def test_7_a_project_without_its_tax_cell_is_refused_alone():
    payer = make.customer("Smith", tax_group="ABROAD")
    make.post(make.draft(make.project()), make.draft(make.project("Two", invoice_customer=payer)))
    TaxRule.objects.filter(customer_group__code="ABROAD").delete()
    made = propose()
    assert progress(made).counts == {"proposals": 1, "refused": 1}
    assert "no cell for customers “Abroad”" in messages(made)[0]


def test_invoices_are_posted_and_again_nothing():
    make.post(*(make.draft(make.project(f"P{n}")) for n in range(30)))
    propose()
    keys = list(InvoiceProposal.objects.values_list("pk", flat=True))
    first = run("post_invoices", proposals=keys)
    assert progress(first).counts == {"invoices": 30}
    again = run("post_invoices", proposals=keys)
    assert progress(again).counts == {"invoices": 0, "refused": 30}
    assert "is not a draft: it is posted" in messages(again)[0]
    numbers = sorted(Invoice.objects.values_list("number", flat=True))
    assert numbers == [f"INV-2026-{n:06}" for n in range(1, 31)]
    assert set(Transaction.objects.values_list("status", flat=True)) == {TransactionStatus.INVOICED}
    assert set(Invoice.objects.values_list("run", flat=True)) == {first.pk}
    for action, model in (("invoice_posted", Invoice), ("proposal_posted", InvoiceProposal)):
        told = Event.objects.filter(action=action).values_list("subject", "subject_label", "run")
        assert set(told) == {
            (f"{model._meta.model_name}:{row.pk}", row.number, first.pk) for row in model.objects.all()
        }


def test_7_a_document_without_exchange_rate_is_named_and_the_rest_is_posted():
    smith = make.customer("Smith", currency="USD")
    make.post(make.draft(make.project()), make.draft(make.project("Two", customer=smith)))
    propose()
    rates = list(ExchangeRate.objects.filter(currency__code="USD"))
    ExchangeRate.objects.filter(currency__code="USD").delete()
    made = run("post_invoices", proposals=list(InvoiceProposal.objects.values_list("pk", flat=True)))
    assert progress(made).counts == {"invoices": 1, "refused": 1}
    assert "There is no exchange rate for USD" in messages(made)[0]
    ExchangeRate.objects.bulk_create(rates)
    again = execute_to_end(retry_run(made.pk, by=user_in("Finance")))
    assert progress(again).counts == {"invoices": 1}


def test_66_what_the_program_cannot_foresee_is_halved_down_to_the_culprit():
    from servicemgmt.ledger.models import PostingProfile

    odd = make.category("HOUR", "ODD")
    make.post(
        *(make.draft(make.project(f"P{n}")) for n in range(5)), make.draft(make.project("Odd"), category=odd)
    )
    propose()
    general = PostingProfile.objects.get(purpose="HOUR_REVENUE")
    PostingProfile.objects.create(purpose="HOUR_REVENUE", category_code="HOUR", account=general.account)
    general.delete()
    made = run("post_invoices", proposals=list(InvoiceProposal.objects.values_list("pk", flat=True)))
    assert progress(made).counts == {"invoices": 5, "refused": 1}
    assert "“Revenue of hours, category ODD”" in messages(made)[0]


def test_PR_13_one_invoice_for_what_the_customer_wants_it_for():
    huber = make.customer()
    north, south = make.project("North", purchase_order="PO 1"), make.project("South", purchase_order="PO 1")
    lone = make.project("Lone")
    for on_project, agreement in ((north, "SA-1"), (north, ""), (south, "SA-1"), (lone, "")):
        make.post(make.draft(on_project, agreement_number=agreement))
    found = {
        rule: sorted(row.names for row in expected_invoices(work_to_invoice(), rule))
        for rule in InvoiceGrouping
    }
    n, s, o = north.number, south.number, lone.number
    assert found == {
        "CUSTOMER": [f"{n}, {s}, {o}"],
        "PROJECT": [n, s, o],
        "SITE": [n, s, o],
        "AGREEMENT": sorted([f"{n}, {s}", n, o]),
        "ORDER": sorted([f"{n}, {s}", o]),
    }
    huber.one_invoice_per = InvoiceGrouping.PURCHASE_ORDER
    huber.save()
    preview = expected_invoices(work_to_invoice())
    propose()
    made = InvoiceProposal.objects.all()
    assert sorted((row.project, row.lines.count()) for row in made if row.project) == [(lone, 1)]
    assert {row.lines.count() for row in made} == {row.count for row in preview} == {3, 1}


def test_PR_13_methods_make_invoices_or_credit_notes_or_both():
    invoice = make.invoiced(make.draft(make.project()))
    row = invoice.lines.get().transaction
    select_for_credit([row.pk], by=None)
    make.post(make.draft(make.project("New")))
    assert progress(propose(method="INVOICES")).counts == {"proposals": 1}
    assert not invoice.credit_proposals.exists()
    assert progress(propose(method="CREDITS")).counts == {"proposals": 1}
    assert invoice.credit_proposals.get().lines.get().net == -90
    assert progress(propose()).counts == {}


def test_PR_15_the_preview_of_credit_notes_is_what_the_run_makes():
    work = make.project()
    proposal = make.proposed(*(make.draft(work, quantity=Decimal(n)) for n in (1, 2, 3)))
    repriced, parted, _kept = proposal.lines.order_by("pk")
    proposal = change_line(repriced.pk, version=proposal.version, price=Decimal(70), by=None)
    invoice = post_proposal(proposal.pk, version=proposal.version, by=None, at=make.NOW)
    part = invoice.lines.get(transaction=parted.transaction)
    credit_invoice(invoice.pk, on=make.TODAY, by=None, at=make.NOW, amounts={part.pk: Decimal(30)})
    select_for_credit([repriced.transaction_id, parted.transaction_id], by=None)
    (expected,) = expected_credits(work_to_credit())
    propose()
    made = invoice.credit_proposals.get(status="DRAFT")
    lines = [line.net for line in made.lines.order_by("pk")]
    assert (expected.count, expected.net) == (len(lines), sum(lines)) == (2, Decimal(-220))
    assert (expected.customer, expected.currency) == (made.customer.name, made.currency.code)


def test_an_invoice_over_two_projects_is_found_with_either(cleo):
    huber = make.customer()
    huber.one_invoice_per = InvoiceGrouping.CUSTOMER
    huber.save()
    one, two = make.project("One"), make.project("Two")
    proposal = make.proposed(make.draft(one), make.draft(two))
    assert proposal.project is None
    invoice = post_proposal(proposal.pk, version=proposal.version, by=None, at=make.NOW)
    for project in (one, two):
        assert invoice.number in text_of(cleo.get(url("project", project.number)))
        assert invoice.number in text_of(cleo.get(url("invoices"), {"project": project.pk}))
    assert invoice.number not in text_of(cleo.get(url("invoices"), {"project": make.project("Three").pk}))
