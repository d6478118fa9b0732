"""B.2: service objects, where they stand and what they are part of."""

from datetime import date
from threading import Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from agreements import operations
from agreements.models import ServiceObject, ServiceObjectPlacement, TemplateGroup
from agreements.placements import site_on
from servicemgmt.core.errors import Invalid, Refused, Stale, constraint_of
from servicemgmt.core.models import Event
from tests import make_money
from tests.cast import stranger, user_in
from tests.make_agreements import make_object, make_site, make_template_group
from tests.make_money import company_today
from tests.make_orders import make_order, make_worker, set_parameters

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 1)


def spans(thing: ServiceObject) -> list[tuple[str, date | None, date | None]]:
    rows = thing.placements.order_by("during")
    return [(row.site.name, row.during.lower, row.during.upper) for row in rows]


def test_an_object_is_numbered_and_gets_the_customer_of_its_site() -> None:
    thing = make_object(by=user_in("Planner"))
    assert thing.number.startswith("OB-") and thing.customer == make_money.customer()
    assert spans(thing) == [("Main", None, None)]
    assert Event.objects.get(subject=f"serviceobject:{thing.pk}").action == "created"


def test_many_objects_are_made_in_as_many_statements_as_one(django_assert_num_queries) -> None:
    first = make_object()

    def more(count: int) -> list[ServiceObject]:
        return [
            ServiceObject(description=f"Lift {n}", group=first.group, site=first.site) for n in range(count)
        ]

    with django_assert_num_queries(
        8
    ):  # two savepoints, the numbers, the rows, their events, their placements
        one = operations.create_objects(more(1), by=None)
    with django_assert_num_queries(8):
        many = operations.create_objects(more(9), by=None)
    assert len({thing.number for thing in one + many}) == 10
    assert {thing.customer for thing in many} == {make_money.customer()}
    assert all(spans(thing) == [(first.site.name, None, None)] for thing in many)
    assert Event.objects.filter(subject=f"serviceobject:{many[-1].pk}", action="created").exists()


def test_moving_keeps_where_it_was_without_overlap() -> None:
    thing = make_object(placed_on=date(2026, 1, 1))
    yard = make_site(name="Yard")
    with pytest.raises(Invalid) as refusal:
        operations.move_object(
            thing.pk, site=thing.site, on=date(2026, 2, 1), today=TODAY, version=1, by=None
        )
    assert refusal.value.field == "site"
    with pytest.raises(Invalid) as refusal:
        operations.move_object(thing.pk, site=yard, on=date(2026, 1, 1), today=TODAY, version=1, by=None)
    assert refusal.value.field == "on"
    moved = operations.move_object(
        thing.pk, site=yard, on=date(2026, 2, 1), today=TODAY, version=1, by=user_in("Planner")
    )
    assert moved.site == yard and moved.version == 2
    assert spans(thing) == [("Main", date(2026, 1, 1), date(2026, 2, 1)), ("Yard", date(2026, 2, 1), None)]
    assert Event.objects.filter(subject=f"serviceobject:{thing.pk}", action="moved").exists()
    with pytest.raises(Stale):
        operations.move_object(
            thing.pk, site=make_site(), on=date(2026, 3, 1), today=TODAY, version=1, by=None
        )
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        ServiceObjectPlacement.objects.create(
            object=thing, site=yard, during=DateRange(date(2026, 1, 15), date(2026, 1, 16))
        )
    assert constraint_of(broken.value) == "placement_one_site_at_a_time"


def test_a_move_dated_ahead_takes_effect_on_its_day_and_can_be_taken_back() -> None:
    before, day, after = date(2026, 2, 1), date(2026, 6, 1), date(2026, 6, 2)
    thing, yard = make_object("Lift", placed_on=date(2026, 1, 1)), make_site(name="Yard")
    drive = make_object("Drive", parent=thing)
    main = thing.site

    def move(version: int, on: date = day, **values: Any) -> ServiceObject:
        given = {"site": yard, "on": on, "today": before, "version": version, "by": None, "with_parts": True}
        return operations.move_object(thing.pk, **(given | values))

    assert move(1).site == main and site_on(thing, before) == main and site_on(thing, day) == yard
    assert operations.arrive(today=before) == 0
    for wrong, field in (
        ({"site": yard, "on": after}, "site"),
        ({"site": main, "on": date(2026, 5, 1)}, "on"),
        ({"site": main, "on": after, "customer": make_money.customer("Other")}, "customer"),
    ):
        with pytest.raises(Invalid) as refusal:
            move(2, **wrong)
        assert refusal.value.field == field
    operations.drop_move(thing.pk, today=before, version=2, by=None)
    assert spans(thing) == [("Main", date(2026, 1, 1), None)] and spans(drive) == [("Main", None, None)]
    with pytest.raises(Refused, match="No move"):
        operations.drop_move(thing.pk, today=before, version=3, by=None)
    move(3)
    assert operations.arrive(today=after) == 2 and operations.arrive(today=after) == 0
    assert set(ServiceObject.objects.values_list("site__name", flat=True)) == {"Yard"}
    told = Event.objects.filter(subject=f"serviceobject:{drive.pk}").order_by("pk")
    assert [event.action for event in told] == ["created", "moved", "move_dropped", "moved", "arrived"]
    with pytest.raises(Refused, match="No move"):
        operations.drop_move(thing.pk, today=after, version=5, by=None)


def test_an_object_is_never_a_part_of_itself() -> None:
    machine, drive = make_object("Machine"), make_object("Drive")
    bearing = make_object("Bearing", parent=drive)
    operations.save_object(drive.pk, version=1, by=None, parent=machine)
    with pytest.raises(Refused, match="part of itself"):
        operations.save_object(machine.pk, version=1, by=None, parent=bearing)
    with pytest.raises(Refused, match="part of itself"):
        operations.save_object(machine.pk, version=1, by=None, parent=machine)
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        ServiceObject.objects.filter(pk=machine.pk).update(parent=bearing)
    assert constraint_of(broken.value) == "serviceobject_acyclic"


def test_B2_an_object_is_no_part_of_another_customers_object() -> None:
    machine, other = make_object("Machine"), make_money.customer("Somebody else")
    drive, foreign = make_object("Drive", parent=machine), make_object("Foreign", customer=other)
    part = make_object("Part")
    assert make_object("Bolt", parent=foreign, site=machine.site).customer == other, (
        "that of what it is part of"
    )
    for fields, field in (
        ({"parent": foreign}, "parent"),
        ({"parent": machine, "customer": other}, "parent"),
    ):
        with pytest.raises(Invalid, match="belong to one customer") as refusal:
            operations.save_object(part.pk, version=1, by=None, **fields)
        assert refusal.value.field == field
    with pytest.raises(Invalid) as refusal:
        operations.save_object(drive.pk, version=1, by=None, customer=other)
    assert refusal.value.field == "customer", "it is the customer that does not fit"
    with pytest.raises(Invalid):
        make_object("Belt", parent=foreign, customer=machine.customer)
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        ServiceObject.objects.filter(pk=part.pk).update(parent=foreign)
    assert constraint_of(broken.value) == "serviceobject_part_of_one_customer"


def test_B2_what_is_moved_or_changes_hands_takes_its_components_along() -> None:
    machine, other = make_object("Machine"), make_money.customer("Somebody else")
    drive = make_object("Drive", parent=machine)
    bearing = make_object("Bearing", parent=drive)
    away = make_object("Away", parent=machine, site=make_site(name="Workshop"))
    yard = make_site(other, name="Yard")
    with pytest.raises(Invalid) as refusal:
        operations.move_object(
            drive.pk,
            site=yard,
            on=date(2026, 2, 1),
            today=TODAY,
            version=1,
            by=None,
            customer=other,
        )
    assert refusal.value.field == "customer"
    operations.move_object(
        machine.pk,
        site=yard,
        on=date(2026, 2, 1),
        today=TODAY,
        version=1,
        by=None,
        customer=other,
        with_parts=True,
    )
    for thing, place in ((machine, "Yard"), (drive, "Yard"), (bearing, "Yard"), (away, "Workshop")):
        thing.refresh_from_db()
        assert (thing.site.name, thing.customer) == (place, other) and thing.version > 1
        assert spans(thing)[-1][0] == place
        last = Event.objects.filter(subject=f"serviceobject:{thing.pk}").latest("pk")
        assert last.changes["customer"] == ["Huber", "Somebody else"]
    operations.save_object(machine.pk, version=machine.version, by=None, customer=make_money.customer())
    assert not ServiceObject.objects.filter(customer=other).exists()
    with pytest.raises(Invalid, match="Bearing came to its present site on 1 Feb 2026") as refusal:
        operations.move_object(
            bearing.pk, site=away.site, on=date(2026, 2, 1), today=TODAY, version=4, by=None
        )
    assert refusal.value.field in ("on", "customer")


def test_a_template_group_never_lies_inside_itself() -> None:
    top = make_template_group("TOP")
    below = make_template_group("BELOW", parent=top)
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        TemplateGroup.objects.filter(pk=top.pk).update(parent=below)
    assert constraint_of(broken.value) == "templategroup_acyclic"


@pytest.mark.django_db(transaction=True)
def test_two_people_cannot_close_a_circle_together() -> None:
    machine, drive = make_object("Machine"), make_object("Drive")
    refused: list[str] = []

    def hang(what: ServiceObject, under: ServiceObject) -> None:
        try:
            with transaction.atomic():
                ServiceObject.objects.filter(pk=what.pk).update(parent=under)
        except IntegrityError as error:
            refused.append(constraint_of(error))
        finally:
            connection.close()

    threads = [Thread(target=hang, args=pair) for pair in ((machine, drive), (drive, machine))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["serviceobject_acyclic"]


def test_one_item_on_one_object_where_the_parameters_say_so() -> None:
    part = make_money.item()
    make_object(item=part, serial_number="S-1")
    make_object(item=part, serial_number="S-1")
    set_parameters(one_item_on_many_objects=False)
    with pytest.raises(Invalid) as refusal:
        make_object(item=part, serial_number="S-1")
    assert refusal.value.field == "item"
    other = make_object(item=part, serial_number="S-2")
    with pytest.raises(Invalid):
        operations.save_object(other.pk, version=1, by=None, serial_number="S-1")
    other.refresh_from_db()
    assert other.serial_number == "S-2" and ServiceObject.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_people_cannot_give_two_objects_one_item_together() -> None:
    part, site = make_money.item(), make_site()
    make_object("The sequence", site=site)
    group = ServiceObject.objects.get().group
    set_parameters(one_item_on_many_objects=False)
    refused: list[str] = []

    def enter(name: str) -> None:
        try:
            operations.create_object(
                by=None, description=name, group=group, site=site, item=part, serial_number="S-1"
            )
        except Invalid as refusal:
            refused.append(refusal.field)
        finally:
            connection.close()

    threads = [Thread(target=enter, args=(name,)) for name in ("One", "Two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["item"] and ServiceObject.objects.filter(item=part).count() == 1


def test_C12_a_technician_sees_the_objects_of_his_orders_only() -> None:
    bo = user_in("Technician")
    mine, other = make_object("Mine"), make_object("Other")
    order = make_order(service_object=mine, service_on=company_today())
    order.assignments.create(worker=make_worker("Bo", user=bo))
    assert list(ServiceObject.objects.visible_to(bo)) == [mine]
    assert set(ServiceObject.objects.visible_to(user_in("Planner"))) == {mine, other}
    assert not ServiceObject.objects.visible_to(stranger()).exists()
