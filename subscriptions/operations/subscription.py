"""Keeping subscriptions."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.quoting.rules import why_not_in_force
from servicemgmt.core.audit import record
from servicemgmt.core.editing import change_row, create_row
from servicemgmt.core.errors import Invalid, Refused, Stale
from servicemgmt.core.models import User
from servicemgmt.core.money import MOST_AMOUNT
from servicemgmt.core.numbers import take_number
from servicemgmt.projects.models import ProjectKind

from ..models import Subscription
from ..queries import PriceFound, find_price


@transaction.atomic
def create_subscription(*, by: User | None, **fields: Any) -> Subscription:
    """SB-01: a new subscription, numbered from its group's sequence, else by the number given.

    The currency is the project's. Raises Invalid at the field: project not time and material, category that is no
    subscription fee, number missing, agreement of another project.
    """
    row = Subscription(**fields)
    row.currency = row.project.currency
    check(row)
    if row.group.sequence_id:
        row.number = take_number(row.group.sequence_id)
    elif not row.number:
        raise Invalid(_("This group has no number sequence; type a number."), field="number")
    return create_row(row, by=by)


def save_subscription(pk: int, *, version: int, by: User | None, **fields: Any) -> Subscription:
    """Change a subscription; future fees follow, those made stay. Raises Stale; Invalid at the field.

    Project and group stay once there are fees (the currency and the period come from them).
    """
    row = Subscription.objects.select_related("project", "group").get(pk=pk)
    has_fees = row.fees.exists()
    for name in ("project", "group"):
        if has_fees and name in fields and fields[name] != getattr(row, name):
            raise Invalid(_("There are fees already; make another subscription instead."), field=name)
    for name, value in fields.items():
        setattr(row, name, value)
    row.currency = fields["currency"] = row.project.currency
    check(row)
    return change_row(Subscription, pk, version=version, by=by, fields=fields)


def check(row: Subscription) -> None:
    """SB-01, PR-12, scenario 95."""
    if row.project.kind != ProjectKind.TIME_AND_MATERIAL:
        raise Invalid(_("A subscription needs a time and material project."), field="project")
    if not row.category.for_subscriptions:
        raise Invalid(_("Choose a fee category that is enabled for subscriptions."), field="category")
    if row.agreement and row.agreement.project_id != row.project_id:
        raise Invalid(_("The agreement belongs to another project."), field="agreement")
    if row.agreement and row.agreement.is_template:
        raise Invalid(
            _("%(number)s is a template; choose the agreement made from it.")
            % {"number": row.agreement.number},
            field="agreement",
        )
    if row.agreement and (sentence := why_not_in_force(row.agreement)):
        raise Invalid(sentence, field="agreement")
    if row.ends_on and row.ends_on < row.starts_on:
        raise Invalid(_("The subscription would end before it starts."), field="ends_on")
    if row.base_price * row.index / 100 > MOST_AMOUNT:
        raise Invalid(_("Base price and index make a fee that is too large."), field="base_price")


@transaction.atomic
def set_active(pk: int, *, active: bool, version: int, by: User | None) -> Subscription:
    """SB-02: fees are made only for active subscriptions. Raises Stale, Refused where it is so already."""
    row: Subscription = Subscription.objects.select_for_update(of=["self"], no_key=True).get(pk=pk)
    if row.version != version:
        raise Stale(_("%(number)s was changed by someone else meanwhile.") % {"number": row.number})
    if row.is_active == active:
        raise Refused(
            _("The subscription is active already.") if active else _("The subscription is not active.")
        )
    row.is_active = active
    row.version += 1
    row.save(update_fields=["is_active", "version"])
    record("activated" if active else "deactivated", row, by=by)
    return row


def suggested_price(row: Subscription, on: date) -> PriceFound | None:
    """SB-01, SB-03: the base price that the price table proposes for an unsaved or saved subscription."""
    row.currency = row.project.currency
    return find_price(row, row.group.period_type, on)
