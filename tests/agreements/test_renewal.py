"""Life of an agreement: renewal with term and notice, by hand and by itself, reminders before the end."""

from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from threading import Thread

import pytest
import time_machine
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from agreements import operations
from agreements.models import ExpiryReminder, LinePrice, Renewal, ServiceAgreement
from agreements.renewal.forms import NoticeForm
from agreements.renewal.operations import give_notice, remind, renew, renew_one, withdraw_notice
from agreements.renewal.rules import anchor_of, is_due, next_term, notice_until
from agreements.renewal.run import KIND, concerned, start_renewing
from orders.tasks import night
from servicemgmt.core.errors import Invalid, Refused, Stale, constraint_of
from servicemgmt.core.models import Outbox, Run, User
from servicemgmt.core.periods import Unit, step
from servicemgmt.core.runs import execute_to_end, progress, start_run
from servicemgmt.masterdata.models import Company
from tests import make_money
from tests.agreements.ask import events, refused_field, url
from tests.cast import stranger, user_in
from tests.make_agreements import make_agreement, make_line, make_object, make_task
from tests.make_boms import make_bom
from tests.make_money import company_today
from tests.make_orders import NOW, make_worker

MARCH = date(2026, 3, 31)


def ending(description: str = "Yearly", **fields) -> ServiceAgreement:
    """From April 2025 to March 2026, renewed by itself for a year, three months' notice."""
    defaults = {
        "start_date": date(2025, 4, 1),
        "end_date": MARCH,
        "renewal": Renewal.AUTOMATIC,
        "term_months": 12,
        "notice_days": 90,
    }
    return make_agreement(description, **(defaults | fields))


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 120))
def test_terms_follow_each_other_without_gap(end: date, months: int) -> None:
    term = next_term(end, months)
    assert term.start == end + timedelta(days=1) <= term.end
    assert (term.end + timedelta(days=1)).day in (term.start.day, 28, 29, 30, 31)
    assert notice_until(date(2026, 3, 31), 90) == date(2025, 12, 31)


@given(st.dates(date(2000, 1, 1), date(2030, 12, 31)), st.integers(1, 31), st.sampled_from([1, 3, 6, 12, 24]))
def test_terms_do_not_drift_at_the_end_of_months(day: date, anchor: int, months: int) -> None:
    first = step(day.replace(day=1), Unit.MONTH, 0, month_end=True)
    first = first.replace(day=min(anchor, first.day))
    begun, end = [first.day], step(first, Unit.MONTH, months) - timedelta(days=1)
    for count in range(1, 14):
        term = next_term(end, months, anchor_of(end, begun))
        assert term.start == step(first, Unit.MONTH, months * count)
        begun, end = [*begun, term.start.day], term.end


@pytest.mark.django_db
def test_a_term_from_the_29th_of_february_comes_back_to_it() -> None:
    source = ending(start_date=date(2024, 2, 29), end_date=date(2025, 2, 27))
    chain = [source]
    for _year in range(4):
        chain += renew([chain[-1].pk], by=None)
    assert [row.start_date for row in chain[3:]] == [date(2027, 2, 28), date(2028, 2, 29)]


@pytest.mark.django_db
def test_a_successor_has_lines_relations_and_prices_and_keeps_the_rhythm() -> None:
    source = ending()
    lift = operations.relate_object(source.pk, make_object(), by=None)
    bom = make_bom(1, relation=lift)
    task = operations.relate_task(source.pk, make_task("OIL", note_internal="Bring oil"), by=None)
    weekly = make_line(
        source, object_relation=lift, task_relation=task, sales_price=Decimal(50), end_date=MARCH
    )
    LinePrice.objects.create(line=weekly, valid_from=date(2026, 1, 1), price=Decimal(55))
    LinePrice.objects.create(line=weekly, valid_from=date(2026, 9, 1), price=Decimal(60))
    make_line(source, interval=None, description="Once")
    make_line(source, end_date=date(2025, 12, 31), description="Over")
    stopped = make_line(source, description="Stopped")
    operations.stop_line(stopped.pk, reason="Winter", version=1, by=None)
    (made,) = renew([source.pk], by=user_in("Planner"))
    assert (made.start_date, made.end_date, made.predecessor) == (date(2026, 4, 1), date(2027, 3, 31), source)
    assert (made.project, made.customer, made.renewal) == (source.project, source.customer, Renewal.AUTOMATIC)
    first, second = made.lines.order_by("line_number")
    assert (first.start_date, first.end_date, first.sales_price) == (weekly.start_date, None, Decimal(55))
    assert first.object_relation.agreement == made and first.task_relation.note_internal == "Bring oil"
    assert [(p.valid_from, p.price) for p in first.prices.all()] == [(date(2026, 9, 1), Decimal(60))]
    assert (second.stopped, second.stop_reason) == (True, "Winter")
    lift.refresh_from_db()
    assert lift.service_bom == bom and first.object_relation.service_bom is None
    assert events(source)[-1] == "renewed" and events(made) == ["created"]
    with pytest.raises(Refused, match="renewed already"):
        renew([source.pk], by=None)
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        ServiceAgreement.objects.filter(pk=made.pk).update(predecessor=made)
    assert constraint_of(error.value) == "agreement_not_its_own_predecessor"


@pytest.mark.django_db
def test_renewing_takes_a_number_of_statements_that_does_not_grow(django_assert_num_queries) -> None:
    first = [ending("A")]
    many = [ending(name) for name in "BCD"]
    for source in first + many:
        make_line(source)
    with django_assert_num_queries(13):
        renew([row.pk for row in first], by=None)
    with django_assert_num_queries(13):
        renew([row.pk for row in many], by=None)


@pytest.mark.django_db
def test_notice_keeps_it_from_renewing_and_has_its_time() -> None:
    source = ending()
    for day in (date(2026, 1, 1), source.start_date - timedelta(days=1)):
        with pytest.raises(Invalid) as refusal:
            give_notice(source.pk, on=day, reason="Moved", version=1, by=None)
        assert refused_field(refusal) == "on"
    ahead = NoticeForm({"on": "2025-12-31", "reason": "Moved", "version": 1}, today=date(2025, 12, 30))
    assert list(ahead.errors) == ["on"]
    given_up = give_notice(source.pk, on=date(2025, 12, 31), reason="Moved", version=1, by=user_in("Planner"))
    with pytest.raises(Refused, match="Notice was given"):
        renew([source.pk], by=None)
    assert events(source)[-1] == "notice_given" and given_up.end_reason == "Moved"
    withdraw_notice(source.pk, version=given_up.version, by=None)
    assert renew([source.pk], by=None)
    for broken, sentence in ((ending("B", end_date=None, renewal=Renewal.NONE), "last day"),):
        with pytest.raises(Refused, match=sentence):
            renew([broken.pk], by=None)


@pytest.mark.django_db
def test_who_ends_what_is_renewed_already_hears_of_its_successor(client) -> None:
    source = ending()
    (made,) = renew([source.pk], by=None)
    client.force_login(user_in("Manager"))
    page = client.get(f"/agreements/{source.number}/end/").content.decode()
    assert f"{made.number}, which renews it from 1 Apr 2026, goes on" in page


@pytest.mark.django_db
def test_what_was_ended_with_a_reason_renews_no_more() -> None:
    source = ending()
    ended = operations.end(source.pk, on=date(2025, 12, 31), reason="Sold", version=1, by=None)
    assert ended.renewal == Renewal.NONE and not is_due(ended, date(2026, 1, 1))
    with pytest.raises(Stale):
        renew_one(source.pk, version=1, by=None)
    with pytest.raises(Refused, match="was ended: Sold"):
        renew_one(source.pk, version=ended.version, by=None)
    set_responsible_with_mail(source)
    assert remind([source.pk], on=date(2025, 12, 20), at=NOW) == 0
    assert not concerned(date(2025, 12, 20)).exists()
    operations.change_agreement(source.pk, version=3, by=None, end_date=MARCH)
    assert renew([source.pk], by=None), "with another last day it goes on"


def set_responsible_with_mail(source: ServiceAgreement) -> None:
    bo = make_worker("Bo")
    bo.email = "bo@example.com"
    bo.save()
    operations.set_responsible([source.pk], responsible=bo, by=None)


@pytest.mark.django_db
def test_a_renewed_agreement_does_not_run_into_its_successor() -> None:
    source = ending()
    (made,) = renew([source.pk], by=None)
    for change in (
        lambda: operations.change_agreement(source.pk, version=1, by=None, end_date=date(2026, 6, 30)),
        lambda: operations.change_agreement(
            source.pk, version=1, by=None, end_date=None, renewal=Renewal.NONE
        ),
        lambda: operations.end(source.pk, on=date(2026, 6, 30), reason="Sold", version=1, by=None),
        lambda: operations.change_agreement(made.pk, version=1, by=None, start_date=MARCH),
    ):
        with pytest.raises(Invalid, match="renew"), transaction.atomic():
            change()
    operations.end(source.pk, on=date(2026, 1, 31), reason="Sold", version=1, by=None)


@pytest.mark.django_db
def test_a_renewal_needs_its_term_and_its_end() -> None:
    for fields, field in (({"term_months": None}, "term_months"), ({"end_date": None}, "end_date")):
        with pytest.raises(Invalid) as refusal:
            ending(**fields)
        assert refused_field(refusal) == field
    source = ending()
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        ServiceAgreement.objects.filter(pk=source.pk).update(term_months=None)
    assert constraint_of(error.value) == "agreement_renewal_has_end_and_term"


@pytest.mark.django_db(transaction=True)
def test_the_nightly_run_renews_what_is_due_alone_and_twice_does_nothing() -> None:
    bo = make_worker("Bo")
    bo.email = "bo@example.com"
    bo.save()
    due, early = ending("Due", responsible=bo), ending("Early", end_date=date(2026, 6, 30))
    closed, manual = ending("Closed"), ending("Manual", renewal=Renewal.MANUAL, responsible=bo)
    closed.project.ended_on = date(2026, 2, 1)
    closed.project.save()
    on = date(2026, 1, 1)
    run = execute_to_end(start_renewing(on=on, by=None, enqueue=False))
    assert progress(run).counts == {"renewed": 1, "refused": 1, "reminded": 1}
    assert ServiceAgreement.objects.get(predecessor=due).start_date == date(2026, 4, 1)
    assert not ServiceAgreement.objects.filter(predecessor__in=[early, closed, manual]).exists()
    mail = Outbox.objects.get()
    assert manual.number in mail.title and mail.recipient == "bo@example.com"
    again = execute_to_end(start_renewing(on=on, by=None, enqueue=False))
    assert progress(again).counts.get("renewed", 0) == 0 and Outbox.objects.count() == 1
    assert run.messages.filter(level="ERROR").get().data["item"] == closed.pk
    closed.project.ended_on = None
    closed.project.save()
    assert KIND.retry and KIND.retry(run) == run.parameters | {"left": [closed.pk]}
    left = run.parameters | {"left": [closed.pk, manual.pk]}
    retried = execute_to_end(start_run(KIND.code, by=None, parameters=left, enqueue=False))
    assert progress(retried).counts["renewed"] == 1, (
        "what only waits for its reminder is not renewed by a retry"
    )
    assert not ServiceAgreement.objects.filter(predecessor=manual).exists()


@pytest.mark.django_db
def test_the_responsible_is_reminded_once_for_each_last_day() -> None:
    bo = make_worker("Bo")
    bo.email = "bo@example.com"
    bo.save()
    source, without = ending(responsible=bo), ending("Nobody", responsible=None)
    ids = [source.pk, without.pk]
    assert remind(ids, on=date(2025, 11, 1), at=NOW) == 0
    assert [remind(ids, on=date(2025, 12, 2), at=NOW) for _ in range(2)] == [1, 0]
    assert Outbox.objects.count() == 1 and events(source)[-1] == "reminded"
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        ExpiryReminder.objects.create(agreement=source, end_date=MARCH, recipient="bo@example.com")
    assert constraint_of(error.value) == "expiryreminder_once_per_end"


@pytest.mark.django_db
def test_the_responsible_without_an_address_is_reminded_where_he_signs_in() -> None:
    anna, nobody = make_worker("Anna"), make_worker("Nobody")
    anna.user = User.objects.create_user("anna@example.com")
    anna.save()
    ids = [ending(responsible=anna).pk, ending("Unreachable", responsible=nobody).pk]
    assert remind(ids, on=date(2025, 12, 2), at=NOW) == 1
    assert Outbox.objects.get().recipient == "anna@example.com"


@pytest.mark.django_db
def test_the_pages_of_what_ends(pia: Client, client: Client) -> None:
    today = company_today()
    source = ending("Soon", start_date=today - timedelta(days=300), end_date=today + timedelta(days=100))
    manual = ending(
        "By hand",
        renewal=Renewal.MANUAL,
        start_date=today - timedelta(days=300),
        end_date=today + timedelta(days=100),
    )
    page = pia.get(url("expiring")).text
    assert "By hand" in page and "Soon" not in page
    assert "Soon" in pia.get(url("expiring"), {"tab": "automatic"}).text
    assert "By hand" in pia.get(url("expiring"), {"format": "csv"}).getvalue().decode()
    assert "A successor is made from" in pia.get(url("agreement_renew", source.number)).text
    late = {"version": 1, "on": (today + timedelta(days=50)).isoformat(), "reason": "Moved"}
    assert pia.post(url("agreement_notice", manual.number), late).status_code == 422
    assert (
        pia.post(url("agreement_notice", manual.number), late | {"on": today.isoformat()}).status_code == 302
    )
    assert "Notice was given already" in pia.get(url("agreement_notice", manual.number), follow=True).text
    assert "it is not renewed" in pia.get(url("agreement_renew", manual.number), follow=True).text
    assert pia.post(url("agreement_renew", manual.number), {"version": 2}).status_code == 409
    pia.post(url("agreement_withdraw_notice", manual.number), {"version": 2})
    made = pia.post(url("agreement_renew", manual.number), {"version": 3}, follow=True)
    assert manual.number in made.text and "Renews" in made.text
    assert pia.post(url("renew_chosen")).status_code == 302
    pia.post(url("renew_chosen"), {"pk": [source.pk]})
    assert Run.objects.get().parameters["agreements"] == [source.pk]
    client.force_login(stranger())
    for name in ("agreement_renew", "agreement_notice"):
        assert client.get(url(name, source.number)).status_code == 403
    assert client.get(url("expiring")).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_the_command_does_what_the_night_does() -> None:
    today = company_today()
    ending(start_date=today - timedelta(days=300), end_date=today + timedelta(days=5))
    out = StringIO()
    call_command("renew", stdout=out)
    assert "1 renewed" in out.getvalue()


@pytest.mark.django_db
def test_the_night_is_of_the_company_s_day() -> None:
    make_money.firm()
    Company.objects.update(time_zone="Pacific/Auckland")
    with time_machine.travel("2026-05-01 20:00Z", tick=False):
        night()
    assert Run.objects.get().parameters["on"] == "2026-05-02"


@pytest.mark.django_db(transaction=True)
def test_two_people_cannot_renew_the_same_agreement() -> None:
    source, refused = ending(), list[str]()

    def press() -> None:
        try:
            renew([source.pk], by=None)
        except Refused as refusal:
            refused.append(str(refusal))
        finally:
            connection.close()

    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1 and "renewed already" in refused[0]
    assert ServiceAgreement.objects.filter(predecessor=source).count() == 1
