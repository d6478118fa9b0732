"""What the database itself keeps of documents, items and the life of work (PR-13, PR-15, billing-rules 1 and 41)."""

from itertools import permutations

import pytest

from servicemgmt.projects.models import (
    TRANSACTION_MOVES,
    CustomerItem,
    Invoice,
    InvoiceLine,
    InvoiceTax,
    ProposalLine,
    Transaction,
    TransactionStatus,
)
from tests import make_money as make
from tests.ledger.test_guards import run
from tests.make_money import invoiced, proposed
from tests.projects.test_payments import pay

pytestmark = pytest.mark.django_db


def copied(model, **others: str) -> str:
    """SQL that inserts copies of the table's rows, but for these columns."""
    columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    names = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join(others.get(column, f'"{column}"') for column in columns)
    return f"INSERT INTO {model._meta.db_table} ({names}) SELECT {values} FROM {model._meta.db_table}"


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        (copied(InvoiceLine, position="position + 1"), "invoice_takes_no_more_lines"),
        (copied(InvoiceTax, percent="percent + 1"), "invoice_takes_no_more_taxes"),
        (copied(ProposalLine, transaction_id="0"), "proposal_posted_takes_no_more_lines"),
        (copied(Invoice, number="'X'", proposal_id="NULL", voucher_id="0"), "invoice_is_its_lines"),
    ],
)
def test_PR_13_what_is_posted_takes_nothing_more_and_is_the_sum_of_its_lines(statement, constraint):
    invoiced(make.draft(make.project()))
    assert run(statement) == constraint


def test_PR_13_a_line_of_a_draft_cannot_move_into_a_posted_proposal():
    posted = invoiced(make.draft(make.project())).proposal
    line = proposed(make.draft(make.project())).lines.get()
    into = f"UPDATE projects_proposalline SET proposal_id = {posted.pk} WHERE id = {line.pk}"
    assert run(into) == "proposalline_posted_is_frozen"


SETTLED = (
    "INSERT INTO projects_settlement"
    ' (debit_id, credit_id, "on", amount, debit_company, credit_company, difference)'
    " VALUES ({debit}, {credit}, '2026-03-30', 20, 20, 20, 0)"
)
#: An item of which nothing is open from the start.
SETTLED_ITEM = copied(
    CustomerItem,
    kind="'OPENING'",
    invoice_id="NULL",
    payment_id="NULL",
    voucher_id="(SELECT min(id) FROM ledger_voucher)",
    open="0",
    company_open="0",
)


@pytest.mark.parametrize(
    "statements",
    [
        [SETTLED, "SET CONSTRAINTS ALL IMMEDIATE"],
        [SETTLED.replace("{credit}", "0"), "SET CONSTRAINTS settlement_lowers_what_is_open IMMEDIATE"],
        [SETTLED_ITEM, "SET CONSTRAINTS ALL IMMEDIATE"],
    ],
)
def test_a_settlement_or_an_item_alone_is_noticed(statements):
    keys = {"debit": invoiced(make.draft(make.project())).item.pk, "credit": pay("50").item.pk}
    assert run(*(statement.format(**keys) for statement in statements)) == "customeritem_open_is_what_is_left"


def shapes(row: Transaction) -> dict[str, tuple[str, str]]:
    """Proposal and invoice of a transaction in each status, as SET takes them."""
    proposal, invoice = str(row.proposal_id), str(row.invoice_id)
    return dict.fromkeys(TransactionStatus.values, (proposal, invoice)) | {
        TransactionStatus.POSTED: ("NULL", "NULL"),
        TransactionStatus.IN_PROPOSAL: (proposal, "NULL"),
        TransactionStatus.REVERSED: ("NULL", "NULL"),
    }


def test_1_in_sql_too_a_transaction_moves_only_as_the_product_moves_it():
    invoiced(make.draft(make.project()))
    row = Transaction.objects.get()
    columns = shapes(row)
    found = {status: set() for status in TransactionStatus.values}
    for old, new in permutations(TransactionStatus.values, 2):
        (proposal, invoice), (next_proposal, next_invoice) = columns[old], columns[new]
        refused = run(
            copied(Transaction, status=f"'{old}'", proposal_id=proposal, invoice_id=invoice),
            f"UPDATE projects_transaction SET status = '{new}', proposal_id = {next_proposal},"
            f" invoice_id = {next_invoice} WHERE id <> {row.pk}",
            "SELECT 1 / 0",
        )
        assert refused in {"", "transaction_moves_as_allowed"}
        if not refused:
            found[old].add(new)
    assert found == TRANSACTION_MOVES


@pytest.mark.parametrize("column", ["proposal_id", "invoice_id"])
@pytest.mark.parametrize("value", ["NULL", "0"])
def test_1_what_is_invoiced_stays_where_it_was_invoiced(column, value):
    invoiced(make.draft(make.project()))
    assert run(f"UPDATE projects_transaction SET {column} = {value}") == "transaction_moves_as_allowed"
