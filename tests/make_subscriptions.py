"""Builders of subscriptions on top of the money side's firm."""

from datetime import date
from decimal import Decimal
from typing import Any

from servicemgmt.core.models import NumberSequence
from servicemgmt.projects.models import Category, PeriodType
from subscriptions.models import Subscription, SubscriptionGroup
from subscriptions.operations import create_subscription
from tests import make_money


def make_group(
    code: str = "MONTHLY", *, unit: str = "MONTH", count: int = 1, **fields: Any
) -> SubscriptionGroup:
    """A group that invoices every `count` units from 1 January."""
    found = SubscriptionGroup.objects.filter(code=code).first()
    if found:
        return found
    sequence, _created = NumberSequence.objects.get_or_create(
        code="subscription", defaults={"description": "Subscriptions", "prefix": "SUB-"}
    )
    period_type, _created = PeriodType.objects.get_or_create(
        code=code, defaults={"description": code.capitalize(), "unit": unit, "count": count}
    )
    values = {"description": code.capitalize(), "period_type": period_type, "sequence": sequence} | fields
    return SubscriptionGroup.objects.create(code=code, **values)


def make_subscription(
    *, base_price: str = "310", index: str = "100", starts_on: date = date(2011, 1, 1), **fields: Any
) -> Subscription:
    """An active subscription of a monthly group on a time and material project in euro."""
    make_money.firm()
    fields.setdefault("group", None)
    fields["group"] = fields["group"] or make_group()
    if "project" not in fields:
        fields["project"] = make_money.project()
    if "category" not in fields:
        fields["category"] = Category.objects.filter(for_subscriptions=True).first() or make_money.category(
            "FEE", "HOTLINE", for_subscriptions=True
        )
    return create_subscription(
        by=None,
        name="Hotline",
        base_price=Decimal(base_price),
        index=Decimal(index),
        starts_on=starts_on,
        **fields,
    )
