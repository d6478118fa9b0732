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
from servicemgmt.projects.accruals import choices

from .models import Subscription, SubscriptionGroup, SubscriptionPrice

SECTION = gettext_lazy("Subscriptions")
#: SB-19: the accrual periods an invoicing period may be cut into; as a whole it is always allowed.
ACCRUES_AS = {
    Unit.YEAR: {Unit.YEAR, Unit.QUARTER, Unit.MONTH, Unit.DAY},
    Unit.QUARTER: {Unit.QUARTER, Unit.MONTH, Unit.DAY},
    Unit.MONTH: {Unit.MONTH, Unit.DAY},
    Unit.WEEK: {Unit.WEEK, Unit.DAY},
    Unit.DAY: {Unit.DAY},
}


def check_group(group: Any, by: User | None) -> None:
    """SB-19, scenario 97: an invoicing period is cut into accrual periods that divide it.

    Numbers without gaps are for documents of the books: they need a date, and are taken last.
    """
    if group.sequence and group.sequence.is_gapless:
        raise Invalid(
            _(
                "“%(sequence)s” are numbered without gaps. Choose a sequence that subscriptions may leave gaps in."
            )
            % {"sequence": group.sequence},
            field="sequence",
        )
    rule, invoicing = group.accrual_rule, group.period_type
    if rule is None or not rule.unit:
        return
    allowed = ACCRUES_AS[Unit(invoicing.unit)]
    if invoicing.unit == Unit.WEEK and invoicing.count > 1:
        allowed = {Unit.DAY}  # a fortnight has no week of its own in the table
    if rule.unit not in allowed:
        raise Invalid(
            _("%(invoicing)s fees cannot be recognised by the %(unit)s.")
            % {"invoicing": invoicing, "unit": rule.get_unit_display().lower()},
            field="accrual_rule",
        )


register(
    Setup(
        SubscriptionGroup,
        section=SECTION,
        fields=["code", "description", "period_type", "accrual_rule", "sequence"],
        clean=check_group,
        help=gettext_lazy(
            "What the subscriptions of a group share: how often they are invoiced, how revenue is spread, and their "
            "numbers."
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
choices.register(
    choices.Choice(
        "subscription_group",
        gettext_lazy("Subscription group"),
        SubscriptionGroup,
        path="fee__subscription__group",
        all_label=gettext_lazy("All subscription groups"),
    )
)
searchable(Subscription, permission="subscriptions.view_subscription", sub=lambda row: row.name)
register_subject(
    "subscription",
    permission="subscriptions.view_subscription",
    view="subscriptions:subscription",
    key="number",
)
