"""An order and a call by hand in a real browser: in place, by keyboard, with a drawn signature."""

import re

import pytest
from playwright.sync_api import expect

from orders.models import LineStatus, SymptomArea, SymptomCode
from servicemgmt.core.roles import DISPATCHER, FINANCE
from tests import make_money
from tests.cast import user_in
from tests.make_agreements import make_agreement, make_object, make_sla
from tests.make_orders import (
    fresh,
    make_done_order,
    make_line,
    make_order,
    make_reason,
    make_worker,
    move,
    set_parameters,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_order_is_worked_in_place(new_page, console):
    console.expect("422|409")
    order = make_order(agreement=make_agreement(sla=make_sla()))
    make_line(order)
    make_worker()
    make_reason()
    set_parameters(hour_category=make_money.category())
    page = new_page(user=user_in(DISPATCHER))
    page.goto(f"/orders/{order.number}/")
    page.evaluate("window.here = true")

    page.get_by_role("link", name="Hour", exact=True).click()
    hours = page.get_by_label("Hours")
    page.get_by_role("button", name="Save line").click()
    expect(page.locator("#line-form .errorlist").first).to_be_visible()
    hours.fill("2.5")
    page.get_by_label("Description").fill("Second look")
    hours.press("Control+Enter")
    expect(page.locator("#lines")).to_contain_text("Second look")
    expect(page.locator("#toasts")).to_contain_text("Line added.")

    row = page.locator("tr", has_text="Second look")
    row.get_by_role("button", name="Cancel line").click()
    expect(row).to_contain_text("Cancelled")
    row.get_by_role("button", name="Take cancelling back").click()
    expect(row).to_contain_text("Created")

    page.locator("#stage").get_by_role("button", name="Cancel", exact=True).click()
    expect(page.locator("#order")).to_contain_text("Give a reason for the stage")
    page.get_by_label("Reason", exact=True).select_option(label="Parts")
    page.get_by_role("button", name="Change stage").click()
    expect(page.locator("#order-badges")).to_contain_text("Cancel")
    assert page.evaluate("window.here"), "never left the page"
    assert fresh(order).stage.code == "CANCEL" and order.reasons.count() == 1


def test_repair_codes_follow_their_area(new_page):
    order = make_order()
    order.object_relations.create(service_object=make_object())
    for area, code in (("Doors", "Does not close"), ("Drive", "Overheats")):
        row = SymptomArea.objects.create(code=area, description=area)
        SymptomCode.objects.create(area=row, code=code[:10], description=code)
    page = new_page(user=user_in(DISPATCHER))
    page.goto(f"/orders/{order.number}/?open=repair:new")
    symptoms = page.locator("#id_symptom option")
    expect(symptoms).to_have_count(3)
    page.get_by_label("Symptom area").select_option(label="Drive")
    expect(symptoms).to_have_count(2)
    page.locator("#id_symptom").select_option(label="Drive: Overheats")
    expect(page.locator("#suggestions")).to_contain_text("No resolution")
    page.get_by_role("button", name="Save repair line").click()
    expect(page.locator("#repairs")).to_contain_text("Drive: Overheats")


def test_a_signature_is_drawn_and_shown(new_page):
    order = make_order()
    make_line(order)
    move(order, "INPROCESS")
    page = new_page(user=user_in(DISPATCHER))
    page.goto(f"/orders/{order.number}/")
    page.get_by_role("link", name=re.compile("Sign off")).click()
    page.get_by_label("Name of who signs").fill("Mrs Huber")
    pad = page.locator("canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 80, steps=8)
    page.mouse.move(box["x"] + 200, box["y"] + 20, steps=8)
    page.mouse.up()
    page.get_by_role("button", name="Sign off", exact=True).click()
    expect(page.get_by_role("img", name="Signature of Mrs Huber")).to_be_visible()
    signed = order.sign_offs.get()
    assert not signed.is_typed and len(signed.strokes[0]) > 10


def test_a_call_is_taken_by_keyboard_and_sent_at_once(new_page):
    lift = make_object("Passenger lift", customer=make_money.customer())
    agreement = make_agreement(sla=make_sla(), end_date=None)
    agreement.object_relations.create(service_object=lift)
    make_order(agreement=agreement, service_object=lift, description="Door noise")
    from tests.make_orders import make_request

    make_request(summary="Earlier call")
    page = new_page(user=user_in(DISPATCHER))
    page.goto("/orders/requests/new/")
    expect(page.get_by_role("combobox", name="Customer")).to_be_focused()
    page.keyboard.type("Hub")
    expect(page.get_by_role("option", name=re.compile("Huber"))).to_be_visible(timeout=20_000)
    page.keyboard.press("Enter")
    about = page.locator("#about")
    expect(about).to_contain_text("Earlier call")
    page.locator("select#id_service_object").select_option(label=str(lift))
    expect(about).to_contain_text("same object")
    expect(about).to_contain_text(agreement.number)
    page.get_by_label("What is wrong").fill("Door stuck")
    page.get_by_label("What is wrong").press("Enter")
    expect(page.locator("h1")).to_contain_text("Door stuck")
    expect(page.locator("#clock")).to_contain_text("in time")


def test_ticked_orders_are_previewed_and_posted(new_page):
    order = make_done_order()
    page = new_page(user=user_in(FINANCE))
    page.goto("/orders/?tab=post")
    page.get_by_label(f"Tick {order.number}").check()
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.locator("#preview")).to_contain_text("will be posted")
    page.locator("#preview").get_by_role("button", name="Post", exact=True).click()
    expect(page).to_have_url(re.compile("/runs/"))
    assert order.lines.get().status == LineStatus.CREATED, "no worker runs in this test"


def test_a_press_counts_though_the_page_moves_under_it(new_page, console):
    """What is known of the caller may arrive between pressing and letting go."""
    console.expect("422")
    page = new_page(user=user_in(DISPATCHER), viewport={"width": 1440, "height": 1100})
    page.goto("/orders/requests/new/")
    button = page.get_by_role("button", name="Save request")
    at = button.bounding_box()
    page.mouse.move(at["x"] + 20, at["y"] + 10)
    page.mouse.down()
    page.evaluate("document.getElementById('choices').style.marginTop = '120px'")
    page.mouse.up()
    expect(page.get_by_text("This field is required.").first).to_be_visible()


def test_a_press_that_is_dragged_away_is_none(new_page):
    page = new_page(user=user_in(DISPATCHER), viewport={"width": 1440, "height": 1100})
    page.goto("/orders/requests/new/")
    at = page.get_by_role("button", name="Save request").bounding_box()
    page.mouse.move(at["x"] + 20, at["y"] + 10)
    page.mouse.down()
    page.mouse.move(at["x"] + 20, at["y"] - 200)
    page.mouse.up()
    page.wait_for_timeout(300)
    expect(page.get_by_text("This field is required.")).to_have_count(0)


def test_typing_does_not_travel_in_addresses(new_page):
    huber = make_money.customer()
    page = new_page(user=user_in(DISPATCHER))
    page.goto("/orders/requests/new/")
    page.get_by_label("What is wrong").fill("Secret noise")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("#id_customer").fill(huber.name)
    page.get_by_role("option").filter(has_text=huber.name).first.click()
    page.wait_for_function("() => !document.querySelector('.htmx-request')")
    lookups = [url for url in asked if "/orders/requests/new/?" in url]
    assert lookups and not [url for url in lookups if "csrf" in url or "Secret" in url]
