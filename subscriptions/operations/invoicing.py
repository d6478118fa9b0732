"""Fees into invoice proposals (SB-17)."""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils.translation import gettext as _

from servicemgmt.core.errors import Refused
from servicemgmt.core.models import User
from servicemgmt.projects.models import InvoiceProposal
from servicemgmt.projects.operations import make_proposals

from ..queries import fees_to_invoice


def propose_fees(
    *,
    invoice_date: date,
    by: User | None,
    at: datetime,
    subscriptions: Iterable[int] | None = None,
    group: int | None = None,
) -> list[InvoiceProposal]:
    """Put the fees that wait for an invoice into proposals, one per invoiced customer, project and currency.

    Raises Refused where no fee waits.
    """
    fees = list(fees_to_invoice(subscriptions=subscriptions, group=group))
    if not fees:
        raise Refused(_("No fee waits for an invoice."))
    return make_proposals((fee.transaction for fee in fees), invoice_date=invoice_date, by=by, at=at)
