"""Verbs on an agreement's own prices."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import ServiceAgreement
from agreements.operations.agreement import lock, touch
from servicemgmt.core.audit import plain, record
from servicemgmt.core.editing import create_row
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import User
from servicemgmt.projects.models import CostPrice, PriceList, SalesPrice


@transaction.atomic
def give_own_list(agreement_id: int, *, version: int, by: User | None) -> PriceList:
    """AG-17: a price list of the agreement's own, empty, in place of the one it shares. Raises Stale, Refused."""
    agreement = lock(agreement_id, version=version)
    if PriceList.objects.filter(code=agreement.number).exists():
        raise Refused(
            _("There is a price list %(code)s already; choose it when you edit the agreement.")
            % {"code": agreement.number}
        )
    made = create_row(PriceList(code=agreement.number, description=agreement.description[:120]), by=by)
    before = plain(agreement.price_list)
    agreement.price_list = made
    touch(agreement, "price_list")
    record("changed", agreement, by=by, changes={"price_list": [before, plain(made)]})
    return made


@transaction.atomic
def add_price(
    agreement_id: int, table: type[CostPrice] | type[SalesPrice], *, by: User | None, **fields: Any
) -> CostPrice | SalesPrice:
    """AG-17: a row of the agreement's price list from a day on: cost in company currency, sales in its project's.

    Raises Refused where the agreement has no list, Invalid where the category is of another type or where there is
    such a row from that day already.
    """
    agreement = lock(agreement_id)
    if agreement.price_list is None:
        raise Refused(_("Give the agreement a price list first."))
    category = fields.get("category")
    if category and category.kind != fields["kind"]:
        raise Invalid(_("That category is of another type."), field="category")
    if table is SalesPrice:
        fields["currency"] = _currency(agreement)
    about = ("kind", "category", "worker", "currency", "valid_from")
    same = {name: fields.get(name) for name in about if name in fields}
    if table._default_manager.filter(price_list=agreement.price_list, **same).exists():
        raise Invalid(_("There is such a price from that day already."), field="valid_from")
    row = create_row(table(price_list=agreement.price_list, **fields), by=by)
    told = {"price_list": [None, f"{row.get_kind_display()} {plain(row.price)}"]}
    record("price_added", agreement, by=by, changes=told)
    return row


def _currency(agreement: ServiceAgreement) -> Any:
    if agreement.project is None:
        raise Refused(_("A template has no currency of its own, so it has no sales prices."))
    return agreement.project.currency
