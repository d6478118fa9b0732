"""AG-06, AG-08, AG-10: the lines of agreements."""

from datetime import date, time
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from agreements import operations
from agreements.models import ItemSetup, ServiceAgreementLine
from agreements.queries import line_remarks
from servicemgmt.core.errors import Invalid, Refused, Stale, constraint_of
from servicemgmt.core.models import Event
from servicemgmt.core.trail import changes_of
from servicemgmt.projects.models import LineKind
from tests import make_money
from tests.agreements.ask import events, refused_field
from tests.cast import user_in
from tests.make_agreements import make_agreement, make_initial_stage, make_line, make_object, make_task

pytestmark = pytest.mark.django_db


def test_AG_08_a_line_gets_date_number_and_line_property_by_itself() -> None:
    agreement = make_agreement()
    line = make_line(agreement)
    assert (line.line_number, line.start_date) == (1, date(2026, 1, 1))
    assert line.line_property == agreement.project.line_property
    assert make_line(agreement).line_number == 2
    assert events(agreement) == ["created", "line_added", "line_added"]


def test_AG_08_a_line_keeps_only_what_its_type_has() -> None:
    agreement = make_agreement()
    hour = make_line(
        agreement, cost_price=Decimal(5), item_setup=ItemSetup.REQUIREMENT, item=make_money.item()
    )
    assert (hour.cost_price, hour.item, hour.item_setup) == (None, None, ItemSetup.JOURNAL)
    part = make_line(agreement, LineKind.ITEM, item_setup=ItemSetup.REQUIREMENT)
    assert part.unit == part.item.unit and part.item_setup == ItemSetup.REQUIREMENT
    with pytest.raises(Invalid) as refusal:
        make_line(agreement, LineKind.ITEM, item=None)
    assert refused_field(refusal) == "item"


def test_AG_08_the_category_is_active_and_of_the_type() -> None:
    agreement = make_agreement()
    with pytest.raises(Invalid) as refusal:
        make_line(agreement, category=make_money.category(LineKind.FEE))
    assert refused_field(refusal) == "category"
    off = make_money.category(code="OFF", is_active=False)
    with pytest.raises(Invalid) as refusal:
        make_line(agreement, category=off)
    assert refused_field(refusal) == "category"


def test_what_a_line_has_it_may_keep_though_it_is_inactive_now() -> None:
    agreement = make_agreement()
    line = make_line(agreement, category=make_money.category(code="SOON"))
    line.category.is_active = False
    line.category.save(update_fields=["is_active"])
    operations.change_line(line.pk, version=1, by=None, quantity=Decimal(3))


def test_quantity_and_dates_of_a_line() -> None:
    agreement = make_agreement()
    for field, values in (
        ("quantity", {"quantity": Decimal(0)}),
        ("quantity", {"quantity": Decimal(10) ** 7}),
        ("sales_price", {"sales_price": Decimal(-5)}),
        ("cost_price", {"kind": "EXPENSE", "cost_price": Decimal(-5)}),
        ("end_date", {"start_date": date(2026, 3, 1), "end_date": date(2026, 2, 28)}),
        ("visit_until", {"visit_until": time(0)}),
        ("visit_until", {"visit_from": time(8), "visit_until": time(8)}),
        ("start_date", {"start_date": date(2027, 1, 1)}),
        ("start_date", {"start_date": date(2025, 1, 1), "end_date": date(2025, 12, 31)}),
    ):
        with pytest.raises(Invalid) as refusal:
            make_line(agreement, **values)
        assert refused_field(refusal) == field
    line = make_line(agreement)
    for name, values in (
        ("agreementline_quantity_positive", {"quantity": 0}),
        ("agreementline_sales_price_not_negative", {"sales_price": -4}),
        ("agreementline_cost_price_not_negative", {"cost_price": -4}),
        ("agreementline_ends_after_start", {"end_date": date(2025, 1, 1)}),
        ("agreementline_item_lines_have_an_item", {"kind": "ITEM"}),
        ("agreementline_kind_known", {"kind": "TIME"}),
        ("agreementline_hours_leave_time", {"visit_until": time(0)}),
        ("agreementline_hours_leave_time", {"visit_from": time(9), "visit_until": time(8)}),
    ):
        with pytest.raises(IntegrityError) as broken, transaction.atomic():
            ServiceAgreementLine.objects.filter(pk=line.pk).update(**values)
        assert constraint_of(broken.value) == name


def test_a_line_that_sticks_out_is_remarked() -> None:
    agreement = make_agreement()
    line = make_line(agreement, end_date=date(2027, 6, 30))
    assert line_remarks(agreement, line) == ["Runs past the agreement's end: produces nothing after it."]
    assert line_remarks(agreement, make_line(agreement)) == []
    early = make_line(agreement, start_date=date(2025, 12, 1), interval=None)
    assert line_remarks(agreement, early) == ["Comes once, before the agreement starts: produces nothing."]


def test_F10_AG_10_only_related_objects_and_tasks() -> None:
    agreement, other = make_agreement(), make_agreement("Other")
    lift = operations.relate_object(other.pk, make_object(), by=None)
    task = operations.relate_task(other.pk, make_task(), by=None)
    for field, relation in (("object_relation", lift), ("task_relation", task)):
        with pytest.raises(Invalid, match="not related") as refusal:
            make_line(agreement, **{field: relation})
        assert refused_field(refusal) == field
    line = make_line(agreement)
    for name, values in (
        ("agreementline_object_is_related", {"object_relation": lift}),
        ("agreementline_task_is_related", {"task_relation": task}),
    ):
        with pytest.raises(IntegrityError) as broken, transaction.atomic():
            ServiceAgreementLine.objects.filter(pk=line.pk).update(**values)
        assert constraint_of(broken.value) == name


def test_changing_a_line_names_what_changed() -> None:
    agreement = make_agreement()
    line = make_line(agreement)
    operations.change_line(line.pk, version=1, by=user_in("Planner"), quantity=Decimal("2.5"))
    event = Event.objects.filter(action="line_changed").get()
    assert event.changes == {"line 1: quantity": ["1", "2.5"]}
    words = changes_of(event.subject, {"line 2: sales_price": [None, "9"], "line 2: kind": [None, "HOUR"]})
    assert words == [("Line 2: sales price", "", "9"), ("Line 2: type", "", "Hour")]
    with pytest.raises(Stale):
        operations.change_line(line.pk, version=1, by=None, quantity=Decimal(3))


def test_AG_06_stop_and_go_on() -> None:
    agreement = make_agreement()
    line = make_line(agreement)
    operations.stop_line(line.pk, reason="Unused", version=1, by=None)
    with pytest.raises(Refused):
        operations.stop_line(line.pk, reason="Unused", version=2, by=None)
    assert not operations.restart_line(line.pk, version=2, by=None).stopped


def test_a_line_is_removed_unless_orders_came_from_it() -> None:
    from orders.generation import start_generation
    from orders.planning import Options
    from servicemgmt.core.periods import Period
    from servicemgmt.core.runs import execute_to_end

    agreement = make_agreement()
    line, spare = make_line(agreement), make_line(agreement, start_date=date(2026, 12, 1))
    make_initial_stage()
    period = Period(date(2026, 1, 1), date(2026, 1, 31))
    execute_to_end(start_generation([agreement.pk], Options(period), by=None, enqueue=False))
    with pytest.raises(Refused, match="Stop it instead"):
        operations.remove_line(line.pk, version=1, by=None)
    operations.remove_line(spare.pk, version=1, by=None)
    assert list(agreement.lines.all()) == [line]
