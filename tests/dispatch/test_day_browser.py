"""The technician's walk on a tablet, with and without a net, and without JavaScript."""

from datetime import timedelta
from decimal import Decimal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from agreements.models import ServiceObjectGroup
from agreements.operations import create_object
from dispatch.models import ClockPress
from dispatch.operations import book
from orders.models import RepairLine, Resolution, SignOff, SymptomArea, SymptomCode
from orders.operations import relate_object
from servicemgmt.core.models import ClientWrite, NumberSequence
from servicemgmt.core.roles import TECHNICIAN
from servicemgmt.inventory.models import OnHand, Warehouse
from tests.browser import go_offline, go_online
from tests.cast import user_in
from tests.make_dispatch import again, make_technician, make_visit
from tests.make_money import category, company_today, item
from tests.make_orders import fresh

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
TABLET = {"viewport": {"width": 1024, "height": 768}, "has_touch": True}


@pytest.fixture
def visit():
    """A job of Bo's that is about now."""
    now = timezone.now()
    order = make_visit(hours=2, service_on=company_today(), at=now)
    return book(order, make_technician(), now.replace(minute=0) - timedelta(minutes=0), 60, by=None, at=now)


@pytest.fixture
def stocked(visit):
    """A van with three filters; categories; codes; an object on the order."""
    for kind in ("EXPENSE", "FEE", "ITEM"):
        category(kind)
    van = Warehouse.objects.create(code="VAN1", description="Van", worker=visit.worker)
    OnHand.objects.create(item=item(), warehouse=van, quantity=3)
    area = SymptomArea.objects.create(code="DRIVE", description="Drive")
    SymptomCode.objects.create(code="NOISE", description="Grinding noise", area=area)
    Resolution.objects.create(code="NEW", description="Bearing replaced")
    NumberSequence.objects.get_or_create(code="object", defaults={"description": "object", "prefix": "OB-"})
    group = ServiceObjectGroup.objects.create(code="LIFT", description="Lifts")
    order = visit.activity.order
    thing = create_object(by=None, description="Lift 1", group=group, site=order.site)
    relate_object(order.pk, thing, by=None)
    return visit


def opened(new_page, url, **options):
    page = new_page(user=user_in(TECHNICIAN), **(TABLET | options))
    page.goto(url)
    page.wait_for_function("() => document.documentElement.dataset.device === 'ready'")
    return page


def draw(page):
    pad = page.locator("canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 80)
    page.mouse.down()
    for step in range(12):
        page.mouse.move(box["x"] + 60 + step * 25, box["y"] + 80 + (30 if step % 2 else -30), steps=3)
    page.mouse.up()


def enter(page, name):
    page.locator(f"#{name} > summary").click()
    return page.locator(f"#{name}")


def test_the_technicians_walk(new_page, stocked):
    order = stocked.activity.order
    page = opened(new_page, "/dispatch/day/")
    page.get_by_role("button", name="Start travelling").click()
    expect(page.get_by_role("button", name="I have arrived")).to_be_visible()
    page.get_by_role("link", name="Huber").click()
    page.get_by_role("button", name="I have arrived").click()
    expect(page.get_by_role("button", name="Finish")).to_be_visible()
    assert fresh(order).stage.code == "INPROCESS"

    hours = enter(page, "hours")
    hours.get_by_label("Hours").first.fill("1.5")
    hours.get_by_role("button", name="Save hours").click()
    expect(page.locator(".line-list")).to_contain_text("1.5 h")

    part = enter(page, "part")
    expect(part.locator(".pick-list")).to_contain_text("3 in the van")
    part.get_by_role("radio").first.check()
    part.get_by_label("Quantity").fill("2")
    part.get_by_role("button", name="Add part").click()
    expect(page.locator(".line-list li")).to_have_count(2)

    expense = enter(page, "expense")
    expense.get_by_label("Amount").fill("12.50")
    expense.get_by_label("What for").fill("Parking")
    expense.get_by_role("button", name="Add expense").click()
    expect(page.locator(".line-list")).to_contain_text("12.50")

    enter(page, "fee").get_by_role("button", name="Add fee").click()
    expect(page.locator(".line-list li")).to_have_count(4)

    repair = enter(page, "repair")
    repair.get_by_label("Symptom").select_option("Grinding noise")
    repair.get_by_label("Resolution").select_option("Bearing replaced")
    repair.get_by_role("button", name="Save codes").click()
    expect(page.locator("#repair")).to_contain_text(["Grinding noise", " Bearing replaced"][0])

    page.get_by_label("Name of who signs").fill("Petra Huber")
    page.get_by_label("Role").fill("Manager")
    draw(page)
    enter(page, "fee").get_by_role("button", name="Add fee").click()
    expect(page.locator(".line-list li")).to_have_count(5)
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.locator("#sign")).to_contain_text("Signed by Petra Huber")
    receipt = page.get_by_role("link", name="Receipt (PDF)")
    assert receipt.get_attribute("href") == f"/documents/work-receipt/{order.number}/"
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("button", name="Go on working")).to_be_visible()

    assert fresh(order).stage.code == "COMPLETED"
    assert again(stocked).status == "DONE"
    assert [line.quantity for line in order.lines.order_by("line_number")] == [Decimal("1.5"), 2, 1, 1, 1]
    assert order.lines.first().planned_quantity == 2
    assert RepairLine.objects.get().resolution.code == "NEW"
    signed = SignOff.objects.get()
    assert not signed.is_typed and sum(map(len, signed.strokes)) > 10
    assert ClientWrite.objects.count() == 10


def test_without_a_net_it_is_kept_and_sent_later_in_order(new_page, console, stocked):
    console.expect("ERR_INTERNET_DISCONNECTED|Failed to fetch|net::")
    page = opened(new_page, f"/dispatch/jobs/{stocked.pk}/")
    page.wait_for_function("() => document.documentElement.dataset.cached === 'yes'")
    go_offline(page.context)
    page.get_by_role("button", name="Start work").click()
    expect(page.locator("#sync")).to_have_text("1 waiting to send")
    expect(page.get_by_role("button", name="Finish")).to_be_visible()
    expense = enter(page, "expense")
    expense.get_by_label("Amount").fill("5")
    expense.get_by_role("button", name="Add expense").click()
    expect(page.locator("#sync")).to_have_text("2 waiting to send")
    page.locator("#sign summary").click()
    page.get_by_label("Name of who signs").fill("Petra Huber")
    page.get_by_label("The typed name counts").check()
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.locator("#sync")).to_have_text("3 waiting to send")
    page.get_by_role("button", name="Finish").click()
    expect(page.locator("#sync")).to_have_text("4 waiting to send")
    page.reload()
    expect(page.locator("#sync")).to_have_text("4 waiting to send")
    assert ClockPress.objects.count() == 0
    go_online(page.context)
    expect(page.locator("#sync")).to_be_hidden(timeout=20_000)
    expect(page.locator("#sign")).to_contain_text("Signed by Petra Huber", timeout=15_000)
    assert again(stocked).status == "DONE"
    assert list(ClockPress.objects.values_list("status", flat=True)) == ["WORKING", "DONE"]
    assert stocked.activity.order.lines.filter(kind="EXPENSE").count() == 1


def test_what_the_server_does_not_accept_stays_until_somebody_looks(new_page, console, visit):
    console.expect("ERR_INTERNET_DISCONNECTED|Failed to fetch|net::|409")
    page = opened(new_page, f"/dispatch/jobs/{visit.pk}/")
    go_offline(page.context)
    page.get_by_role("button", name="Start work").click()
    expect(page.locator("#sync")).to_have_text("1 waiting to send")
    from dispatch.operations import move_booking

    meg = make_technician("Meg")
    move_booking(
        visit.pk, worker=meg, start=visit.during.lower, minutes=60, version=1, by=None, at=timezone.now()
    )
    go_online(page.context)
    expect(page.locator("#sync")).to_have_text("1 to look at", timeout=20_000)
    page.locator("#sync").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("This job was given to Meg")
    dialog.get_by_role("button", name="Discard").click()
    page.get_by_role("dialog").get_by_role("button", name="Discard").last.click()
    expect(page.locator("#sync")).to_be_hidden()


def test_a_wrong_entry_is_refused_at_its_field_and_can_be_mended_at_once(new_page, console, visit):
    console.expect("422")
    page = opened(new_page, f"/dispatch/jobs/{visit.pk}/")
    hours = enter(page, "hours")
    field, save = hours.get_by_label("Hours").first, hours.get_by_role("button", name="Save hours")
    field.fill("25")
    save.click()
    sentence = "Hours: Ensure this value is less than or equal to 24."
    expect(page.get_by_role("alert")).to_contain_text(sentence)
    expect(field).to_have_js_property("validationMessage", sentence)
    field.fill("1.5")
    save.click()
    expect(page.get_by_role("region", name="Work and parts")).to_contain_text("1.5 h")


def test_another_user_of_the_device_finds_nothing(new_page, visit):
    page = opened(new_page, "/dispatch/day/")
    page.wait_for_function("() => document.documentElement.dataset.cached === 'yes'")
    names = "async () => (await caches.keys()).filter(n => n.startsWith('day-'))"
    assert len(page.evaluate(names)) == 1
    page.locator(".tablet-bar summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/**")
    assert page.evaluate(names) == []


def test_a_signature_survives_turning_the_device(new_page, visit):
    page = opened(new_page, f"/dispatch/jobs/{visit.pk}/")
    page.locator("#sign summary").click()
    draw(page)
    drawn = page.locator("[name=strokes]").input_value()
    page.set_viewport_size({"width": 600, "height": 1024})
    page.wait_for_timeout(300)
    ink = (
        "() => { const c = document.querySelector('canvas');"
        " return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v) }"
    )
    assert page.evaluate(ink) and page.locator("[name=strokes]").input_value() == drawn
    page.get_by_role("button", name="Clear").click()
    assert not page.evaluate(ink) and page.locator("[name=strokes]").input_value() == ""


def test_without_javascript(new_page, console, stocked):
    console.expect("422")
    page = new_page(user=user_in(TECHNICIAN), java_script_enabled=False, **TABLET)
    page.goto("/dispatch/day/")
    page.get_by_role("link", name="Open").click()
    page.get_by_role("button", name="Start work").click()
    page.locator("#fee > summary").click()
    page.get_by_role("button", name="Add fee").click()
    page.get_by_label("Name of who signs").fill("Petra Huber")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.locator("#sign")).to_contain_text("Sign on the pad, or tick")
    page.get_by_label("The typed name counts").check()
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.locator("#sign")).to_contain_text("Signed by Petra Huber")
    assert SignOff.objects.get().is_typed


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_targets_are_big(new_page, stocked, scheme):
    page = opened(new_page, "/dispatch/day/", color_scheme=scheme, reduced_motion="reduce")
    for url in ("/dispatch/day/", f"/dispatch/jobs/{stocked.pk}/"):
        page.goto(url)
        page.wait_for_function("() => document.documentElement.dataset.device === 'ready'")
        for summary in page.locator(".entry > summary").all():
            summary.click()
        found = Axe().run(page).response["violations"]
        assert not found, [(v["id"], v["impact"], [n["html"] for n in v["nodes"]][:3]) for v in found]
        sizes = page.locator(
            "main .button:visible, .tablet-foot .button:visible, .entry > summary"
        ).evaluate_all("all => all.map(e => [e.textContent.trim(), e.getBoundingClientRect().height])")
        assert [name for name, height in sizes if height < 55.9] == []
