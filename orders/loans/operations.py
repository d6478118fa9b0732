"""A loaner is lent, lent for longer, and taken back."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import ServiceObject
from orders.models import Loan, ServiceOrder
from orders.operations.order_values import check_site, usual_site
from servicemgmt.core.audit import plain, record
from servicemgmt.core.display import moment
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import User
from servicemgmt.core.stale import stale
from servicemgmt.masterdata.models import Customer, Site


@transaction.atomic
def lend(
    service_object: ServiceObject,
    *,
    lent_on: date,
    due_on: date,
    today: date,
    by: User | None,
    customer: Customer | None = None,
    site: Site | None = None,
    order: ServiceOrder | None = None,
    stands_in_for: ServiceObject | None = None,
    condition: str = "",
) -> Loan:
    """Hand a loaner out on the day `lent_on`, promised back on `due_on` (inclusive).

    The customer is the order's where there is one; the site that of the order, of what it stands in for, or the
    customer's only one. Raises Refused where it may not be lent, is out of service by then, or is or was lent at that
    time; Invalid at `lent_on` after `today`, `due_on`, `customer`, `site`, `order` and `stands_in_for`.
    """
    loaner = ServiceObject.objects.select_for_update(of=["self"], no_key=True).get(pk=service_object.pk)
    whose = _borrower(customer, order, stands_in_for)
    place = site or (order.site if order else usual_site(whose, None, stands_in_for, lent_on))
    check_site(place, whose)
    if lent_on > today:
        raise Invalid(
            _("Enter the loan on the day it is handed out: this has not come yet."), field="lent_on"
        )
    if due_on < lent_on:
        raise Invalid(_("It would be due back before it is lent."), field="due_on")
    if not loaner.is_loaner:
        raise Refused(
            _("%(object)s is not a loaner. Tick “may be lent” on an object of the company first.")
            % {"object": loaner}
        )
    _check_service(loaner, due_on)
    _check_free(loaner, lent_on)
    loan = Loan(
        service_object=loaner,
        customer=whose,
        site=place,
        order=order,
        stands_in_for=stands_in_for,
        lent_on=lent_on,
        due_on=due_on,
        condition_lent=condition,
        lent_by=by,
    )
    loan.full_clean()
    loan.save()
    record("lent", loan, by=by, changes={"due_on": [None, plain(due_on)]})
    return loan


@transaction.atomic
def extend(loan_id: int, *, due_on: date, version: int, by: User | None) -> Loan:
    """Let the customer keep it until `due_on` (inclusive), later than promised.

    Raises Stale, Refused where it is back or out of service by then, Invalid at `due_on`.
    """
    loan = _lock(loan_id, version)
    _check_out(loan)
    if due_on <= loan.due_on:
        raise Invalid(
            _("It is due back on %(day)s; choose a later day.") % {"day": moment(loan.due_on)}, field="due_on"
        )
    _check_service(loan.service_object, due_on)
    changes = {"due_on": [plain(loan.due_on), plain(due_on)]}
    loan.due_on, loan.version = due_on, loan.version + 1
    loan.save(update_fields=["due_on", "version"])
    record("extended", loan, by=by, changes=changes)
    return loan


@transaction.atomic
def take_back(
    loan_id: int, *, returned_on: date, today: date, version: int, by: User | None, condition: str = ""
) -> Loan:
    """The loaner is in the house again from the day `returned_on`, on which the next may have it.

    Raises Stale, Refused where it is back already, Invalid at `returned_on` before it was lent or after `today`.
    """
    loan = _lock(loan_id, version)
    _check_out(loan)
    if returned_on < loan.lent_on:
        raise Invalid(
            _("It was lent on %(day)s; it cannot be back before.") % {"day": moment(loan.lent_on)},
            field="returned_on",
        )
    if returned_on > today:
        raise Invalid(_("%(day)s has not come yet.") % {"day": moment(returned_on)}, field="returned_on")
    loan.returned_on, loan.condition_returned, loan.taken_back_by = returned_on, condition, by
    loan.version += 1
    loan.save(update_fields=["returned_on", "condition_returned", "taken_back_by", "version"])
    changes = {"returned_on": [None, plain(returned_on)]}
    if condition:
        changes["condition_returned"] = [None, condition]
    record("taken_back", loan, by=by, changes=changes)
    return loan


def _borrower(
    customer: Customer | None, order: ServiceOrder | None, stands_in_for: ServiceObject | None
) -> Customer:
    """Who gets it; what it stands in for and the order are his."""
    whose = (
        customer or (order.customer if order else None) or (stands_in_for.customer if stands_in_for else None)
    )
    if whose is None:
        raise Invalid(_("Choose the customer."), field="customer")
    if order and order.customer_id != whose.pk:
        raise Invalid(_("This service order belongs to another customer."), field="order")
    if stands_in_for and stands_in_for.customer_id != whose.pk:
        raise Invalid(_("This service object belongs to another customer."), field="stands_in_for")
    return whose


def _check_service(loaner: ServiceObject, until: date) -> None:
    if loaner.ended_on and loaner.ended_on <= until:
        raise Refused(
            _("%(object)s is out of service from %(day)s.")
            % {"object": loaner, "day": moment(loaner.ended_on)}
        )


def _check_free(loaner: ServiceObject, lent_on: date) -> None:
    """The last loan, if there was one, ended by then."""
    last = Loan.objects.filter(service_object=loaner).select_related("customer").first()
    if last is None:
        return
    names = {"object": loaner, "customer": last.customer.name}
    if last.returned_on is None:
        raise Refused(
            _("%(object)s is lent to %(customer)s already and due back on %(day)s.")
            % (names | {"day": moment(last.due_on)})
        )
    if last.returned_on > lent_on:
        raise Refused(
            _("%(object)s was with %(customer)s until %(day)s; it can be lent from then on.")
            % (names | {"day": moment(last.returned_on)})
        )


def _check_out(loan: Loan) -> None:
    if loan.returned_on:
        raise Refused(
            _("%(object)s is back since %(day)s.")
            % {"object": loan.service_object, "day": moment(loan.returned_on)}
        )


def _lock(loan_id: int, version: int) -> Loan:
    """The loan and its object locked, the object first, as who lends does."""
    found = Loan.objects.values_list("service_object_id", flat=True).get(pk=loan_id)
    ServiceObject.objects.select_for_update(of=["self"], no_key=True).get(pk=found)
    rows = Loan.objects.select_for_update(of=["self"], no_key=True)
    loan: Loan = rows.select_related("service_object", "customer").get(pk=loan_id)
    if loan.version != version:
        raise stale(_("Somebody else changed this loan meanwhile. This is how it stands now."), loan)
    return loan
