"""Every figure opens both ways: order line ↔ transaction ↔ invoice ↔ voucher (issue 3, part 6)."""

import pytest
from django.urls import reverse

from orders.posting import post_order_lines
from servicemgmt.core.roles import FINANCE
from servicemgmt.projects.models import Transaction
from servicemgmt.projects.operations import make_proposals, post_proposal
from tests.cast import user_in
from tests.make_money import NOW, TODAY
from tests.make_orders import make_done_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def row() -> Transaction:
    order = make_done_order(kinds=("HOUR",))
    post_order_lines(order.pk, by=None, at=NOW)
    for proposal in make_proposals(Transaction.objects.all(), invoice_date=TODAY, by=None, at=NOW):
        post_proposal(proposal.pk, version=proposal.version, by=None, at=NOW)
    return Transaction.objects.get()


def pages_of(row: Transaction) -> dict[str, str]:
    order = row.order_line.order
    return {
        "order": reverse("orders:order", args=[order.number]),
        "transaction": reverse("projects:transaction", args=[row.pk]),
        "invoice": reverse("projects:invoice", args=[row.invoice.number]),
        "voucher": reverse("ledger:voucher", args=[row.voucher.number]),
        "invoice voucher": reverse("ledger:voucher", args=[row.invoice.voucher.number]),
    }


def opens(row: Transaction) -> dict[str, list[str]]:
    """The addresses that a document's link may have: its page, or the way by its place in the trail."""
    order = row.order_line.order
    subjects = {
        "order": f"serviceorder:{order.pk}",
        "transaction": f"transaction:{row.pk}",
        "invoice": f"invoice:{row.invoice_id}",
    }
    return {
        name: [url, *([reverse("core:open_subject", args=[subjects[name]])] if name in subjects else [])]
        for name, url in pages_of(row).items()
    }


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("order", "transaction"),
        ("order", "voucher"),
        ("order", "invoice"),
        ("transaction", "order"),
        ("transaction", "voucher"),
        ("transaction", "invoice"),
        ("invoice", "order"),
        ("invoice", "transaction"),
        ("invoice", "invoice voucher"),
        ("voucher", "order"),
        ("voucher", "transaction"),
        ("invoice voucher", "invoice"),
        ("invoice voucher", "transaction"),
    ],
)
def test_one_document_opens_the_next(client, row, start, end):
    client.force_login(user_in(FINANCE))
    page = client.get(pages_of(row)[start]).content.decode()
    links = [url for url in opens(row)[end] if f'href="{url}"' in page]
    assert links, f"the page of the {start} has no way to the {end}"
    assert client.get(links[0], follow=True).redirect_chain[-1:] in ([], [(pages_of(row)[end], 302)])
