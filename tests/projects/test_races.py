"""Two at once: proposing, posting, crediting and reversing the same work happens once, without gaps."""

import threading
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from servicemgmt.core.errors import Refused
from servicemgmt.projects.accruals.operations import Accrued, accrue
from servicemgmt.projects.accruals.queries import slices_due
from servicemgmt.projects.models import (
    AccrualPosting,
    CustomerItem,
    Invoice,
    InvoiceKind,
    InvoiceProposal,
    Payment,
    Settlement,
    Transaction,
)
from servicemgmt.projects.operations import (
    credit_invoice,
    make_proposals,
    post_proposal,
    post_proposals,
    reverse_transactions,
)
from tests import make_money as make
from tests.make_accruals import accrue_until, deferred
from tests.make_money import invoiced, proposed
from tests.projects.test_payments import LATER, check_open_is_the_receivable, method, pay

pytestmark = pytest.mark.django_db(transaction=True)


def together(*works: Callable[[], object]) -> list[object]:
    """Run them at the same moment; what each gave, or the refusal it got."""
    gate, results = threading.Barrier(len(works)), []

    def run(work: Callable[[], object]) -> None:
        gate.wait()
        try:
            results.append(work())
        except Refused as refusal:
            results.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(results) == len(works)
    return results


def refusals(results: list[object]) -> list[Refused]:
    return [result for result in results if isinstance(result, Refused)]


def test_two_people_posting_the_same_proposal_make_one_invoice():
    proposal = proposed(make.draft(make.project()))

    def post() -> Invoice:
        return post_proposal(proposal.pk, version=1, by=None, at=make.NOW)

    results = together(post, post, post)
    assert len(refusals(results)) == 2
    assert Invoice.objects.get().number == "INV-2026-000001"


def test_two_people_proposing_the_same_work_make_one_proposal():
    make.post(make.draft(make.project()))

    def propose() -> list[InvoiceProposal]:
        return make_proposals(Transaction.objects.all(), invoice_date=make.TODAY, by=None, at=make.NOW)

    assert len(refusals(together(propose, propose))) == 1
    assert InvoiceProposal.objects.get().lines.count() == 1


def test_proposing_and_reversing_the_same_work_does_one_of_them():
    (row,) = make.post(make.draft(make.project()))
    results = together(
        lambda: make_proposals([row], invoice_date=make.TODAY, by=None, at=make.NOW),
        lambda: reverse_transactions([row], on=make.TODAY, by=None, at=make.NOW),
    )
    assert len(refusals(results)) == 1
    assert InvoiceProposal.objects.count() + Transaction.objects.filter(adjusts=row).count() == 1


def test_36_two_people_crediting_an_invoice_make_one_credit_note():
    invoice = invoiced(make.draft(make.project()))

    def credit() -> Invoice:
        return credit_invoice(invoice.pk, on=make.TODAY, by=None, at=make.NOW)

    assert len(refusals(together(credit, credit))) == 1
    assert Invoice.objects.filter(kind=InvoiceKind.CREDIT_NOTE).count() == 1


def test_3_four_workers_posting_forty_proposals_make_forty_invoices_without_gap():
    keys = [proposed(make.draft(make.project(f"P{n}"))).pk for n in range(40)]
    shares = [keys[n : n + 20] for n in (0, 10, 20)] + [list(reversed(keys[5:25]))]
    together(*(lambda share=share: post_proposals(share, by=None, at=make.NOW) for share in shares))
    numbers = sorted(Invoice.objects.values_list("number", flat=True))
    assert numbers == [f"INV-2026-{n:06}" for n in range(1, 41)]


def test_64_a_posting_that_fails_after_its_number_was_taken_leaves_no_gap():
    first, second = proposed(make.draft(make.project())), proposed(make.draft(make.project("Two")))
    with transaction.atomic():
        assert post_proposal(first.pk, version=1, by=None, at=make.NOW).number == "INV-2026-000001"
        transaction.set_rollback(True)
    assert post_proposal(second.pk, version=1, by=None, at=make.NOW).number == "INV-2026-000001"


def test_48_two_runs_at_once_recognise_a_slice_once():
    deferred("300", date(2026, 1, 1), date(2026, 3, 31))
    keys = list(slices_due(date(2026, 2, 28)).values_list("pk", flat=True))

    def recognise() -> Accrued:
        return accrue(keys, by=None, at=make.NOW)

    done = together(recognise, recognise, recognise)
    assert sorted(one.posted for one in done if isinstance(one, Accrued)) == [0, 0, 2]
    assert AccrualPosting.objects.filter(kind="RECOGNISED").count() == 2


def test_49_recognising_and_crediting_at_once_leave_nothing_deferred():
    invoice = deferred("300", date(2026, 1, 1), date(2026, 3, 31))
    together(
        lambda: accrue_until(date(2026, 2, 28)),
        lambda: credit_invoice(invoice.pk, on=make.TODAY, by=None, at=make.NOW),
    )
    assert AccrualPosting.objects.aggregate(sum=Sum("amount"))["sum"] == 0


def test_a_payment_and_a_credit_of_the_same_invoice_at_once_settle_it_once_and_stay_in_the_books():
    invoice = invoiced(make.draft(make.project()))
    item = CustomerItem.objects.get()
    method()

    def credit() -> Invoice:
        return credit_invoice(invoice.pk, on=LATER, by=None, at=make.NOW)

    def paid() -> Payment:
        return pay(str(invoice.gross), settle={item.pk: invoice.gross})

    results = together(paid, credit, paid)
    assert len(refusals(results)) in (1, 2), "of the two payments at most one settles the invoice"
    assert Invoice.objects.filter(kind=InvoiceKind.CREDIT_NOTE).count() == 1
    item.refresh_from_db()
    assert item.open == 0
    assert Settlement.objects.filter(debit=item).aggregate(sum=Sum("amount"))["sum"] == invoice.gross
    check_open_is_the_receivable()
