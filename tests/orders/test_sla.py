"""The SLA clock (SLA-01 … SLA-14), scenarios 52 … 60."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from agreements.models import ServiceLevelAgreement
from orders.models import ReasonKind, SlaStatus
from orders.operations import cancel_sla, start_clock, stop_clock
from orders.sla import Terms, read_clock
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.masterdata.worktime import Openings
from tests.make_agreements import make_agreement, make_calendar, make_site, make_sla
from tests.make_money import NOW
from tests.make_orders import fresh, make_line, make_order, make_reason, move, set_parameters, sign

pytestmark = pytest.mark.django_db

BERLIN = "Europe/Berlin"
ALWAYS = Terms(8 * 60, None, BERLIN)
#: Monday to Friday, 8 to 16 o'clock.
WEEK = Openings({day: [(480, 960)] for day in range(5)}, {})


def hour(clock: float) -> datetime:
    return datetime(2026, 3, 16, tzinfo=UTC) + timedelta(hours=clock)


def test_SLA_08_09_scenario_52_eight_hours_without_calendar():
    found = read_clock(ALWAYS, [(hour(9), None)], hour(15))
    assert found.compliance == Decimal("75.0") and found.deadline == hour(17) and not found.is_exceeded


@pytest.mark.parametrize(("now", "compliance"), [(19, "100.0"), (21, "125.0")])
def test_SLA_09_scenario_53_stopped_time_moves_the_deadline(now, compliance):
    segments = [(hour(9), hour(12)), (hour(14), None)]
    found = read_clock(ALWAYS, segments, hour(now))
    assert found.deadline == hour(19) and found.compliance == Decimal(compliance)
    assert found.is_exceeded == (now == 21)


def test_SLA_09_while_stopped_the_deadline_slides():
    segments = [(hour(9), hour(12))]
    assert read_clock(ALWAYS, segments, hour(13)).deadline == hour(18)
    assert read_clock(ALWAYS, segments, hour(30)).deadline == hour(35)


def test_SLA_09_once_used_up_the_deadline_is_the_instant_it_was():
    assert read_clock(ALWAYS, [(hour(9), hour(20))], hour(40)).deadline == hour(17)
    assert read_clock(ALWAYS, [(hour(9), hour(20)), (hour(30), None)], hour(40)).deadline == hour(17)


def test_SLA_02_scenario_54_on_a_closed_day_the_clock_starts_at_the_next_opening():
    saturday = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
    start = Terms(480, WEEK, BERLIN).start(saturday)
    assert start == datetime(2026, 3, 16, 7, 0, tzinfo=UTC), "Monday 08:00 in Berlin"


def test_SLA_09_scenario_55_the_limit_counts_working_time():
    terms = Terms(600, WEEK, BERLIN)
    friday = datetime(2026, 3, 13, 13, 0, tzinfo=UTC)
    found = read_clock(terms, [(friday, None)], friday)
    assert found.deadline == datetime(2026, 3, 16, 15, 0, tzinfo=UTC), "Monday 16:00 in Berlin"
    assert read_clock(terms, [(friday, None)], found.deadline).compliance == 100


def test_SLA_07_both_clock_changes_are_counted_right():
    terms = Terms(24 * 60, None, BERLIN)
    before = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    assert read_clock(terms, [(before, None)], before).deadline == before + timedelta(hours=24)
    daily = Terms(16 * 60, Openings({day: [(0, 1440)] for day in range(7)}, {}), BERLIN)
    midnight = datetime(2026, 3, 28, 23, 0, tzinfo=UTC)
    assert read_clock(daily, [(midnight, None)], midnight).deadline == midnight + timedelta(hours=16)


def test_SLA_11_scenario_60_a_day_without_calendar_has_1440_minutes():
    assert ServiceLevelAgreement(days=1, hours=2, minutes=30).limit_minutes == 1590


def test_SLA_11_a_day_with_calendar_is_its_standard_day():
    assert make_sla("1D", hours=0, days=1, calendar=make_calendar()).limit_minutes == 480


def test_SLA_13_scenario_59_a_suspended_sla_is_not_offered_and_not_taken():
    sla = make_sla()
    agreement, kept = make_agreement(sla=sla), running()
    ServiceLevelAgreement.objects.update(suspended=True)
    assert sla not in ServiceLevelAgreement.objects.selectable()
    agreement.refresh_from_db()
    assert make_order(agreement=agreement).sla is None and fresh(kept).sla == sla


def running(**fields):
    return make_order(agreement=make_agreement(sla=make_sla(**fields)))


def test_SLA_02_a_manual_order_starts_its_clock_at_creation():
    order = running()
    log = order.time_logs.get()
    assert (log.started_at, log.ended_at, order.sla_status) == (NOW, None, SlaStatus.STARTED)
    assert order.deadline == NOW + timedelta(hours=8) and order.compliance == 0


def test_SLA_02_with_a_calendar_the_log_starts_at_the_next_opening():
    site = make_site(name="Perth", zone="Australia/Perth")
    agreement = make_agreement(sla=make_sla(calendar=make_calendar()))
    order = make_order(agreement=agreement, site=site)
    # 09:00 UTC is 17:00 in Perth: closed until Tuesday 08:00, which is midnight UTC.
    assert order.time_logs.get().started_at == datetime(2026, 3, 17, 0, 0, tzinfo=UTC)


def test_SLA_03_04_stop_and_start_by_hand():
    order = running()
    stop_clock(order.pk, version=None, by=None, at=NOW + timedelta(hours=3))
    order = fresh(order)
    assert (order.sla_status, order.compliance) == (SlaStatus.STOPPED, Decimal("37.5"))
    with pytest.raises(Refused, match="not running"):
        stop_clock(order.pk, version=None, by=None, at=NOW + timedelta(hours=4))
    start_clock(order.pk, version=None, by=None, at=NOW + timedelta(hours=5))
    assert fresh(order).deadline == NOW + timedelta(hours=10)
    with pytest.raises(Refused, match="running already"):
        start_clock(order.pk, version=None, by=None, at=NOW + timedelta(hours=6))


def test_SLA_04_a_stop_can_be_backdated_but_not_before_the_start_or_into_the_future():
    order, at = running(), NOW + timedelta(hours=5)
    for moment in (NOW - timedelta(minutes=1), at + timedelta(minutes=1)):
        with pytest.raises(Invalid) as refusal:
            stop_clock(order.pk, version=None, by=None, at=at, moment=moment)
        assert refusal.value.field == "moment"
    stop_clock(order.pk, version=None, by=None, at=at, moment=NOW + timedelta(hours=1))
    with pytest.raises(Invalid):
        start_clock(order.pk, version=None, by=None, at=at, moment=NOW + timedelta(minutes=30))


def test_SLA_03_an_order_without_sla_has_no_clock():
    with pytest.raises(Refused, match="no SLA"):
        start_clock(make_order().pk, version=None, by=None, at=NOW)


def test_SLA_04_scenario_56_exceeded_demands_a_reason_when_the_parameter_is_on():
    order, late = running(), NOW + timedelta(hours=8, minutes=48)
    set_parameters(reason_on_exceeding_time=True)
    with pytest.raises(Invalid, match="exceeded") as refusal:
        stop_clock(order.pk, version=None, by=None, at=late)
    assert refusal.value.field == "reason"
    stop_clock(order.pk, version=None, by=None, at=late, reason=make_reason())
    order = fresh(order)
    assert order.compliance == 110 and order.reasons.get().kind == ReasonKind.CLOSE


def test_SLA_04_within_the_limit_no_reason_is_asked_for():
    order = running()
    set_parameters(reason_on_exceeding_time=True)
    stop_clock(order.pk, version=None, by=None, at=NOW + timedelta(hours=8))
    assert fresh(order).compliance == 100


def test_SO_21_scenario_57_sign_off_stops_the_clock_and_demands_a_reason_when_exceeded():
    set_parameters(reason_on_exceeding_time=True)
    order = running()
    make_line(order)
    move(order, "INPROCESS")
    late = NOW + timedelta(hours=9)
    with pytest.raises(Invalid, match="exceeded"):
        sign(order, at=late)
    assert not order.sign_offs.exists(), "all or nothing"
    sign(order, at=late, reason=make_reason())
    order = fresh(order)
    assert order.sla_status == SlaStatus.STOPPED and order.reasons.get().kind == ReasonKind.CLOSE


def test_SO_21_the_clock_stops_when_the_customer_signed_not_when_the_device_was_back():
    order = running()
    make_line(order)
    move(order, "INPROCESS")
    sign(order, at=NOW + timedelta(hours=9), device_at=NOW + timedelta(hours=2))
    assert fresh(order).compliance == 25


def test_SLA_06_scenario_58_cancelling_demands_a_reason_by_parameter():
    order = running()
    set_parameters(reason_on_cancelling=True)
    with pytest.raises(Invalid):
        cancel_sla(order.pk, version=None, by=None, at=NOW + timedelta(hours=4))
    cancel_sla(order.pk, version=None, by=None, at=NOW + timedelta(hours=4), reason=make_reason())
    order = fresh(order)
    assert (order.sla_status, order.compliance, order.deadline) == (SlaStatus.CANCELLED, 50, None)
    assert order.reasons.get().kind == ReasonKind.CANCEL and order.time_logs.get().ended_at
    for again in (cancel_sla, start_clock):
        with pytest.raises(Refused):
            again(order.pk, version=None, by=None, at=NOW + timedelta(hours=5))


def test_SLA_06_without_the_parameter_no_reason_is_needed():
    set_parameters(reason_on_cancelling=False)
    order = running()
    cancel_sla(order.pk, version=None, by=None, at=NOW)
    assert fresh(order).sla_status == SlaStatus.CANCELLED


def test_a_stretch_that_waits_for_the_opening_can_be_stopped_before_it():
    site = make_site(name="Perth", zone="Australia/Perth")
    order = make_order(agreement=make_agreement(sla=make_sla(calendar=make_calendar())), site=site)
    stop_clock(order.pk, version=None, by=None, at=NOW + timedelta(hours=1))
    log = order.time_logs.get()
    assert log.ended_at == log.started_at and fresh(order).compliance == 0
