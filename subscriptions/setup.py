"""The small masters of this app, and what can be searched for."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from servicemgmt.core.audit import register_subject
from servicemgmt.core.errors import Invalid
from servicemgmt.core.models import User
from servicemgmt.core.periods import Unit
from servicemgmt.core.search import register as searchable
from servicemgmt.core.setup import Setup, register

from .models import Subscription, SubscriptionGroup, SubscriptionPrice

SECTION = gettext_lazy("Subscriptions")
#: SB-19: the accrual periods an invoicing period may be cut into; the same is always allowed.
ACCRUES_AS = {
    Unit.YEAR: {Unit.YEAR, Unit.QUARTER, Unit.MONTH, Unit.DAY},
    Unit.QUARTER: {Unit.QUARTER, Unit.MONTH, Unit.DAY},
    Unit.MONTH: {Unit.MONTH, Unit.DAY},
    Unit.WEEK: {Unit.WEEK, Unit.DAY},
    Unit.DAY: {Unit.DAY},
}


def check_group(group: Any, by: User | None) -> None:
    """SB-19, scenario 97: an invoicing period is cut into accrual periods that divide it."""
    accrual = group.accrual_period_type
    if accrual and accrual.unit not in ACCRUES_AS[Unit(group.period_type.unit)]:
        raise Invalid(
            _("%(invoicing)s fees cannot be accrued by %(accrual)s.")
            % {"invoicing": group.period_type, "accrual": accrual},
            field="accrual_period_type",
        )


register(
    Setup(
        SubscriptionGroup,
        section=SECTION,
        fields=["code", "description", "period_type", "accrue_revenue", "accrual_period_type", "sequence"],
        clean=check_group,
        help=gettext_lazy(
            "What the subscriptions of a group share: how often they are invoiced, and their numbers."
        ),
    )
)
register(
    Setup(
        SubscriptionPrice,
        section=SECTION,
        fields=["valid_from", "period_type", "currency", "category", "project", "subscription", "price"],
        help=gettext_lazy(
            "What one whole period costs. A row that names more of subscription, project and category goes first."
        ),
    )
)
searchable(Subscription, permission="subscriptions.view_subscription", sub=lambda row: row.name)
register_subject(
    "subscription",
    permission="subscriptions.view_subscription",
    view="subscriptions:subscription",
    key="number",
)
