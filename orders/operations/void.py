"""Voiding a sign-off: the signature stays, with the moment and the reason it ceased to stand for the lines."""

from datetime import datetime

from orders.models import LineStatus, ServiceOrder, SignOff
from servicemgmt.core.audit import record
from servicemgmt.core.models import User


def void_sign_off(order: ServiceOrder, *, by: User | None, at: datetime, reason: str) -> bool:
    """Void the valid sign-off of the locked order, if there is one; posted lines keep theirs.

    The caller saves the order's `signed_off_at`.
    """
    if order.signed_off_at is None:
        return False
    SignOff.objects.filter(order=order, voided_at__isnull=True).update(
        voided_at=at, voided_by=by, void_reason=reason[:160]
    )
    order.signed_off_at = None
    order.lines.filter(signed_off_at__isnull=False).exclude(status=LineStatus.POSTED).update(
        signed_off_at=None
    )
    record("sign_off_voided", order, by=by, changes={"sign-off": [None, reason]})
    return True
