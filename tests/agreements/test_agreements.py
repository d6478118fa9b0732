"""AG-01 … AG-20 and scenarios 1–3, 11: the operations on the header of agreements."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from agreements import operations
from agreements.models import (
    AgreementObject,
    LinePrice,
    ServiceAgreement,
    ServiceLevelAgreement,
    ServiceObject,
)
from agreements.queries import sla_for
from orders.models import ServiceParameters
from servicemgmt.core.errors import Invalid, Refused, Stale, constraint_of
from servicemgmt.core.models import Event
from servicemgmt.masterdata.models import Currency
from servicemgmt.masterdata.operations import create_contact
from servicemgmt.projects.models import ProjectKind
from tests import make_money
from tests.agreements.ask import events, refused_field
from tests.cast import user_in
from tests.make_agreements import (
    make_agreement,
    make_group,
    make_line,
    make_object,
    make_project,
    make_sla,
    make_task,
    make_template_group,
)
from tests.make_orders import make_order
from tests.make_subscriptions import make_subscription

pytestmark = pytest.mark.django_db


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


def test_AG_04_line_goes_before_object_group_before_agreement_before_its_group_before_the_usual() -> None:
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
    agreement.group.sla = None
    assert sla_for(agreement, lift, line) is None
    ServiceParameters.objects.create(sla=make_sla("USUAL", hours=5))
    assert sla_for(agreement, lift, line) == sla_for(None) == make_sla("USUAL")


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
    operations.suspend(agreement.pk, reason="Unpaid", version=1, by=user_in("Planner"))
    with pytest.raises(Refused):
        operations.suspend(agreement.pk, reason="Unpaid", version=2, by=None)
    resumed = operations.resume(agreement.pk, version=2, by=None)
    assert not resumed.suspended and events(agreement) == ["created", "suspended", "resumed"]


def test_what_rested_ends_as_many_days_later_if_wanted() -> None:
    agreement = make_agreement(start_date=date(2026, 1, 1), end_date=date(2026, 12, 31))
    with_it = make_line(agreement, end_date=date(2026, 12, 31))
    before = make_line(agreement, end_date=date(2026, 6, 30))
    rest = {"reason": "Rebuilding", "by": None, "on": date(2026, 2, 1)}
    operations.suspend(agreement.pk, version=agreement_version(agreement), **rest)
    resumed = operations.resume(
        agreement.pk, version=agreement_version(agreement), by=None, on=date(2026, 3, 1), keeps_term=True
    )
    assert resumed.end_date == date(2027, 1, 28) and resumed.suspended_on is None
    with_it.refresh_from_db()
    before.refresh_from_db()
    assert (with_it.end_date, before.end_date) == (date(2027, 1, 28), date(2026, 6, 30))
    told = Event.objects.filter(action="resumed").latest("pk").changes
    assert told["end_date"] == ["2026-12-31", "2027-01-28"]


def test_without_an_end_or_a_day_of_rest_there_is_nothing_to_add() -> None:
    for end_date, on in ((None, date(2026, 3, 1)), (date(2026, 12, 31), date(2026, 2, 1))):
        agreement = make_agreement(end_date=end_date)
        operations.suspend(agreement.pk, reason="x", version=1, by=None, on=date(2026, 2, 1))
        with pytest.raises(Refused, match="no day to add"):
            operations.resume(agreement.pk, version=2, by=None, on=on, keeps_term=True)


def agreement_version(agreement: ServiceAgreement) -> int:
    agreement.refresh_from_db()
    return agreement.version


def test_stale_pages_are_told() -> None:
    agreement = make_agreement()
    operations.suspend(agreement.pk, reason="Unpaid", version=1, by=None)
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
    with pytest.raises(Invalid, match="ends on 30 Jun 2026 anyway"):
        operations.end(agreement.pk, on=date(9999, 12, 31), reason="Sold", version=ended.version, by=None)


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
    group = make_template_group()
    with pytest.raises(IntegrityError, match="cannot be a template"), transaction.atomic():
        ServiceAgreement.objects.filter(pk=agreement.pk).update(template_group=group)
    charged = make_agreement("Charged")
    make_subscription(agreement=charged, project=charged.project)
    with (
        pytest.raises(Refused, match="with subscriptions cannot be used as a template"),
        transaction.atomic(),
    ):
        operations.make_template(charged.pk, template_group=group, version=charged.version, by=None)
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


def test_terms_with_one_customer_do_not_pass_to_another_with_the_project() -> None:
    agreement, pounds = (
        make_agreement(),
        make_project("Pounds", currency=Currency.objects.get_or_create(code="GBP")[0]),
    )
    elsewhere = make_project("Elsewhere", customer=make_money.customer("Else"))
    line = make_line(agreement, sales_price=Decimal(100))
    relation = operations.relate_object(agreement.pk, make_object(), by=None)
    anybodys = make_object("Anybody's")
    ServiceObject.objects.filter(pk=anybodys.pk).update(customer=None)
    operations.relate_object(agreement.pk, anybodys, by=None)
    agreement.refresh_from_db()
    for project in (pounds, elsewhere):
        with pytest.raises(Invalid) as refused:
            operations.change_agreement(agreement.pk, version=agreement.version, by=None, project=project)
        assert refused.value.field == "project"
    operations.unrelate_object(relation.pk, by=None)
    operations.change_line(line.pk, version=line.version, by=None, sales_price=None)
    agreement.refresh_from_db()
    operations.change_agreement(agreement.pk, version=agreement.version, by=None, project=elsewhere)
    LinePrice.objects.create(line=line, valid_from=date(2026, 7, 1), price=Decimal(110))
    agreement.refresh_from_db()
    with pytest.raises(Invalid, match="prices in EUR"):
        operations.change_agreement(
            agreement.pk,
            version=agreement.version,
            by=None,
            project=make_project("Else's pounds", customer=elsewhere.customer, currency=pounds.currency),
        )
