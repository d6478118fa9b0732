"""Sign-off (SO-21): what is hashed, who may, what voids it, and that it happens once."""

import json
import threading
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from orders.canonical import canonical_form, form_now
from orders.models import SignOff
from orders.operations import cancel_line, change_line, change_order, change_task_notes, relate_task
from servicemgmt.core.canonical import sha256_of
from servicemgmt.core.errors import Invalid, Refused, Stale
from servicemgmt.core.models import Event
from servicemgmt.core.roles import DISPATCHER, TECHNICIAN
from servicemgmt.core.strokes import clean_strokes, svg_box, svg_paths
from servicemgmt.masterdata.models import Customer
from tests.cast import user_in
from tests.make_agreements import make_task
from tests.make_money import NOW
from tests.make_orders import STROKES, fresh, make_line, make_order, move, sign

pytestmark = pytest.mark.django_db


def working(**fields):
    order = make_order(**fields)
    make_line(order)
    return move(order, "INPROCESS")


def test_SO_21_sign_off_stamps_the_order_and_signs_all_created_lines():
    order = working()
    cancelled = make_line(order)
    cancel_line(cancelled.pk, version=None, by=None, at=NOW)
    row = sign(order)
    assert fresh(order).signed_off_at == NOW
    assert [line.signed_off_at for line in order.lines.all()] == [NOW, None]
    assert row.sha256 == sha256_of(row.canonical) and row.canonical == canonical_form(fresh(order))
    assert Event.objects.filter(action="signed_off").exists()


def test_the_canonical_form_holds_what_the_customer_saw_and_nothing_else():
    order = make_order()
    task = relate_task(order.pk, make_task(), by=None, note_internal="secret", note_external="Yearly check")
    make_line(order, task_relation=task, quantity=Decimal("1.50"), description="Überprüfung")
    form = json.loads(canonical_form(fresh(order)))
    assert form["order"] == order.number and form["customer"][1] == "Huber"
    assert form["lines"] == [
        {
            "line": 1, "kind": "HOUR", "description": "Überprüfung", "quantity": "1.5", "unit": "",
            "date": "2026-03-16", "note": "Yearly check",
        }
    ]  # fmt: skip
    assert "secret" not in canonical_form(fresh(order)) and "40" not in canonical_form(fresh(order))
    assert json.loads(canonical_form(fresh(order), with_prices=True))["lines"][0]["price"] == "90"


def test_the_canonical_form_is_the_same_every_time():
    order = working()
    signed = sign(order, with_prices=True)
    assert form_now(fresh(order), signed.canonical) == signed.canonical
    change_line(order.lines.get().pk, version=None, by=None, at=NOW, sales_price=Decimal(91))
    assert form_now(fresh(order), signed.canonical) != signed.canonical


def test_a_customer_who_is_renamed_later_voids_nothing():
    order = working()
    sign(order)
    Customer.objects.update(name="Renamed AG")
    change_order(order.pk, version=None, by=None, at=NOW, description="Other words")
    assert fresh(order).signed_off_at == NOW and SignOff.objects.get().voided_at is None


def test_a_typed_name_is_the_alternative_to_a_drawn_one():
    row = sign(working(), is_typed=True, strokes=None)
    assert row.is_typed and row.strokes == []


def test_the_name_is_needed():
    with pytest.raises(Invalid) as refusal:
        sign(working(), signer_name="  ")
    assert refusal.value.field == "signer_name"


@pytest.mark.parametrize(
    "strokes",
    [
        None, [], "M0 0", [[]], [[[0, 0]]], [[["a", 1], [1, 2], [2, 3]]], [[[0, float("nan")], [1, 2], [2, 3]]],
        [[[0, 0, 0, 0], [1, 2], [3, 4]]], [[[0, True], [1, 2], [3, 4]]], [[[1e12, 0], [1, 2], [3, 4]]],
        [[[0, 0]] * 7000], [[[0, 0], [1, 1], [2, 2]]] * 201, [[[10**400, 0], [1, 2], [3, 4]]],
        [[[float("-inf"), 0], [1, 2], [3, 4]]],
    ],
)  # fmt: skip
def test_what_is_no_signature_is_refused(strokes):
    with pytest.raises(Invalid):
        clean_strokes(strokes)


def test_strokes_are_drawn_as_svg():
    strokes = clean_strokes([[[0, 0], [10.26, 5, 120]], [[1, 2]]])
    assert strokes == [[[0, 0], [10.3, 5, 120]], [[1, 2]]]
    assert svg_paths(strokes) == ["M0 0L10.3 5", "M1 2"]
    assert svg_box(strokes) == "-6 -6 22.3 17"


def test_SG_08_the_stage_must_allow_signing():
    order = make_order()
    make_line(order)
    with pytest.raises(Refused, match="does not allow signing"):
        sign(order)


def test_nothing_to_sign_is_refused():
    order = move(make_order(), "INPROCESS")
    with pytest.raises(Refused, match="no line"):
        sign(order)


def test_signed_twice_is_refused_and_sent_twice_is_answered():
    order, key = working(), uuid4()
    first = sign(order, key=key)
    assert sign(order, key=key) == first and SignOff.objects.count() == 1
    with pytest.raises(Refused, match="signed off already"):
        sign(order)
    with pytest.raises(Refused, match="sent before"):
        sign(order, key=key, by=user_in(TECHNICIAN))


def test_the_signer_sees_what_he_signs():
    order = working()
    make_line(order)
    from orders.operations import sign_off

    with pytest.raises(Stale):
        sign_off(
            order.pk, version=order.version, by=user_in(DISPATCHER), at=NOW, device_at=NOW, key=uuid4(),
            signer_name="Mrs Huber", strokes=STROKES,
        )  # fmt: skip


def test_after_a_change_the_customer_signs_again_and_the_void_one_stays_visible():
    order = working()
    first = sign(order)
    change_line(order.lines.get().pk, version=None, by=user_in(DISPATCHER), at=NOW, quantity=Decimal(9))
    second = sign(order)
    first.refresh_from_db()
    assert first.voided_at and first.voided_by.name == "Ann" and "Line 1" in first.void_reason
    assert first.sha256 != second.sha256 and order.sign_offs.count() == 2


def test_a_changed_note_for_the_customer_voids_too_one_for_the_technician_does_not():
    order = make_order()
    task = relate_task(order.pk, make_task(), by=None, note_external="A")
    make_line(order, task_relation=task)
    move(order, "INPROCESS")
    signed = sign(order)
    notes = {"version": None, "by": None, "at": NOW}
    change_task_notes(order.pk, task.pk, note_internal="new", note_external="A", **notes)
    signed.refresh_from_db()
    assert signed.voided_at is None
    change_task_notes(order.pk, task.pk, note_internal="new", note_external="B", **notes)
    signed.refresh_from_db()
    assert signed.voided_at


def test_the_database_keeps_a_signature_as_it_was():
    row = sign(working())
    row.signer_name = "Mr Other"
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        row.save()
    with pytest.raises(IntegrityError, match="signoff_one_valid_per_order"), transaction.atomic():
        SignOff.objects.create(
            order=row.order, signer_name="B", is_typed=True, canonical="{}", sha256="", device_at=NOW
        )
    with pytest.raises(IntegrityError, match="signoff_drawn_or_typed"), transaction.atomic():
        SignOff.objects.create(order=make_order(), signer_name="B", canonical="{}", sha256="", device_at=NOW)


@pytest.mark.django_db(transaction=True)
def test_of_two_signatures_at_once_one_counts():
    order, ann = working(), user_in(DISPATCHER)
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def press() -> None:
        barrier.wait()
        try:
            sign(order, by=ann)
            outcomes.append("signed")
        except Refused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "signed"] and SignOff.objects.count() == 1
