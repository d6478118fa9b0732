"""AG-17: prices kept from the agreement. AG-09: what may be chosen together."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from agreements import operations
from agreements.models import LinePrice
from agreements.pricing.operations import add_price, give_own_list
from agreements.pricing.queries import priced_lines, sales_price_on
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.projects.models import ProjectValidation, SalesPrice
from servicemgmt.projects.validation import allowed, fits
from tests import make_money
from tests.agreements.ask import events, line_data, refused_field, url
from tests.cast import stranger, user_in
from tests.make_agreements import make_agreement, make_line
from tests.make_orders import make_worker, set_parameters

DAY = date(2026, 3, 1)


@pytest.mark.django_db
def test_AG_17_a_list_of_its_own_wins_and_says_why() -> None:
    agreement, other = make_agreement("A"), make_agreement("B")
    make_money.sales_price(price=Decimal(90), category=make_money.category())
    line = make_line(agreement, quantity=Decimal("1.5"))
    assert priced_lines(agreement, DAY)[0].price == 90
    with pytest.raises(Refused, match="price list first"):
        add_price(agreement.pk, SalesPrice, by=None, kind="HOUR", valid_from=DAY, price=Decimal(80))
    made = give_own_list(agreement.pk, version=2, by=user_in("Planner"))
    agreement.refresh_from_db()
    fields = {"kind": "HOUR", "category": line.category, "valid_from": DAY}
    row = add_price(agreement.pk, SalesPrice, by=None, price=Decimal(80), **fields)
    assert row.currency == agreement.project.currency and row.price_list == made
    (found,) = priced_lines(agreement, DAY)
    assert (found.price, found.amount) == (
        Decimal(80),
        Decimal(120),
    ) and agreement.number not in found.reasons[1]
    with pytest.raises(Invalid) as refusal:
        add_price(agreement.pk, SalesPrice, by=None, **fields | {"kind": "FEE", "price": Decimal(1)})
    assert refused_field(refusal) == "category"
    assert events(agreement)[-2:] == ["changed", "price_added"] and other.price_list is None


@pytest.mark.django_db
def test_AG_17_the_page_shows_who_else_uses_the_list(pia: Client, client: Client) -> None:
    agreement = make_agreement("A")
    make_line(agreement)
    pia.post(url("agreement_own_list", agreement.number), {"version": 2})
    agreement.refresh_from_db()
    other = make_agreement("Uses it too", price_list=agreement.price_list)
    data = {"kind": "HOUR", "valid_from": "2026-03-01", "price": "80", "model": "QUANTITY"}
    new = url("agreement_price_new", agreement.number, "sales")
    assert pia.get(new).status_code == 200 and pia.post(new, data).status_code == 302
    again = pia.post(new, data)
    assert again.status_code == 422 and "such a price from that day" in again.text
    pia.post(url("agreement_price_new", agreement.number, "cost"), data)
    page = pia.get(url("agreement_prices", agreement.number)).text
    assert "Uses it too" in page and "Cost prices" in page and "wins" in page
    assert pia.get(url("agreement_price_new", agreement.number, "none")).status_code == 404
    assert "Nobody else" not in page and other.pk
    client.force_login(stranger())
    assert client.get(url("agreement_prices", agreement.number)).status_code == 403
    assert client.post(url("agreement_own_list", agreement.number)).status_code == 403


@pytest.mark.django_db
def test_the_price_of_a_line_is_the_one_of_the_day(pia: Client) -> None:
    line = make_line(make_agreement(), sales_price=Decimal(50))
    LinePrice.objects.create(line=line, valid_from=date(2026, 4, 1), price=Decimal(55))
    days = [date(2026, 3, 31), date(2026, 4, 1), date(2026, 12, 1)]
    assert [sales_price_on(line, day) for day in days] == [50, 55, 55]
    target = make_agreement("Target", start_date=date(2026, 5, 1))
    (copy,) = operations.copy_lines(target.pk, [line.pk], with_objects=True, with_tasks=True, by=None)
    assert copy.sales_price == sales_price_on(line, copy.start_date)
    assert "by a price adjustment" in pia.get(url("line_edit", line.agreement.number, line.pk)).text


ids = st.integers(1, 3)
pairs = st.lists(st.tuples(st.none() | ids, st.none() | ids), max_size=5)


@given(pairs, ids, ids)
def test_AG_09_what_fits_is_offered(
    rows: list[tuple[int | None, int | None]], worker: int, category: int
) -> None:
    offered = allowed(rows)
    if fits(rows, worker, category):
        assert offered.workers is None or worker in offered.workers
        assert offered.categories is None or category in offered.categories
        assert fits(rows, None, category) and fits(rows, worker, None)
    assert fits([], worker, category)


@pytest.mark.django_db
def test_AG_09_only_allowed_combinations_are_chosen(pia: Client) -> None:
    agreement, hours, travel = make_agreement(), make_money.category(), make_money.category("HOUR", "TRAVEL")
    ann, bo = make_worker("Ann"), make_worker("Bo")
    ProjectValidation.objects.create(project=agreement.project, category=hours, worker=ann)
    with pytest.raises(Invalid) as refusal:
        make_line(agreement, category=travel)
    assert refused_field(refusal) == "category"
    with pytest.raises(Invalid) as refusal:
        make_line(agreement, category=hours, worker=bo)
    assert refused_field(refusal) == "worker"
    assert make_line(agreement, category=hours, worker=ann) and make_line(agreement, category=hours)
    form = pia.get(url("line_new", agreement.number)).context["form"]
    assert list(form.fields["category"].queryset) == [hours] and list(form.fields["worker"].queryset) == [ann]
    assert pia.post(url("line_new", agreement.number), line_data(worker=bo.pk)).status_code == 422
    source = make_agreement("Another project")
    copied = make_line(source, worker=bo, category=hours)
    (line,) = operations.copy_lines(agreement.pk, [copied.pk], with_objects=True, with_tasks=True, by=None)
    assert line.worker is None
    other = make_line(source, category=travel)
    with pytest.raises(Refused, match="not allowed"):
        operations.copy_lines(agreement.pk, [other.pk], with_objects=True, with_tasks=True, by=None)


@pytest.mark.django_db
def test_AG_09_who_left_is_chosen_only_where_the_parameters_say_so(pia: Client) -> None:
    agreement, gone = make_agreement(), make_worker("Gone")
    gone.ended_on = date(2025, 12, 31)
    gone.save()
    with pytest.raises(Invalid) as refusal:
        make_line(agreement, worker=gone)
    assert refused_field(refusal) == "worker"
    assert pia.post(url("line_new", agreement.number), line_data(worker=gone.pk)).status_code == 422
    set_parameters(terminated_workers=True)
    assert pia.post(url("line_new", agreement.number), line_data(worker=gone.pk)).status_code == 302
