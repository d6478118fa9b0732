"""The demonstration company as it stands on a Sunday ten minutes before midnight: everything is there, and adds up."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.models import AgreementSignature, BomChange, ServiceAgreement, ServiceBom, ServiceObject
from dispatch.models import Booking
from dispatch.queries.board import first_day_with_work
from dispatch.queries.day import jobs_of, next_day_with_jobs
from orders.filters import to_post
from orders.listing import OPEN
from orders.models import (
    BomChangeOnOrder,
    OrderProgress,
    Phase,
    ServiceOrder,
    ServiceOrderLine,
    ServiceRequest,
)
from orders.operations import progress_of
from reporting.margin.facts import Firm, Source, facts
from reporting.margin.reconcile import reconcile
from servicemgmt.core.models import Event, RunMessage, User
from servicemgmt.inventory.models import OnHand, StockMove
from servicemgmt.ledger.models import Entry, Voucher
from servicemgmt.masterdata.models import Absence, Customer, Employee, Team
from servicemgmt.masterdata.queries import company
from servicemgmt.projects.models import Invoice, InvoiceProposal, ProposalStatus, Transaction
from servicemgmt.seed import LOGINS, seed_company
from servicemgmt.seed.days import is_workday
from subscriptions.models import Subscription
from subscriptions.queries import fees_to_invoice

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 22, 50, tzinfo=UTC)  # 23:50 in Berlin
TODAY, MONDAY = date(2026, 11, 22), date(2026, 11, 23)
FACTS: list[Callable[[], None]] = []


def fact(check: Callable[[], None]) -> Callable[[], None]:
    """Something to be true of the company, which is too dear to be made for each of them anew."""
    FACTS.append(check)
    return check


@pytest.mark.long
@pytest.mark.django_db
def test_the_company_of_a_sunday_night(subtests):
    with time_machine.travel(NOW):
        with statements() as count:
            assert seed_company(at=timezone.now())
        assert count() < 16_800
        for check in FACTS:
            with subtests.test(check.__name__):
                check()


@contextmanager
def statements() -> Iterator[Callable[[], int]]:
    """Counts the statements, without keeping them."""
    number = 0

    def watch(execute, *args):
        nonlocal number
        number += 1
        return execute(*args)

    with connection.execute_wrapper(watch):
        yield lambda: number


@fact
def it_is_made_once():
    assert not seed_company(at=NOW)


@fact
def it_has_the_people_customers_objects_and_agreements_it_promises():
    technicians = Employee.objects.filter(team__isnull=False)
    assert (Team.objects.count(), technicians.count()) == (3, 14)
    assert set(technicians.values_list("time_zone", flat=True)) == {"Europe/Berlin", "Europe/London"}
    counts = [model.objects.count() for model in (Customer, ServiceObject, ServiceAgreement)]
    assert counts == [25, 62, 14]  # two loaners; twelve agreements, a template and a quote
    signed = AgreementSignature.objects.get()
    assert signed.strokes and signed.signed_on < signed.agreement.start_date
    assert signed.agreement.is_agreed and signed.agreement.quoted_until and signed.agreement.decided_on
    assert {user.email for user in User.objects.all()} >= {email for _role, email, _password in LOGINS}


@fact
def an_order_that_was_for_a_delivery_is_posted_by_it():
    order = ServiceOrder.objects.get(description="Filters delivered")
    assert (order.progress, order.lines.get().requirement.status) == ("POSTED", "CONSUMED")


@fact
def its_units_have_parts_one_of_which_was_replaced_and_billed():
    billed = BomChangeOnOrder.objects.select_related("line", "change").get()
    assert BomChange.objects.count() == 2 and billed.line.quantity == billed.change.quantity == 2
    assert ServiceBom.objects.count() >= 3


@fact
def its_orders_lie_around_today():
    orders = ServiceOrder.objects.order_by("service_on")
    assert 235 <= orders.count() <= 265
    first, last = orders.first().service_on, orders.last().service_on
    assert TODAY - timedelta(days=60) <= first <= TODAY - timedelta(days=55)
    assert TODAY + timedelta(days=25) <= last <= TODAY + timedelta(days=30)


@fact
def its_orders_are_in_every_state():
    orders = ServiceOrder.objects.filter(OPEN)
    nobody = Q(activities__bookings__isnull=True)
    assert orders.filter(nobody, service_on__lt=TODAY).count() >= 5, "late"
    assert orders.filter(nobody, service_on__gt=TODAY).count() >= 30, "unscheduled"
    on_hold = orders.filter(stage__phase=Phase.PAUSED, reasons__reason__code="PARTS")
    assert min(on_hold.filter(nobody).count(), on_hold.exclude(nobody).count()) >= 2
    assert ServiceOrder.objects.filter(progress=OrderProgress.CANCELLED).count() >= 3
    assert ServiceOrder.objects.filter(progress=OrderProgress.POSTED).count() >= 60
    assert ServiceOrder.objects.filter(to_post()).count() >= 5, "signed, to be posted"
    assert ServiceOrder.objects.filter(stage__phase=Phase.DONE, signed_off_at=None).count() >= 2
    assert Counter(ServiceRequest.objects.values_list("status", flat=True))["OPEN"] == 4


@fact
def its_progress_is_what_the_lines_say():
    lines = ServiceOrderLine.objects.values_list("order_id", "status")
    statuses: dict[int, set[str]] = {pk: set() for pk in ServiceOrder.objects.values_list("pk", flat=True)}
    for order_id, status in lines:
        statuses[order_id].add(status)
    wrong = [o.number for o in ServiceOrder.objects.all() if o.progress != progress_of(statuses[o.pk])]
    assert not wrong


@fact
def one_sla_is_broken_one_is_being_broken_and_one_runs_out_within_four_hours():
    assert ServiceOrder.objects.filter(stage__phase=Phase.DONE, compliance__gt=100).count() == 1
    running = ServiceOrder.objects.filter(OPEN, sla_status="STARTED")
    assert running.filter(deadline__lt=NOW).count() == 1
    assert running.filter(deadline__range=(NOW, NOW + timedelta(hours=4))).count() >= 1
    assert running.filter(deadline__gt=NOW).count() >= 5


@fact
def the_board_opens_on_monday_with_work_for_everybody_in_both_zones():
    assert first_day_with_work(TODAY, "Europe/Berlin", company().calendar) == MONDAY
    start = datetime.combine(MONDAY, datetime.min.time(), tzinfo=BERLIN)
    bookings = Booking.objects.live().filter(during__overlap=(start, start + timedelta(days=1)))
    booked = Counter(bookings.values_list("worker__time_zone", flat=True))
    assert booked["Europe/Berlin"] >= 15 and booked["Europe/London"] >= 6
    assert bookings.values("worker").distinct().count() == 14


@fact
def the_technicians_day_is_empty_and_leads_to_monday_with_four_jobs():
    bo = Employee.objects.get(user__email="technician@nordlicht.example")
    assert jobs_of(bo, TODAY) == []
    assert next_day_with_jobs(bo, TODAY, TODAY + timedelta(days=14)) == MONDAY
    assert [booking.status for booking in jobs_of(bo, MONDAY)] == ["PLANNED"] * 4
    assert MONDAY.isoformat() in page_of("technician", reverse("dispatch:day"))
    assert bo.name in page_of("dispatcher", reverse("dispatch:board"))


def page_of(login: str, address: str) -> str:
    client = Client()
    client.force_login(User.objects.get(email=f"{login}@nordlicht.example"))
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


@fact
def nobody_is_in_two_places_or_booked_outside_his_hours():
    bookings = list(Booking.objects.live().select_related("worker").order_by("worker", "during"))
    for one, next_one in zip(bookings, bookings[1:], strict=False):
        assert one.worker != next_one.worker or one.during.upper <= next_one.during.lower
    assert all(booking.is_hard for booking in bookings)
    for booking in bookings:
        zone = ZoneInfo(booking.worker.time_zone)
        start, end = (moment.astimezone(zone) for moment in (booking.during.lower, booking.during.upper))
        assert is_workday(start.date()) and start.hour >= 8 and end.hour < 18
    away = Absence.objects.filter(employee=OuterRef("worker"), during__overlap=OuterRef("during"))
    assert Absence.objects.exists() and not Booking.objects.filter(Exists(away))


@fact
def what_is_over_was_done_and_what_is_to_come_was_not_begun():
    statuses = Counter(Booking.objects.filter(during__endswith__lt=NOW).values_list("status", flat=True))
    assert statuses["DONE"] >= 80 and set(statuses) == {"DONE", "PAUSED"}
    to_come = Booking.objects.filter(during__startswith__gt=NOW).values_list("status", flat=True)
    assert set(to_come) == {"PLANNED"}
    assert not Booking.objects.filter(ended_at__gt=NOW).exists()
    assert not Event.objects.filter(changes__has_key="device clock").exists()


@fact
def one_posting_was_refused_and_says_why():
    (refused,) = RunMessage.objects.filter(level="ERROR")
    assert "holds too little of F-100" in refused.text
    order = ServiceOrder.objects.get(pk=int(refused.subject.partition(":")[2]))
    assert order.signed_off_at and order.lines.filter(status="CREATED").exists()


@fact
def it_works_in_euro_and_pound():
    for model in (Transaction, Invoice, InvoiceProposal):
        assert set(model.objects.values_list("currency__code", flat=True)) == {"EUR", "GBP"}


@fact
def there_are_proposals_to_post_invoices_and_fees():
    assert InvoiceProposal.objects.filter(status=ProposalStatus.DRAFT).count() >= 3
    invoices = Invoice.objects.filter(kind="INVOICE")
    assert invoices.values("invoice_date").distinct().count() >= 4  # of two runs, on account and a milestone
    notes = Invoice.objects.filter(credits__isnull=False).annotate(n=Count("lines"))
    assert [note.n for note in notes] == [1, 1]  # half a line, and half a fee that accrues
    assert Subscription.objects.count() == 12
    assert fees_to_invoice().count() >= 12


@fact
def every_voucher_balances():
    sums = Entry.objects.values("voucher").annotate(amount=Sum("amount"), company=Sum("company_amount"))
    assert not sums.exclude(amount=0, company=0)
    assert Voucher.objects.filter(entries__isnull=False).distinct().count() >= 100


@fact
def the_margin_report_equals_the_ledger():
    found = reconcile(facts(ServiceOrder.objects.all(), Source.POSTED, Firm.of_company()))
    assert found.agrees and found.cost > 1000 and found.invoiced > 1000


@fact
def what_is_on_hand_is_the_sum_of_the_moves():
    moves = {
        (row["item"], row["warehouse"]): (row["quantity"], row["worth"])
        for row in StockMove.objects.order_by()
        .values("item", "warehouse")
        .annotate(quantity=Sum("quantity"), worth=Sum("value"))
    }
    assert moves == {
        (row.item_id, row.warehouse_id): (row.quantity, row.value) for row in OnHand.objects.all()
    }
    assert StockMove.objects.filter(quantity__lt=0).count() >= 10
    assert min(quantity for quantity, _worth in moves.values()) >= Decimal(0)
