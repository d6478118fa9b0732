"""Loaners: lent once at a time, taken back, lent for longer, and what is refused."""

from collections.abc import Callable
from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from agreements.models import ServiceObject
from agreements.operations import move_object, save_object
from orders.loans.operations import extend, lend, take_back
from orders.models import Loan
from orders.operations import delete_order, relate_object
from servicemgmt.core.audit import subject_of
from servicemgmt.core.errors import Invalid, Refused, Stale, constraint_of
from servicemgmt.core.models import Event
from servicemgmt.core.roles import ADMINISTRATOR, DISPATCHER, FINANCE, PLANNER, TECHNICIAN
from servicemgmt.masterdata.operations import create_site
from tests import make_money
from tests.cast import stranger, user_in
from tests.make_agreements import make_object, make_sequences, make_site
from tests.make_money import company_today
from tests.make_orders import fresh, make_order

pytestmark = pytest.mark.django_db

MAY_1, MAY_10, MAY_15, MAY_20 = (date(2026, 5, day) for day in (1, 10, 15, 20))


def make_loaner(description: str = "Mobile lift", **fields: Any) -> ServiceObject:
    """An object of the company, which stands in its store."""
    make_sequences("site", "object")
    store = create_site(by=None, name=f"Store of {description}", time_zone="Europe/Berlin")
    return make_object(description, site=store, is_loaner=True, **fields)


def lent(loaner: ServiceObject | None = None, **fields: Any) -> Loan:
    """Lent to Huber from 1 to 10 May, unless told otherwise."""
    given: dict[str, Any] = {"lent_on": MAY_1, "due_on": MAY_10, "today": MAY_20, "by": None}
    if not {"customer", "order", "stands_in_for"} & set(fields):
        given |= {"customer": make_money.customer(), "site": make_site()}
    return lend(loaner or make_loaner(), **(given | fields))


def back(loan: Loan, on: date = MAY_10, **fields: Any) -> Loan:
    given: dict[str, Any] = {"returned_on": on, "today": MAY_20, "version": loan.version, "by": None}
    return take_back(loan.pk, **(given | fields))


def field_of(refusal: Any) -> str:
    assert isinstance(refusal.value, Invalid)
    return refusal.value.field


def test_a_loaner_is_lent_for_an_order_kept_for_longer_and_taken_back_each_with_a_trace():
    broken, order = make_object(), make_order()
    loan = lent(order=order, stands_in_for=broken, condition="A scratch")
    assert (loan.customer, loan.site, loan.condition_lent) == (order.customer, order.site, "A scratch")
    loan = extend(loan.pk, due_on=MAY_15, version=loan.version, by=None)
    with pytest.raises(Stale, match="Lent for longer"):
        back(loan, version=1)
    loan = back(loan, MAY_15, condition="Two scratches")
    assert (loan.due_on, loan.returned_on, loan.condition_returned) == (MAY_15, MAY_15, "Two scratches")
    events = Event.objects.filter(subject=subject_of(loan)).order_by("pk")
    assert [event.action for event in events] == ["lent", "extended", "taken_back"]
    delete_order(order.pk, version=fresh(order).version, by=None)
    assert fresh(loan).order is None


def test_it_is_lent_to_one_at_a_time_and_again_from_the_day_it_is_back():
    loaner = make_loaner()
    first = lent(loaner)
    with pytest.raises(Refused, match="is lent to .* already and due back on"):
        lent(loaner, lent_on=MAY_20, due_on=MAY_20)
    back(first)
    with pytest.raises(Refused, match="it can be lent from then on"):
        lent(loaner, lent_on=MAY_10 - timedelta(days=1))
    wrong = lent(loaner, lent_on=MAY_10)
    back(wrong, MAY_10)  # the wrong customer: taken back the same day
    lent(loaner, lent_on=MAY_10)


def test_what_is_no_loaner_is_out_of_service_or_cannot_be_is_refused():
    ending, loaner, other = make_loaner("Old", ended_on=MAY_10), make_loaner(), make_object("Lift of Huber")
    with pytest.raises(Refused, match="is not a loaner"):
        lent(other)
    with pytest.raises(Refused, match="out of service from"):
        lent(ending)
    ends = lent(ending, due_on=MAY_10 - timedelta(days=1))
    with pytest.raises(Refused, match="out of service from"):
        extend(ends.pk, due_on=MAY_10, version=1, by=None)
    stranger_of = make_money.customer("Maier")
    wrong: dict[str, dict[str, Any]] = {
        "lent_on": {"lent_on": MAY_20, "due_on": MAY_20, "today": MAY_10},
        "due_on": {"lent_on": MAY_10, "due_on": MAY_1},
        "customer": {"customer": None, "stands_in_for": make_loaner("Ours")},
        "site": {"customer": stranger_of, "site": make_site()},
        "order": {"customer": stranger_of, "order": make_order()},
        "stands_in_for": {"customer": stranger_of, "stands_in_for": other},
    }
    for name, fields in wrong.items():
        with pytest.raises(Invalid) as refusal:
            lent(loaner, **fields)
        assert field_of(refusal) == name
    loan = lent(loaner, stands_in_for=other)
    assert loan.site == other.site
    for change, name in (
        (lambda: extend(loan.pk, due_on=MAY_10, version=1, by=None), "due_on"),
        (lambda: back(loan, MAY_1 - timedelta(days=1)), "returned_on"),
        (lambda: back(loan, MAY_20, today=MAY_15), "returned_on"),
    ):
        with pytest.raises(Invalid) as refusal:
            change()
        assert field_of(refusal) == name
    loan = back(loan)
    for change in (lambda: back(loan), lambda: extend(loan.pk, due_on=MAY_20, version=2, by=None)):
        with pytest.raises(Refused, match="is back since"):
            change()


def test_only_what_belongs_to_the_company_may_be_lent_and_stays_so_while_it_is():
    theirs, loaner = make_object(), make_loaner()
    with pytest.raises(Invalid, match="belongs to the company"):
        save_object(theirs.pk, version=1, by=None, is_loaner=True)
    with pytest.raises(Invalid, match="belongs to the company"):
        save_object(loaner.pk, version=1, by=None, customer=make_money.customer())
    with pytest.raises(Invalid, match="belongs to the company"):
        move_object(
            loaner.pk, site=make_site(), on=MAY_1, today=MAY_1, version=1, customer=theirs.customer, by=None
        )
    assert make_object("Spare", site=make_site(), is_loaner=True).customer is None
    loan = lent(loaner)
    for fields in ({"is_loaner": False}, {"ended_on": MAY_20}):
        with pytest.raises(Refused, match="Take it back first"), transaction.atomic():
            save_object(loaner.pk, version=1, by=None, **fields)
    back(loan)
    save_object(loaner.pk, version=1, by=None, ended_on=MAY_20)


def test_the_database_keeps_loans_true():
    loaner, theirs = make_loaner(), make_object()
    loan = lent(loaner)
    past = back(lent(make_loaner("Other")))

    def copied(**fields: Any) -> Callable[[], object]:
        row = {"service_object": loaner, "lent_on": MAY_15, "due_on": MAY_20}
        return lambda: Loan.objects.create(**({"customer": loan.customer, "site": loan.site} | row | fields))

    ended = {"service_object": past.service_object}
    tries: list[tuple[str, Callable[[], object]]] = [
        ("loan_once_at_a_time", copied()),
        ("loan_once_at_a_time", copied(**ended, lent_on=MAY_1)),
        ("loan_of_a_loaner", copied(service_object=theirs)),
        ("loan_of_a_loaner", copied(**ended, returned_on=MAY_20)),
        ("loan_due_not_before_lent", copied(**ended, due_on=MAY_1)),
        ("loan_stands_in_for_another", copied(**ended, stands_in_for=past.service_object)),
        (
            "loan_returned_not_before_lent",
            lambda: Loan.objects.filter(pk=loan.pk).update(returned_on=date(2026, 4, 1)),
        ),
        ("loan_stays", lambda: Loan.objects.filter(pk=loan.pk).update(lent_on=date(2026, 4, 1))),
        ("loan_stays", lambda: loan.delete()),
        ("loan_returned_stays", lambda: Loan.objects.filter(pk=past.pk).update(returned_on=None)),
        ("serviceobject_lent", lambda: ServiceObject.objects.filter(pk=loaner.pk).update(is_loaner=False)),
        ("serviceobject_lent", lambda: ServiceObject.objects.filter(pk=loaner.pk).update(ended_on=MAY_20)),
        (
            "serviceobject_loaner_of_nobody",
            lambda: ServiceObject.objects.filter(pk=theirs.pk).update(is_loaner=True),
        ),
    ]
    for name, attempt in tries:
        with pytest.raises(DatabaseError) as broken, transaction.atomic():
            attempt()
        assert constraint_of(broken.value) == name
    ServiceObject.objects.filter(pk=past.service_object_id).update(ended_on=MAY_20)
    with pytest.raises(DatabaseError) as broken, transaction.atomic():
        copied(**ended)()
    assert constraint_of(broken.value) == "loan_of_a_loaner"


@pytest.mark.django_db(transaction=True)
def test_two_people_cannot_lend_one_loaner_together():
    loaner, customer, site = make_loaner(), make_money.customer(), make_site()
    outcomes: list[str] = []
    start = Barrier(2)

    def press() -> None:
        start.wait()
        try:
            lent(loaner, customer=customer, site=site)
            outcomes.append("lent")
        except Refused as refusal:
            outcomes.append(str(refusal)[:9])
        finally:
            connection.close()

    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [loaner.number, "lent"]


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_the_list_lends_extends_and_takes_back(client: Client):
    client.force_login(user_in(DISPATCHER))
    loaner, broken, today = make_loaner(), make_object(), company_today()
    page = reverse("orders:loans")
    assert "Nothing is lent" in text_of(client.get(page))
    new = reverse("orders:loan_new")
    assert f'value="{loaner.pk}" selected' in text_of(client.get(f"{new}?service_object={loaner.pk}"))
    form = {"service_object": loaner.pk, "stands_in_for": broken.pk, "lent_on": today, "due_on": today}
    assert client.post(new, form | {"service_object": broken.pk}).status_code == 409
    assert client.post(new, form | {"due_on": today - timedelta(days=1)}).status_code == 422
    loan = Loan.objects.get(pk=client.post(new, form).url.strip("/").split("/")[-1])
    assert (loan.customer, loan.lent_by) == (broken.customer, user_in(DISPATCHER))
    again = client.post(new, form)
    assert again.status_code == 409 and "already and due back" in text_of(again)
    one = reverse("orders:loan", args=[loan.pk])
    extended, returned = (reverse(f"orders:loan_{name}", args=[loan.pk]) for name in ("extend", "return"))
    assert "Take back" in text_of(client.get(one))
    assert client.post(extended, {"due_on": today, "version": 1}).status_code == 422
    assert client.post(extended, {"due_on": today + timedelta(days=1), "version": 1}).url == one
    assert client.post(returned, {"returned_on": today, "version": 1}).status_code == 409
    assert loaner.number in text_of(client.get(page)) and "Overdue" not in text_of(client.get(one))
    assert client.post(returned, {"returned_on": today, "version": 2}).url == one
    assert client.post(returned, {"returned_on": today, "version": 3}).status_code == 409
    assert loaner.number not in text_of(client.get(page))
    for query in ("?tab=returned&q=huber", f"?tab=all&service_object={loaner.pk}", "?tab=all&format=csv"):
        assert loaner.number.encode() in b"".join(client.get(page + query))


def test_an_order_and_the_object_show_lend_and_take_back(client: Client):
    client.force_login(user_in(DISPATCHER))
    order, broken, today = make_order(), make_object(), company_today()
    relate_object(order.pk, broken, by=None)
    loaner = make_loaner()
    page = reverse("orders:order", args=[order.number])
    assert f'value="{broken.pk}" selected' in text_of(client.get(f"{page}?open=lend"))
    lend_url = reverse("orders:order_lend", args=[order.number])
    form = {"service_object": loaner.pk, "stands_in_for": broken.pk, "lent_on": today, "due_on": today}
    assert client.post(lend_url, form | {"service_object": broken.pk}).status_code == 409
    assert client.post(lend_url, form).url == page
    loan = Loan.objects.get(order=order)
    assert f"stands in for {broken.number}" in text_of(client.get(page))
    region = reverse("orders:object_loans", args=[loaner.number])
    assert region in text_of(client.get(reverse("agreements:object", args=[loaner.number])))
    shown = client.get(region, headers={"HX-Request": "true", "HX-Target": "section#loans"})
    assert order.number in text_of(shown) and order.number in text_of(client.get(region))
    assert "Returned on" in text_of(client.get(f"{page}?open=take_back:{loan.pk}"))
    return_url = reverse("orders:order_return", args=[order.number, loan.pk])
    assert client.post(return_url, {"returned_on": today, "version": 9}).status_code == 409
    assert client.post(return_url, {"returned_on": today, "version": 1}).url == page
    assert fresh(loan).returned_on == today


@pytest.mark.parametrize(
    ("role", "sees", "lends"),
    [(FINANCE, True, False), (ADMINISTRATOR, False, False), (TECHNICIAN, False, False), ("", False, False)],
)
def test_who_may_see_and_lend(client: Client, role: str, sees: bool, lends: bool):
    client.force_login(user_in(role) if role else stranger())
    assert client.get(reverse("orders:loans")).status_code == (200 if sees else 403)
    assert client.get(reverse("orders:loan_new")).status_code == (200 if lends else 403)


def test_a_planner_is_told_of_what_should_be_back(client: Client):
    lent()
    client.force_login(user_in(PLANNER))
    assert f"{reverse('orders:loans')}?tab=overdue" in text_of(client.get("/"))
    assert "Overdue" in text_of(client.get(reverse("orders:loans") + "?tab=overdue"))
