"""AG-01 … AG-20 and scenarios 1–12: the operations on agreements, their lines and relations."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from agreements import operations
from agreements.models import (
    AgreementObject,
    AgreementTask,
    ItemSetup,
    ServiceAgreement,
    ServiceAgreementLine,
    ServiceLevelAgreement,
)
from agreements.queries import line_remarks, sla_for
from orders.models import ServiceParameters
from servicemgmt.core.errors import Invalid, Refused, Stale, constraint_of
from servicemgmt.core.models import Event
from servicemgmt.masterdata.operations import create_contact
from servicemgmt.projects.models import LineKind, ProjectKind
from tests import make_money
from tests.cast import user_in
from tests.make_agreements import (
    make_agreement,
    make_group,
    make_initial_stage,
    make_line,
    make_object,
    make_project,
    make_sla,
    make_task,
    make_template_group,
)
from tests.make_orders import make_order

pytestmark = pytest.mark.django_db


def events(agreement: ServiceAgreement) -> list[str]:
    subject = f"serviceagreement:{agreement.pk}"
    return list(Event.objects.filter(subject=subject).order_by("pk").values_list("action", flat=True))


def refused_field(refusal: pytest.ExceptionInfo[Invalid]) -> str:
    return refusal.value.field


# --- header -----------------------------------------------------------------------------------------------


def test_F1_AG_01_the_group_of_the_parameters_is_the_usual_one() -> None:
    silver = make_group("SILVER")
    ServiceParameters.objects.create(agreement_group=silver)
    assert make_agreement(group=None).group == silver


def test_AG_01_without_any_group_it_is_asked_for() -> None:
    with pytest.raises(Invalid) as refusal:
        make_agreement(group=None)
    assert refused_field(refusal) == "group"


def test_AG_01_number_customer_and_trace_come_by_themselves() -> None:
    pia = user_in("Planner")
    agreement = make_agreement(by=pia)
    assert agreement.number.startswith("SA-") and agreement.customer == agreement.project.customer
    assert agreement.made_by == pia and events(agreement) == ["created"]


def test_F2_AG_01_a_time_project_is_refused() -> None:
    project = make_project(kind=ProjectKind.TIME)
    with pytest.raises(Invalid, match="cannot be attached to time projects") as refusal:
        make_agreement(project=project)
    assert refused_field(refusal) == "project"


def test_AG_01_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        make_agreement(start_date=date(2026, 2, 1), end_date=date(2026, 1, 31))
    assert refused_field(refusal) == "end_date"
    agreement = make_agreement(start_date=date(2026, 2, 1), end_date=date(2026, 2, 1))
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        ServiceAgreement.objects.filter(pk=agreement.pk).update(end_date=date(2026, 1, 31))
    assert constraint_of(broken.value) == "agreement_ends_after_start"


def test_AG_01_only_a_template_does_without_a_project() -> None:
    with pytest.raises(Invalid) as refusal:
        make_agreement(project=None)
    assert refused_field(refusal) == "project"
    template = make_agreement(template_group=make_template_group())
    assert template.is_template and template.customer is None
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        ServiceAgreement.objects.filter(pk=template.pk).update(template_group=None)
    assert constraint_of(broken.value) == "agreement_has_project_unless_template"


def test_AG_01_a_contact_of_somebody_else_is_refused() -> None:
    stranger = create_contact(by=None, customer=make_money.customer("Other"), name="Eve")
    with pytest.raises(Invalid) as refusal:
        make_agreement(contact=stranger)
    assert refused_field(refusal) == "contact"


def test_AG_04_the_sla_of_the_group_is_proposed_and_the_agreement_wins() -> None:
    gold = make_group(sla=make_sla("4H", hours=4))
    assert make_agreement(group=gold).sla == make_sla("4H")
    assert make_agreement("Other", group=gold, sla=make_sla("8H")).sla == make_sla("8H")


def test_AG_04_line_goes_before_object_group_before_agreement_before_agreement_group() -> None:
    gold = make_group(sla=make_sla("GROUP", hours=1))
    agreement = make_agreement(group=gold, sla=make_sla("AGREEMENT", hours=2))
    lift = make_object()
    line = make_line(agreement, sla=make_sla("LINE", hours=4))
    assert sla_for(agreement, lift, line) == make_sla("LINE")
    lift.group.sla = make_sla("OBJECT", hours=3)
    line.sla = None
    assert sla_for(agreement, lift, line) == make_sla("OBJECT")
    lift.group.sla = None
    assert sla_for(agreement, lift, line) == make_sla("AGREEMENT")
    agreement.sla = None
    assert sla_for(agreement, lift, line) == make_sla("GROUP")
    assert sla_for(None) is None


def test_SLA_13_a_suspended_sla_is_neither_proposed_nor_chosen_nor_given() -> None:
    off = make_sla("OFF", suspended=True)
    gold = make_group(sla=off)
    agreement = make_agreement(group=gold)
    assert agreement.sla is None and sla_for(agreement) is None
    with pytest.raises(Invalid) as refusal:
        operations.change_agreement(agreement.pk, version=agreement.version, by=None, sla=off)
    assert refused_field(refusal) == "sla"
    with pytest.raises(Invalid):
        make_line(agreement, sla=off)


def test_SLA_13_what_is_suspended_later_stays_where_it_is() -> None:
    agreement = make_agreement(sla=make_sla("8H"))
    ServiceLevelAgreement.objects.update(suspended=True)
    changed = operations.change_agreement(agreement.pk, version=1, by=None, description="New name")
    assert changed.sla == make_sla("8H") and sla_for(changed) is None


def test_AG_05_suspend_and_resume_leave_a_trace_and_refuse_twice() -> None:
    agreement = make_agreement()
    operations.suspend(agreement.pk, version=1, by=user_in("Planner"))
    with pytest.raises(Refused):
        operations.suspend(agreement.pk, version=2, by=None)
    resumed = operations.resume(agreement.pk, version=2, by=None)
    assert not resumed.suspended and events(agreement) == ["created", "suspended", "resumed"]


def test_stale_pages_are_told() -> None:
    agreement = make_agreement()
    operations.suspend(agreement.pk, version=1, by=None)
    for verb in (
        lambda: operations.resume(agreement.pk, version=1, by=None),
        lambda: operations.change_agreement(agreement.pk, version=1, by=None, description="x"),
        lambda: operations.add_line(agreement.pk, version=1, by=None),
        lambda: operations.end(agreement.pk, on=date(2026, 6, 1), reason="x", version=1, by=None),
        lambda: operations.delete_agreement(agreement.pk, version=1, by=None),
    ):
        with pytest.raises(Stale):
            verb()


def test_an_agreement_ends_with_a_reason() -> None:
    agreement = make_agreement()
    with pytest.raises(Invalid) as refusal:
        operations.end(agreement.pk, on=date(2026, 6, 30), reason=" ", version=1, by=None)
    assert refused_field(refusal) == "reason"
    with pytest.raises(Invalid) as refusal:
        operations.end(agreement.pk, on=date(2025, 12, 31), reason="Sold", version=1, by=None)
    assert refused_field(refusal) == "on"
    ended = operations.end(agreement.pk, on=date(2026, 6, 30), reason="Sold", version=1, by=None)
    assert (ended.end_date, ended.end_reason) == (date(2026, 6, 30), "Sold")
    assert events(agreement)[-1] == "ended"


def test_a_change_without_difference_writes_nothing() -> None:
    agreement = make_agreement()
    operations.change_agreement(agreement.pk, version=1, by=None, description=agreement.description)
    agreement.refresh_from_db()
    assert agreement.version == 1 and events(agreement) == ["created"]


def test_the_project_stays_once_there_are_orders() -> None:
    agreement = make_agreement()
    other = make_project("Other")
    operations.change_agreement(agreement.pk, version=1, by=None, project=other)
    make_order(agreement=ServiceAgreement.objects.get(pk=agreement.pk), service_on=date(2026, 3, 16))
    with pytest.raises(Refused, match="project cannot be changed"):
        operations.change_agreement(agreement.pk, version=2, by=None, project=make_project("Third"))


def test_F3_AG_07_an_agreement_with_orders_cannot_be_a_template() -> None:
    agreement = make_agreement()
    make_order(agreement=agreement, service_on=date(2026, 3, 16))
    with pytest.raises(Refused, match="cannot be used as a template"):
        operations.make_template(agreement.pk, template_group=make_template_group(), version=1, by=None)
    free = make_agreement("Free")
    made = operations.make_template(free.pk, template_group=make_template_group(), version=1, by=None)
    assert made.is_template


def test_AG_18_with_orders_it_is_not_deleted_and_without_it_is() -> None:
    agreement = make_agreement()
    lift = operations.relate_object(agreement.pk, make_object(), by=None)
    task = operations.relate_task(agreement.pk, make_task(), by=None)
    make_line(agreement, object_relation=lift, task_relation=task)
    agreement.refresh_from_db()
    order = make_order(agreement=agreement, service_on=date(2026, 3, 16))
    with pytest.raises(Refused, match="has service orders"):
        operations.delete_agreement(agreement.pk, version=agreement.version, by=None)
    order.lines.all().delete()
    order.delete()
    operations.delete_agreement(agreement.pk, version=agreement.version, by=user_in("Planner"))
    assert not ServiceAgreement.objects.exists() and not AgreementObject.objects.exists()
    assert events(agreement)[-1] == "deleted"


def test_AG_20_one_responsible_for_several() -> None:
    from tests.make_orders import make_worker

    bo = make_worker("Bo")
    first, second = make_agreement("A", responsible=bo), make_agreement("B")
    assert operations.set_responsible([first.pk, second.pk], responsible=bo, by=user_in("Planner")) == 1
    assert events(first) == ["created"] and events(second) == ["created", "changed"]


# --- lines ------------------------------------------------------------------------------------------------


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
        ("end_date", {"start_date": date(2026, 3, 1), "end_date": date(2026, 2, 28)}),
        ("start_date", {"start_date": date(2027, 1, 1)}),
        ("start_date", {"start_date": date(2025, 1, 1), "end_date": date(2025, 12, 31)}),
    ):
        with pytest.raises(Invalid) as refusal:
            make_line(agreement, **values)
        assert refused_field(refusal) == field
    line = make_line(agreement)
    for name, values in (
        ("agreementline_quantity_positive", {"quantity": 0}),
        ("agreementline_ends_after_start", {"end_date": date(2025, 1, 1)}),
        ("agreementline_item_lines_have_an_item", {"kind": "ITEM"}),
        ("agreementline_kind_known", {"kind": "TIME"}),
    ):
        with pytest.raises(IntegrityError) as broken, transaction.atomic():
            ServiceAgreementLine.objects.filter(pk=line.pk).update(**values)
        assert constraint_of(broken.value) == name


def test_a_line_that_sticks_out_is_remarked() -> None:
    agreement = make_agreement()
    line = make_line(agreement, end_date=date(2027, 6, 30))
    assert line_remarks(agreement, line) == ["Runs past the agreement's end: produces nothing after it."]
    assert line_remarks(agreement, make_line(agreement)) == []


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
    with pytest.raises(Stale):
        operations.change_line(line.pk, version=1, by=None, quantity=Decimal(3))


def test_AG_06_stop_and_go_on() -> None:
    agreement = make_agreement()
    line = make_line(agreement)
    operations.stop_line(line.pk, version=1, by=None)
    with pytest.raises(Refused):
        operations.stop_line(line.pk, version=2, by=None)
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


# --- relations and copying --------------------------------------------------------------------------------


def test_AG_12_the_same_object_again_only_under_another_reference() -> None:
    agreement, lift = make_agreement(), make_object()
    operations.relate_object(agreement.pk, lift, by=None)
    with pytest.raises(Refused, match="related already"):
        operations.relate_object(agreement.pk, lift, by=None)
    operations.relate_object(agreement.pk, lift, reference="north", by=None)
    assert agreement.object_relations.count() == 2


def test_AG_11_a_task_brings_its_notes_and_they_can_be_changed() -> None:
    agreement = make_agreement()
    oil = make_task("OIL", note_internal="Bring oil", note_external="Oil changed")
    relation = operations.relate_task(agreement.pk, oil, by=None)
    assert (relation.note_internal, relation.note_external) == ("Bring oil", "Oil changed")
    with pytest.raises(Refused, match="related already"):
        operations.relate_task(agreement.pk, oil, by=None)
    changed = operations.change_task_notes(
        relation.pk, note_internal="Two litres", note_external="", version=1, by=None
    )
    assert (changed.note_internal, changed.version) == ("Two litres", 2)
    with pytest.raises(Stale):
        operations.change_task_notes(relation.pk, note_internal="", note_external="", version=1, by=None)


def test_relations_that_lines_use_stay() -> None:
    agreement = make_agreement()
    lift = operations.relate_object(agreement.pk, make_object(), by=None)
    task = operations.relate_task(agreement.pk, make_task(), by=None)
    line = make_line(agreement, object_relation=lift, task_relation=task)
    for verb, relation in ((operations.unrelate_object, lift), (operations.unrelate_task, task)):
        with pytest.raises(Refused, match="used by line 1"):
            verb(relation.pk, by=None)
    operations.change_line(line.pk, version=1, by=None, object_relation=None, task_relation=None)
    operations.unrelate_object(lift.pk, by=None)
    operations.unrelate_task(task.pk, by=None)
    assert not AgreementObject.objects.exists() and not AgreementTask.objects.exists()


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
    operations.stop_line(line.pk, version=1, by=None)
    with pytest.raises(Refused, match="stopped"):
        operations.copy_lines(target.pk, [line.pk], with_objects=True, with_tasks=True, by=None)
    operations.restart_line(line.pk, version=2, by=None)
    source.refresh_from_db()
    operations.suspend(source.pk, version=source.version, by=None)
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
