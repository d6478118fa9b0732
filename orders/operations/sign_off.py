"""Sign-off: who confirms that the work is complete, how, and a hash over exactly what he saw (SO-21)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from orders.canonical import canonical_form
from orders.client import is_skewed, once
from orders.models import ClockEnd, LineStatus, ServiceOrder, SignOff, SlaStatus, StageReasonCode
from orders.printed import printed
from orders.rules import why_not_sign
from servicemgmt.core.audit import record, subject_of
from servicemgmt.core.canonical import sha256_of
from servicemgmt.core.documents import keep_later
from servicemgmt.core.errors import Invalid, refusing
from servicemgmt.core.models import User
from servicemgmt.core.strokes import clean_strokes

from .clock import CLOCK_FIELDS, halt_clock, logs_of, running_of
from .lock import check_order, insist, lock_order, save_order


@transaction.atomic
def sign_off(
    order_id: int,
    *,
    version: int | None,
    by: User,
    at: datetime,
    device_at: datetime,
    signer_name: str,
    signer_role: str = "",
    strokes: object = None,
    is_typed: bool = False,
    key: UUID,
    with_prices: bool = False,
    reason: StageReasonCode | None = None,
    text: str = "",
) -> SignOff:
    """Sign all Created lines of an order and stop its SLA clock.

    `strokes` is the drawn signature; `is_typed` takes the name alone. `with_prices` says that the signer was shown
    sales prices. A worker archives the receipt. Sent again with the same key, the first sign-off is the answer.
    `reason` is demanded where the SLA is exceeded and the parameter is on. Raises Refused, Stale; Invalid at its field.
    """
    order = lock_order(order_id)
    write, is_new = once(
        key, user=by, action="signed_off", subject=subject_of(order), device_at=device_at, at=at
    )
    if not is_new:
        return SignOff.objects.get(client_write=write)
    check_order(order, version)
    insist(why_not_sign(order))
    if not signer_name.strip():
        raise Invalid(_("Enter the name of who signs."), field="signer_name")
    canonical = canonical_form(order, with_prices=with_prices)
    with refusing(signoff_one_valid_per_order=_("The service order is signed off already.")):
        row = SignOff.objects.create(
            order=order,
            signer_name=signer_name.strip(),
            signer_role=signer_role.strip(),
            strokes=[] if is_typed else clean_strokes(strokes),
            is_typed=is_typed,
            canonical=canonical,
            sha256=sha256_of(canonical),
            printed=printed(order),
            device_at=device_at,
            signed_at=at,
            taken_by=by,
            client_write=write,
        )
    _sign(order, by=by, at=at, device_at=device_at, reason=reason, text=text)
    changes = {"sign-off": [None, f"{row.signer_name} {row.sha256[:12]}"]}
    if is_skewed(write):
        changes["device clock"] = [device_at.isoformat(), at.isoformat()]
    record("signed_off", order, by=by, changes=changes)
    keep_later("receipt", [row.pk])
    return row


def _sign(
    order: ServiceOrder,
    *,
    by: User,
    at: datetime,
    device_at: datetime,
    reason: StageReasonCode | None,
    text: str,
) -> None:
    """Mark order and lines; the clock stops when the customer signed, if the device's time can be true."""
    order.signed_off_at = at
    order.lines.filter(status=LineStatus.CREATED).update(signed_off_at=at)
    if order.sla_status == SlaStatus.STARTED:
        running = running_of(logs_of(order))
        stop = device_at if running and running.started_at <= device_at <= at else at
        halt_clock(order, stop=stop, at=at, ended_by=ClockEnd.SIGN_OFF, by=by, reason=reason, text=text)
    save_order(order, "signed_off_at", *CLOCK_FIELDS)
