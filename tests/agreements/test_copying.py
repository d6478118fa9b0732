"""AG-13, AG-14 and scenarios 7–9, 12: copying lines from templates and agreements."""

from datetime import date
from decimal import Decimal
from functools import partial

import pytest

from agreements import operations
from agreements.models import ServiceAgreement, ServiceAgreementLine
from servicemgmt.core.errors import Refused
from servicemgmt.masterdata.models import Currency
from tests.agreements.ask import events
from tests.cast import user_in
from tests.make_agreements import (
    make_agreement,
    make_line,
    make_object,
    make_project,
    make_task,
    make_template_group,
)

pytestmark = pytest.mark.django_db


def template_of_six() -> tuple[ServiceAgreement, list[ServiceAgreementLine]]:
    """Scenario 8: six lines, two tasks, one object."""
    template = make_agreement("Lift template", template_group=make_template_group())
    lift = operations.relate_object(template.pk, make_object(), by=None)
    tasks = [operations.relate_task(template.pk, make_task(code), by=None) for code in ("A", "B")]
    return template, [
        make_line(template, object_relation=lift, task_relation=tasks[n // 3], description=f"Line {n}")
        for n in range(6)
    ]


def test_F8_AG_13_lines_of_a_template_bring_their_relations() -> None:
    _template, lines = template_of_six()
    target = make_agreement(start_date=date(2026, 3, 1))
    ids = [line.pk for line in lines[:3]]
    made = operations.copy_lines(target.pk, ids, with_objects=False, with_tasks=False, by=user_in("Planner"))
    assert [line.description for line in made] == ["Line 0", "Line 1", "Line 2"]
    assert (target.lines.count(), target.task_relations.count(), target.object_relations.count()) == (3, 1, 1)
    assert {line.start_date for line in made} == {date(2026, 3, 1)}
    assert {line.line_property for line in made} == {target.project.line_property}
    assert events(target)[-1] == "lines_copied"


def test_F9_AG_14_without_the_options_unrelated_objects_are_cleared() -> None:
    source, target = make_agreement("Source"), make_agreement("Target")
    lift, door = make_object("Lift"), make_object("Door")
    relations = [operations.relate_object(source.pk, thing, by=None) for thing in (lift, door)]
    lines = [make_line(source, object_relation=relation) for relation in relations]
    own = operations.relate_object(target.pk, lift, by=None)
    ids = [line.pk for line in lines]
    made = operations.copy_lines(target.pk, ids, with_objects=False, with_tasks=False, by=None)
    assert [line.object_relation for line in made] == [own, None]
    again = operations.copy_lines(target.pk, ids, with_objects=True, with_tasks=False, by=None)
    assert [line.object_relation.service_object for line in again] == [lift, door]
    assert target.object_relations.count() == 2


def test_F7_AG_06_stopped_lines_and_suspended_agreements_are_not_copied() -> None:
    source, target = make_agreement("Source"), make_agreement("Target")
    line = make_line(source)
    operations.stop_line(line.pk, reason="Unused", version=1, by=None)
    with pytest.raises(Refused, match="stopped"):
        operations.copy_lines(target.pk, [line.pk], with_objects=True, with_tasks=True, by=None)
    operations.restart_line(line.pk, version=2, by=None)
    source.refresh_from_db()
    operations.suspend(source.pk, reason="Unpaid", version=source.version, by=None)
    with pytest.raises(Refused, match="stopped"):
        operations.copy_lines(target.pk, [line.pk], with_objects=True, with_tasks=True, by=None)


def test_F12_one_template_into_five_agreements() -> None:
    template, lines = template_of_six()
    targets = [make_agreement(f"Elevator {n}") for n in range(5)]
    for target in targets:
        operations.copy_lines(
            target.pk, [line.pk for line in lines[:4]], with_objects=False, with_tasks=False, by=None
        )
    content = [
        list(target.lines.values_list("line_number", "description", "quantity", "interval"))
        for target in targets
    ]
    assert all(found == content[0] and len(found) == 4 for found in content)
    assert template.lines.count() == 6


def test_copied_dates_stay_where_they_fit() -> None:
    source, target = make_agreement("Source"), make_agreement("Target", start_date=date(2026, 7, 1))
    inside = make_line(source, start_date=date(2026, 3, 15))
    gone = make_line(source, end_date=date(2026, 6, 30))
    made = operations.copy_lines(target.pk, [inside.pk, gone.pk], with_objects=True, with_tasks=True, by=None)
    assert [(line.start_date, line.end_date) for line in made] == [
        (date(2026, 3, 15), None),
        (date(2026, 7, 1), None),
    ]


def test_nothing_ticked_is_nothing_copied() -> None:
    target = make_agreement()
    with pytest.raises(Refused, match="Tick"):
        operations.copy_lines(target.pk, [], with_objects=True, with_tasks=True, by=None)


def test_AG_13_AG_14_a_price_stays_behind_where_the_target_is_in_another_currency() -> None:
    pounds = make_project("Pounds", currency=Currency.objects.get_or_create(code="GBP")[0])
    targets = [make_agreement("Euro"), make_agreement("Pounds", project=pounds)]

    def copied(source: ServiceAgreement) -> list[Decimal | None]:
        line = make_line(source, sales_price=Decimal(100))
        copy = partial(operations.copy_lines, with_objects=True, with_tasks=True, by=None)
        return [copy(target.pk, [line.pk])[0].sales_price for target in targets]

    assert copied(make_agreement("Source")) == [100, None]
    assert copied(make_agreement("Template", template_group=make_template_group())) == [100, 100]
