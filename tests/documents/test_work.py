"""Work descriptions and receipts (SO-23, RE-02, RE-03), read from the finished PDF."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from orders.models import Resolution
from orders.operations import add_repair_line, assign, relate_object
from servicemgmt.core.roles import DISPATCHER, FINANCE, MANAGER, TECHNICIAN
from servicemgmt.masterdata.models import Team
from servicemgmt.projects.models import Coverage, LineKind
from tests import make_money
from tests.cast import stranger, user_in
from tests.documents.make import make_noted_order, pages_of, words
from tests.make_agreements import make_object
from tests.make_money import NOW, company_today
from tests.make_orders import make_line, make_order, make_worker, move, sign

pytestmark = pytest.mark.django_db

BOTH = ["reporting:work_description", "reporting:work_receipt"]


def url(name: str, order) -> str:
    return reverse(f"reporting:{name}", args=[order.number])


@pytest.fixture
def ann(client: Client) -> Client:
    client.force_login(user_in(DISPATCHER))
    return client


@pytest.fixture
def max_(client: Client) -> Client:
    client.force_login(user_in(MANAGER))
    return client


def test_RE_02_scenario_114_the_description_shows_the_internal_note(ann):
    order = make_noted_order()
    text = words(ann, url("work_description", order))
    assert "Key is at the porter." in text and "We checked the brake." not in text
    assert "Inspect the brake" in text and "Brake lining" in text and "Never happened" not in text
    assert order.number in text and "Huber" in text


def test_RE_03_scenario_114_the_receipt_shows_the_external_note(ann):
    order = make_noted_order()
    text = words(ann, url("work_receipt", order))
    assert "We checked the brake." in text and "Key is at the porter." not in text
    assert "Inspect the brake" in text and "Never happened" not in text
    assert "Not signed yet." in text


def test_RE_02_the_description_shows_the_plan_and_blanks_for_what_really_is(ann):
    order = make_order(details="Ring twice.")
    make_line(order, description="Planned work", quantity=Decimal(3))
    move(order, "INPROCESS")
    make_line(order, description="Found on site", quantity=Decimal(7))
    text = words(ann, url("work_description", order))
    assert "Ring twice." in text and "Planned work" in text
    assert "Planned work Hour Hour 3" in text
    assert "Found on site Hour Hour –" in text and "Actual" in text


def test_RE_02_only_open_repairs_are_described_and_the_receipt_says_how_they_ended(ann):
    order, lift = make_order(), make_object("Lift 7", serial_number="SN-77")
    relate_object(order.pk, lift, by=None)
    done = Resolution.objects.create(code="SWAP", description="Door motor swapped")
    add_repair_line(
        order.pk, version=None, by=None, at=NOW, service_object=lift, name="Door stuck", resolution=done
    )
    text = words(ann, url("work_description", order))
    assert "SN-77" in text and "Door stuck" in text and "Door motor swapped" not in text
    text = words(ann, url("work_receipt", order))
    assert "Door stuck" in text and "Door motor swapped" in text


def test_RE_03_costs_are_never_shown_and_prices_only_when_asked_for(max_):
    order = make_noted_order()
    plain = words(max_, url("work_receipt", order))
    assert "90.00" not in plain and "180.00" not in plain and "41" not in plain
    priced = words(max_, url("work_receipt", order) + "?prices=1")
    assert "90.00" in priced and "360.00 EUR" in priced and "41" not in priced


def test_RE_03_what_is_not_charged_has_its_reason_instead_of_a_price(max_):
    order = make_order()
    make_line(
        order, line_property=make_money.line_property(Coverage.WARRANTY), coverage_reason="Broke at once"
    )
    make_line(order, LineKind.FEE)
    text = words(max_, url("work_receipt", order) + "?prices=1")
    assert "Warranty: Broke at once" in text and "180.00 EUR" in text and "360.00" not in text


def test_RE_03_prices_are_for_those_who_may_see_them(client):
    bo = user_in(TECHNICIAN)
    team = Team.objects.create(code="LIFT", description="Lifts")
    make_worker(user=bo, team=team)
    order = todays_order_of("Bo")
    client.force_login(bo)
    assert client.get(url("work_receipt", order) + "?prices=1").status_code == 403
    assert client.get(url("work_receipt", order)).status_code == 200
    Team.objects.update(shows_prices=True)
    assert "180.00 EUR" in words(client, url("work_receipt", order) + "?prices=1")
    client.force_login(user_in(DISPATCHER))
    assert client.get(url("work_receipt", order) + "?prices=1").status_code == 403


def todays_order_of(name: str):
    order = make_order(service_on=company_today())
    make_line(order)
    assign(order, make_worker(name), lead=True, by=None)
    return order


def test_RE_03_the_signature_with_name_role_local_time_and_hash(ann):
    order = make_order()
    order.site.time_zone = "America/New_York"
    order.site.save()
    make_line(order)
    move(order, "INPROCESS")
    row = sign(order, device_at=datetime(2026, 3, 16, 8, 59, tzinfo=UTC))
    text = words(ann, url("work_receipt", order))
    assert "Mrs Huber · Manager" in text and "16 Mar 2026, 04:59 (America/New_York)" in text
    assert row.sha256 in text.replace(" ", "") and "VOID" not in text
    html = ann.get(url("work_receipt", order) + "?format=html").content.decode()
    assert html.count("<path d=") == len(row.strokes)


def test_RE_03_a_typed_name_stands_for_the_signature(ann):
    order = make_order()
    make_line(order)
    move(order, "INPROCESS")
    sign(order, strokes=None, is_typed=True)
    text = words(ann, url("work_receipt", order))
    assert text.count("Mrs Huber") == 2 and "typed" in text


def test_RE_03_a_voided_signature_says_so_and_leaves_room_for_another(ann):
    order = make_order()
    make_line(order)
    move(order, "INPROCESS")
    sign(order)
    make_line(order, description="Added afterwards")
    text = words(ann, url("work_receipt", order))
    assert "VOID" in text and "Added afterwards" in text
    assert "Name and signature of the customer" in text


def test_several_orders_stand_each_on_its_own_page_in_the_order_asked_for(ann):
    first, second = make_noted_order(), make_order(description="Second visit")
    asked = reverse("reporting:work_descriptions") + f"?orders={second.number},{first.number}"
    pages = pages_of(ann.get(asked).content)
    assert "Second visit" in pages[0] and first.number not in pages[0]
    assert any(first.number in page for page in pages[1:])
    for wrong in (
        "",
        "?orders=",
        "?from=nonsense",
        "?worker=1",
        "?from=2020-01-01",
        "?orders=SO-nonsense",
        "?orders=" + ",".join(f"SO-{n}" for n in range(51)),
    ):
        assert ann.get(reverse("reporting:work_descriptions") + wrong).status_code == 404


def test_RE_02_the_visits_of_a_technician_on_some_days(ann):
    mine, others = todays_order_of("Bo"), todays_order_of("Eve")
    address = reverse("reporting:work_descriptions") + f"?from={company_today().isoformat()}"
    text = words(ann, address)
    assert mine.number in text and others.number in text
    text = words(ann, f"{address}&worker={make_worker('Bo').pk}")
    assert mine.number in text and others.number not in text


def test_RE_02_the_notes_for_the_technician_can_be_left_out(ann):
    text = words(ann, url("work_description", make_noted_order()) + "?notes=0")
    assert "Key is at the porter." not in text and "Inspect the brake" in text


@pytest.mark.parametrize("name", BOTH)
def test_documents_refuse_other_methods_strangers_and_what_is_not_there(name, ann):
    order = make_order()
    address = reverse(name, args=[order.number])
    assert ann.post(address).status_code == 405
    assert ann.get(reverse(name, args=["SO-nonsense"])).status_code == 404
    ann.force_login(stranger())
    assert ann.get(address).status_code == 403
    ann.logout()
    assert ann.get(address).status_code == 302


@pytest.mark.parametrize("name", BOTH)
def test_C_12_a_technician_gets_the_papers_of_his_own_orders_only(name, client):
    bo = user_in(TECHNICIAN)
    make_worker(user=bo)
    mine, others = todays_order_of("Bo"), make_order()
    client.force_login(bo)
    assert client.get(reverse(name, args=[mine.number])).status_code == 200
    assert client.get(reverse(name, args=[others.number])).status_code == 404
    assert client.get(reverse("reporting:work_descriptions") + f"?orders={others.number}").status_code == 404


def test_reading_a_document_writes_nothing_but_the_archived_one_once(ann):
    order = make_noted_order()
    address, written = url("work_receipt", order), []

    def watch(execute, sql, params, many, context):
        if not sql.startswith(("SELECT", "SAVEPOINT", "RELEASE")):
            written.append(sql.split()[2].strip('"'))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        first = ann.get(address).content
        assert ann.get(address).content == first and written == []
    move(order, "INPROCESS")
    sign(order)
    with connection.execute_wrapper(watch):
        signed = ann.get(address).content
        assert written == ["core_attachment", "core_event"]
        assert ann.get(address).content == signed and len(written) == 2
    ann.force_login(user_in(FINANCE))
    assert ann.get(address).content == signed
