"""Price adjustment over chosen agreements: preview, cap, floor, rounding, and undo of the batch (billing-rules 4.8)."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from agreements import operations as agreements
from agreements.adjusting.operations import apply, discard, prepare, undo
from agreements.adjusting.rules import Change, adjusted, written_digits
from agreements.adjusting.run import pieces, work
from agreements.models import AdjustmentRow, LinePrice, PriceAdjustment, ServiceAgreement
from agreements.pricing.operations import add_price, give_own_list
from agreements.pricing.queries import sales_price_on
from agreements.renewal.operations import renew
from servicemgmt.core.errors import Invalid, Refused, constraint_of
from servicemgmt.core.models import Run
from servicemgmt.core.runs import Piece, execute_to_end, progress
from servicemgmt.projects.models import SalesPrice
from tests import make_money
from tests.agreements.ask import events, refused_field, url
from tests.cast import stranger, user_in
from tests.make_agreements import make_agreement, make_line, make_project
from tests.make_orders import NOW

JULY = date(2026, 7, 1)

percents = st.decimals(-99, 100, places=2)


@given(
    st.integers(1, 10**7),
    percents,
    st.none() | percents,
    st.none() | percents,
    st.sampled_from([0, 2, 3]),
)
def test_rules_56_to_58_cap_and_floor_hold_in_every_currency(
    units: int, percent: Decimal, floor: Decimal | None, cap: Decimal | None, digits: int
) -> None:
    price, cap = Decimal(units).scaleb(-digits), None if cap is None else abs(cap)
    if floor is not None and cap is not None and floor > cap:
        floor, cap = cap, floor
    change = Change(percent, floor, cap)
    new, unit = adjusted(price, change, digits), Decimal(1).scaleb(-digits)
    assert new > 0 and new == new.quantize(unit), "a price of the currency"
    if cap is not None:
        assert new <= price * (100 + cap) / 100
    least, most = (price * (100 + bound) / 100 if bound is not None else None for bound in (floor, cap))
    if least is not None and (most is None or (most // unit) * unit >= least):
        assert new >= least
    if floor is None and cap is None:
        assert abs(new - price * (100 + percent) / 100) <= unit / 2 or new == price, "too small to change"


def test_rules_53_57_58_by_the_book() -> None:
    assert adjusted(Decimal("0.00001"), Change(Decimal("2.5")), 2) == Decimal("0.00001")
    assert adjusted(Decimal(1000), Change(Decimal(10)), 2) == 1100
    assert adjusted(Decimal(1000), Change(Decimal("8.4"), Decimal(0), Decimal(5)), 2) == 1050
    assert adjusted(Decimal(1000), Change(Decimal(-2), Decimal(0), Decimal(5)), 2) == 1000
    price, years = Decimal(1000), []
    for _year in range(4):
        price = adjusted(price, Change(Decimal("3.5")), 2)
        years.append(price)
    assert years == [Decimal(text) for text in ("1035.00", "1071.23", "1108.72", "1147.53")]
    assert adjusted(Decimal("0.0125"), Change(Decimal(10)), 2) == Decimal("0.0138")
    assert written_digits(Decimal("90.50")) == 1


def cast() -> tuple[ServiceAgreement, ServiceAgreement]:
    """Two agreements: one with a price on its line, one with a price list of its own."""
    first, second = make_agreement("A"), make_agreement("B")
    make_line(first, sales_price=Decimal(100))
    make_line(second)
    give_own_list(second.pk, version=2, by=None)
    second.refresh_from_db()
    fields = {"kind": "HOUR", "category": make_money.category(), "valid_from": date(2026, 1, 1)}
    add_price(second.pk, SalesPrice, by=None, price=Decimal(80), **fields)
    return first, second


def batch_of(*rows: ServiceAgreement, percent: str = "10", **fields) -> PriceAdjustment:
    return prepare(
        [row.pk for row in rows],
        description="Yearly",
        effective_on=JULY,
        percent=Decimal(percent),
        by=user_in("Planner"),
        **fields,
    )


def applied(batch: PriceAdjustment) -> Run:
    batch.refresh_from_db()
    return execute_to_end(apply(batch.pk, version=batch.version, by=None, at=NOW, enqueue=False))


def prices() -> list[tuple]:
    """All there is to say about prices."""
    lines = LinePrice.objects.order_by("line", "valid_from").values_list("line", "valid_from", "price")
    return [*lines, *SalesPrice.objects.order_by("pk").values_list("valid_from", "price", "price_list")]


@pytest.mark.django_db(transaction=True)
def test_rule_59_a_batch_is_applied_once_and_undo_restores_every_price() -> None:
    first, second = cast()
    before = prices()
    batch = batch_of(first, second)
    assert [(row.old_price, row.new_price) for row in batch.rows.all()] == [(100, 110), (80, 88)]
    assert prices() == before, "preparing changes nothing"
    run = applied(batch)
    assert progress(run).counts == {"adjusted": 2}
    line = first.lines.get()
    days = [date(2026, 6, 30), JULY]
    assert [sales_price_on(line, day) for day in days] == [100, 110]
    assert SalesPrice.objects.get(valid_from=JULY).price == 88
    assert events(first)[-1] == "price_adjusted"
    with pytest.raises(Refused, match="applied already"):
        applied(batch)
    again = batch_of(first, second)
    assert all("already" in row.skipped for row in again.rows.all())
    batch.refresh_from_db()
    undo(batch.pk, version=batch.version, by=None, at=NOW)
    assert prices() == before and events(second)[-1] == "price_restored"
    batch.refresh_from_db()
    with pytest.raises(Refused, match="taken back already"):
        undo(batch.pk, version=batch.version, by=None, at=NOW)


@pytest.mark.django_db(transaction=True)
def test_undo_is_refused_once_something_later_changed() -> None:
    first, second = cast()
    batch = batch_of(first, second)
    applied(batch)
    batch.refresh_from_db()
    later = LinePrice.objects.create(line=first.lines.get(), valid_from=date(2026, 9, 1), price=Decimal(120))
    with pytest.raises(Refused, match="Changed since"):
        undo(batch.pk, version=batch.version, by=None, at=NOW)
    later.delete()
    SalesPrice.objects.filter(valid_from=JULY).update(price=Decimal(90))
    with pytest.raises(Refused, match="Changed since"):
        undo(batch.pk, version=batch.version, by=None, at=NOW)
    SalesPrice.objects.filter(valid_from=JULY).update(price=Decimal(88))
    ServiceAgreement.objects.filter(pk=first.pk).update(term_months=12)
    (successor,) = renew([first.pk], by=None)
    kept = prices()
    with pytest.raises(Refused, match=successor.number):
        undo(batch.pk, version=batch.version, by=None, at=NOW)
    assert prices() == kept


@pytest.mark.django_db(transaction=True)
def test_what_changed_since_it_was_prepared_is_refused_alone() -> None:
    first, second = cast()
    batch = batch_of(first, second)
    line = first.lines.get()
    agreements.change_line(line.pk, version=1, by=None, sales_price=Decimal(70))
    run = applied(batch)
    assert progress(run).counts == {"adjusted": 1, "refused": 1}
    assert not line.prices.exists() and SalesPrice.objects.filter(valid_from=JULY).exists()
    row = batch.rows.get(line=line)
    assert run.messages.get(level="ERROR").data["item"] == row.pk
    agreements.change_line(line.pk, version=2, by=None, sales_price=Decimal(100))
    batch.refresh_from_db()
    undo(batch.pk, version=batch.version, by=None, at=NOW)
    with transaction.atomic():
        work(run, Piece(items=[row.pk]))
    assert not line.prices.exists(), "tried once more, nothing of what was taken back comes in"


@pytest.mark.django_db(transaction=True)
def test_rule_59_who_came_to_the_price_list_or_keeps_his_prices_meanwhile_is_not_touched() -> None:
    first, second = cast()
    third = make_agreement("Third", price_list=second.price_list)
    batch = batch_of(first, second, third)
    assert not batch.rows.exclude(skipped="").exists(), "the chosen may share a list"
    ServiceAgreement.objects.filter(pk=first.pk).update(prices_fixed_until=date(2026, 12, 31))
    late = make_agreement("Late", price_list=second.price_list)
    run = applied(batch)
    assert progress(run).counts["refused"] == 2 and not SalesPrice.objects.filter(valid_from=JULY).exists()
    texts = " ".join(run.messages.filter(level="ERROR").values_list("text", flat=True))
    assert "fixed until" in texts and late.number in texts
    ServiceAgreement.objects.filter(pk=late.pk).update(price_list=None)
    with transaction.atomic():
        for piece in pieces(run):
            work(run, piece)
    assert SalesPrice.objects.get(valid_from=JULY).price == 88


@pytest.mark.django_db
def test_rule_59_what_stays_is_listed_with_its_reason() -> None:
    ended, fixed = make_agreement("A", end_date=date(2026, 5, 31)), make_agreement("B")
    make_line(ended, sales_price=Decimal(50))
    make_line(fixed, sales_price=Decimal(50))
    over = make_agreement("C")
    make_line(over, sales_price=Decimal(50), end_date=date(2026, 3, 31))
    ServiceAgreement.objects.filter(pk=fixed.pk).update(prices_fixed_until=date(2026, 12, 31))
    _first, shared = cast()
    make_agreement("Shares", price_list=shared.price_list)
    found = {row.agreement: row.skipped for row in batch_of(ended, fixed, over, shared).rows.all()}
    assert "ends before" in found[ended] and "fixed until" in found[fixed]
    assert "line ended" in found[over] and "which is not chosen" in found[shared]
    with pytest.raises(Refused, match="no prices of their own"):
        batch_of(make_agreement("Nothing"))
    for fields, field in (
        ({"percent": "-100"}, "percent"),
        ({"percent": "0"}, "percent"),
        ({"floor": Decimal(5), "cap": Decimal(1)}, "floor"),
        ({"floor": Decimal(-100)}, "floor"),
        ({"cap": Decimal("-0.01")}, "cap"),
    ):
        with pytest.raises(Invalid) as refusal:
            batch_of(over, **fields)
        assert refused_field(refusal) == field


@pytest.mark.django_db
def test_constraints() -> None:
    first, second = cast()
    batch = batch_of(first, second)
    row = batch.rows.first()
    line = first.lines.get()
    LinePrice.objects.create(line=line, valid_from=JULY, price=Decimal(1))
    tries = [
        (lambda: AdjustmentRow.objects.filter(pk=row.pk).update(new_price=1), "adjustmentrow_frozen"),
        (
            lambda: PriceAdjustment.objects.filter(pk=batch.pk).update(percent=-100),
            "priceadjustment_leaves_something",
        ),
        (
            lambda: PriceAdjustment.objects.filter(pk=batch.pk).update(floor=2, cap=1),
            "priceadjustment_floor_below_cap",
        ),
        (
            lambda: PriceAdjustment.objects.filter(pk=batch.pk).update(undone_at=NOW),
            "priceadjustment_undone_after_applied",
        ),
        (lambda: LinePrice.objects.update(price=-1), "lineprice_not_negative"),
        (
            lambda: LinePrice.objects.create(line=line, valid_from=JULY, price=Decimal(2)),
            "lineprice_once_a_day",
        ),
    ]
    for break_it, name in tries:
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            break_it()
        assert constraint_of(error.value) == name


@pytest.mark.django_db
def test_the_pages_of_an_adjustment(pia: Client, client: Client) -> None:
    first, _second = cast()
    assert pia.post(url("adjust_chosen"), {"pk": first.pk})["Location"].endswith(f"?pk={first.pk}")
    new = url("adjustment_new") + f"?pk={first.pk}"
    assert pia.get(new).status_code == 200
    data = {"description": "Yearly", "effective_on": "2026-07-01", "percent": "10", "pk": first.pk}
    assert pia.post(new, data | {"percent": "-100"}).status_code == 422
    made = pia.post(new, data)["Location"]
    page = pia.get(made).text
    assert "110" in page and "Nothing is changed yet" in page
    assert "110" in pia.get(made, {"format": "csv"}).getvalue().decode()
    batch = PriceAdjustment.objects.get()
    assert (
        pia.post(url("adjustment_undo", batch.pk), {"version": 1}, follow=True).text.count("not applied") == 1
    )
    asked = pia.get(url("adjustment_apply", batch.pk)).text
    assert "New from 1 Jul 2026 on: 1 price of 1 agreement." in asked and "100.00 → 110.00 EUR" in asked
    assert not PriceAdjustment.objects.get().applied_at, "it only asks"
    run = pia.post(url("adjustment_apply", batch.pk), {"version": 1})
    assert run["Location"].startswith("/runs/")
    assert "→" not in pia.get(url("adjustment_undo", batch.pk)).text, "nothing is brought in yet"
    execute_to_end(Run.objects.get())
    asked = pia.get(url("adjustment_undo", batch.pk)).text
    assert "before 1 Jul 2026: 1 price of 1 agreement." in asked and "110.00 → 100.00 EUR" in asked
    pia.post(url("adjustment_discard", batch.pk), {"version": 2})
    assert PriceAdjustment.objects.exists()
    whole = {name: value for name, value in data.items() if name != "pk"}
    other = pia.post(url("adjustment_new"), whole)["Location"]
    assert "Yearly" in pia.get(url("adjustments")).text and other != made
    dropped = PriceAdjustment.objects.order_by("-pk").first()
    pia.post(url("adjustment_discard", dropped.pk), {"version": 1})
    assert PriceAdjustment.objects.count() == 1
    client.force_login(stranger())
    assert client.get(made).status_code == client.post(url("adjustment_apply", batch.pk)).status_code == 403
    client.force_login(user_in("Dispatcher"))
    assert client.get(url("adjustments")).status_code == 403


@pytest.mark.django_db
def test_a_batch_that_was_not_applied_is_dropped() -> None:
    first, second = cast()
    batch = batch_of(first, second)
    discard(batch.pk, version=1, by=user_in("Planner"))
    assert not PriceAdjustment.objects.exists() and not AdjustmentRow.objects.exists()


@pytest.mark.django_db
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    code=st.sampled_from(["EUR", "JPY", "KWD"]),
    units=st.lists(st.integers(1, 10**6), min_size=1, max_size=4),
    percent=percents,
    bounds=st.none() | st.tuples(percents, percents),
)
def test_adjusting_and_undoing_is_identity(
    code: str, units: list[int], percent: Decimal, bounds: tuple[Decimal, Decimal] | None
) -> None:
    floor, cap = (min(bounds), abs(max(bounds))) if bounds else (None, None)
    assume(Change(percent, floor, cap).bounded)
    with transaction.atomic():
        make_money.firm()
        owner = make_money.customer(f"Of {code}", currency=code)
        agreement = make_agreement("A", project=make_project("P", customer=owner))
        for unit in units:
            make_line(agreement, sales_price=Decimal(unit).scaleb(-make_money.money(code).digits))
        before = prices()
        batch = batch_of(agreement, percent=str(percent), floor=floor, cap=cap)
        if batch.rows.filter(skipped="").exists():
            run = apply(batch.pk, version=1, by=None, at=NOW, enqueue=False)
            for piece in pieces(run):
                work(run, piece)
                work(run, piece)  # again does nothing
            after = {row.line_id: sales_price_on(row.line, JULY) for row in batch.rows.all()}
            expected = {
                row.line_id: row.old_price if row.new_price is None else row.new_price
                for row in batch.rows.all()
            }
            assert after == expected
            Run.objects.filter(pk=run.pk).update(status="DONE")
            undo(batch.pk, version=2, by=None, at=NOW)
        assert prices() == before
        transaction.set_rollback(True)


def raised(batch: PriceAdjustment) -> list[tuple[str, Decimal | None, str]]:
    rows = batch.rows.order_by("agreement_id", "pk")
    return [
        (row.agreement.description, row.new_price, row.skipped) for row in rows.select_related("agreement")
    ]


@pytest.mark.django_db(transaction=True)
def test_rule_59_a_raise_goes_on_in_the_next_term_made_already_or_not() -> None:
    yearly = {"renewal": "AUTOMATIC", "term_months": 12, "end_date": date(2026, 7, 31)}
    made, coming = (
        make_agreement("Made", **yearly),
        make_agreement("Coming", **(yearly | {"end_date": date(2026, 6, 30)})),
    )
    over = make_agreement("Over", end_date=date(2026, 6, 30))
    for row in (made, coming, over):
        make_line(row, sales_price=Decimal(100), end_date=row.end_date)
    successor = renew([made.pk], by=None)[0]
    batch = batch_of(made, coming, over)
    assert batch.chosen == [made.pk, coming.pk, over.pk, successor.pk]
    assert raised(batch) == [
        ("Made", 110, ""), ("Coming", 110, ""), ("Over", None, "The agreement ends before."), ("Made", 110, ""),
    ]  # fmt: skip
    applied(batch)
    assert sales_price_on(successor.lines.get(), date(2026, 8, 1)) == 110
    assert renew([coming.pk], by=None)[0].lines.get().sales_price == 110
    LinePrice.objects.create(line=made.lines.get(), valid_from=date(2026, 7, 15), price=Decimal(130))
    again = prepare([made.pk], description="x", effective_on=date(2026, 7, 10), percent=Decimal(1), by=None)
    assert [why for *_rest, why in raised(again)] == ["There is a price from 15 Jul 2026 already."] * 2


@pytest.mark.django_db(transaction=True)
def test_rule_59_an_ended_term_does_not_hold_the_price_list_of_the_next() -> None:
    _first, second = cast()
    ServiceAgreement.objects.filter(pk=second.pk).update(end_date=date(2026, 6, 30), term_months=12)
    successor = renew([second.pk], by=None)[0]
    for chosen in ([successor], [second, successor]):
        assert raised(batch_of(*chosen))[-1][1:] == (88, "")
    other = make_agreement("Other", price_list=second.price_list)
    assert "not chosen" in raised(batch_of(successor))[0][2]
    ServiceAgreement.objects.filter(pk=other.pk).update(end_date=date(2026, 6, 30))
    assert applied(batch_of(successor)) and SalesPrice.objects.get(valid_from=JULY).price == 88
