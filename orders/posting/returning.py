"""Parts of an order that were used and posted, and of which some come back."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from orders.models import LineStatus
from orders.operations.lock import lock_order, save_order
from servicemgmt.core.audit import Changes, plain, record
from servicemgmt.core.errors import Refused
from servicemgmt.core.models import User
from servicemgmt.masterdata.queries import company_day_at
from servicemgmt.projects.operations import Returned, return_goods


@transaction.atomic
def return_part(
    order_id: int,
    line_id: int,
    quantity: Decimal,
    *,
    version: int | None,
    by: User | None,
    at: datetime,
    text: str = "",
    lot: str = "",
) -> Returned:
    """Bring a part of a posted item line back to stock, dated today in the company's zone; see `return_goods`.

    The line stays posted and signed as it was. Raises Refused for a line that is not posted, Invalid, Stale.
    """
    order = lock_order(order_id, version=version)
    line = order.lines.filter(pk=line_id, status=LineStatus.POSTED).first()
    if line is None or line.transaction_id is None:
        raise Refused(_("Only what is posted can come back to stock."))
    day = company_day_at(at)
    made = return_goods(line.transaction_id, quantity, on=day, by=by, at=at, text=text, lot=lot)
    save_order(order)
    changes: Changes = {"line": [None, str(line)], "quantity": [None, plain(quantity)]}
    if lot:
        changes["lot"] = [None, lot]
    if made.credit_note:
        changes["credit_note"] = [None, made.credit_note.number]
    record("part_returned", order, by=by, changes=changes)
    return made
