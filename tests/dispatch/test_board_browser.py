"""The board under real hands: mouse, finger, keys, and a browser without JavaScript."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from dispatch.models import Booking
from dispatch.operations import move_booking
from servicemgmt.core.roles import DISPATCHER, PLANNER
from tests.cast import user_in
from tests.hands import drag, grip
from tests.make_dispatch import (
    again,
    hours_of,
    make_booking,
    make_hours,
    make_team,
    make_technician,
    make_visit,
    moment,
)
from tests.make_money import NOW, company_today

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
BOARD = "/dispatch/board/?day=2026-03-16"
WIDE = {"width": 1440, "height": 900}


@pytest.fixture
def bo():
    return make_technician(calendar=make_hours())


@pytest.fixture
def meg():
    return make_technician("Meg", calendar=make_hours())


def opened(new_page, url=BOARD, **options):
    page = new_page(user=user_in(DISPATCHER), **({"viewport": WIDE} | options))
    page.goto(url)
    page.wait_for_function("() => document.querySelector('#dispatch')?.dataset.ready !== undefined")
    return page


def point(page, worker, hour):
    """Where that hour is in the worker's lane."""
    lane = page.locator(f"#row-{worker.pk} .lane").bounding_box()
    first, last = (int(page.locator("#dispatch").get_attribute(f"data-{edge}")) for edge in ("from", "to"))
    return lane["x"] + (hour - first) / (last - first) * lane["width"] + 1, lane["y"] + lane["height"] / 2


def test_from_the_tray_by_mouse(new_page, bo):
    order = make_visit(hours=1.5)
    page = opened(new_page)
    drag(page, grip(page.locator(".card")), point(page, bo, 10))
    expect(page.locator(".toast")).to_contain_text(f"{order.number} is with Bo, Mon 16 Mar 10:00–11:30")
    expect(page.locator(f"#row-{bo.pk} .bar")).to_have_count(1)
    expect(page.locator(".card")).to_have_count(0)
    expect(page.locator(f"#row-{bo.pk} .row-head .load")).to_have_text("1 h 30 / 9 h")
    assert hours_of(Booking.objects.get()) == (10, 11.5)


def test_a_visit_goes_to_another_person_and_keeps_its_time(new_page, bo, meg):
    booking = make_booking(worker=bo)
    page = opened(new_page)
    start = grip(page.locator(f"#bar-{booking.pk}"))
    drag(page, start, (start[0] + 4, point(page, meg, 10)[1]))
    expect(page.locator(f"#row-{meg.pk} .bar")).to_have_count(1)
    assert hours_of(again(booking)) == (10, 11) and again(booking).worker == meg
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.locator(f"#row-{bo.pk} .bar")).to_have_count(1)
    expect(page.locator(".bar")).to_have_count(1)
    assert again(booking).worker == bo


def test_the_right_edge_changes_the_length(new_page, bo):
    booking = make_booking(worker=bo)
    page = opened(new_page)
    box = page.locator(f"#bar-{booking.pk}").bounding_box()
    drag(page, (box["x"] + box["width"] - 3, box["y"] + 15), point(page, bo, 12))
    expect(page.locator(f"#bar-{booking.pk} small")).to_contain_text("10:00–12:00")
    assert hours_of(again(booking)) == (10, 12)


def test_into_the_tray_takes_it_off_the_board(new_page, bo):
    booking = make_booking(worker=bo)
    page = opened(new_page)
    drag(page, grip(page.locator(f"#bar-{booking.pk}")), grip(page.locator(".tray-list")))
    expect(page.locator(".card")).to_have_count(1)
    assert again(booking).status == "CANCELLED"


def test_escape_while_dragging_changes_nothing(new_page, bo):
    booking = make_booking(worker=bo)
    page = opened(new_page)
    page.mouse.move(*grip(page.locator(f"#bar-{booking.pk}")))
    page.mouse.down()
    page.mouse.move(*point(page, bo, 14), steps=4)
    expect(page.locator(".ghost")).to_be_visible()
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.locator(".ghost")).to_have_count(0)
    assert again(booking).version == 1


def test_a_taken_time_is_refused_with_a_sentence_and_the_visit_goes_back(new_page, console, bo, meg):
    console.expect("409")
    first, second = make_booking(worker=bo), make_booking(worker=meg)
    page = opened(new_page)
    start = grip(page.locator(f"#bar-{second.pk}"))
    drag(page, start, (start[0], point(page, bo, 10)[1]))
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(f"Bo is already booked for {first.activity.order.number}, Huber")
    expect(page.locator(f"#row-{meg.pk} .bar")).to_have_count(1)
    expect(page.locator(".ghost")).to_have_count(0)


def test_by_finger(new_page, bo):
    make_visit()
    page = opened(new_page, has_touch=True, viewport={"width": 1100, "height": 800})
    touch = page.context.new_cdp_session(page)

    def send(kind, x, y):
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    x, y = grip(page.locator(".card"))
    send("touchStart", x, y)
    page.wait_for_timeout(300)
    end = point(page, bo, 9)
    for part in range(1, 6):
        send("touchMove", x + (end[0] - x) * part / 5, y + (end[1] - y) * part / 5)
    send("touchEnd", *end)
    expect(page.locator(f"#row-{bo.pk} .bar")).to_have_count(1)
    assert hours_of(Booking.objects.get()) == (9, 10)


def test_by_keys(new_page, bo, meg):
    booking = make_booking(worker=bo)
    page = opened(new_page)
    page.locator(f"#bar-{booking.pk} a").focus()
    page.keyboard.press("Space")
    live = page.locator("#board-live")
    expect(live).to_contain_text("picked up")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(live).to_have_text("Meg, 11:15–12:15, free")
    page.keyboard.press("Enter")
    expect(page.locator(f"#row-{meg.pk} .bar")).to_have_count(1)
    expect(page.locator(f"#bar-{booking.pk} a")).to_be_focused()
    assert hours_of(again(booking)) == (11.25, 12.25)
    page.keyboard.press("Space")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Escape")
    expect(live).to_have_text("Left where it was.")
    page.keyboard.press("+")
    expect(page.locator(f"#bar-{booking.pk} small")).to_contain_text("11:15–12:30")
    page.keyboard.press("Control+z")
    expect(page.locator(f"#bar-{booking.pk} small")).to_contain_text("11:15–12:15")


def test_by_the_form_in_a_dialog(new_page, bo):
    make_visit()
    page = opened(new_page)
    page.locator(".card").focus()
    page.keyboard.press("m")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Technician").select_option("Bo")
    dialog.get_by_label("Start").fill("13:00")
    dialog.get_by_role("button", name="Schedule").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(f"#row-{bo.pk} .bar")).to_have_count(1)
    assert hours_of(Booking.objects.get()) == (13, 14)


def test_by_the_form_without_javascript(new_page, bo):
    make_visit()
    page = new_page(user=user_in(DISPATCHER), java_script_enabled=False)
    page.goto(BOARD)
    page.locator(".card").click()
    page.get_by_label("Technician").select_option("Bo")
    page.get_by_label("Day").fill("2026-03-16")
    page.get_by_label("Start").fill("09:30")
    page.get_by_role("button", name="Schedule").click()
    expect(page.locator(f"#row-{bo.pk} .bar")).to_have_count(1)
    assert hours_of(Booking.objects.get()) == (9.5, 10.5)
    page.locator(".bar a").click()
    page.get_by_role("button", name="Take off the board").click()
    expect(page.locator(".card")).to_have_count(1)


def test_a_team_that_warns_asks_for_a_reason(new_page, console):
    console.expect("422")
    gus = make_technician("Gus", team=make_team("LAX", booking_rule="WARN"))
    make_booking(worker=gus)
    make_visit()
    page = opened(new_page)
    drag(page, grip(page.locator(".card")), point(page, gus, 10))
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Give a reason to book anyway")
    dialog.get_by_label("Why book anyway").fill("Same site")
    dialog.get_by_role("button", name="Schedule").click()
    expect(page.locator(".bar[data-soft]")).to_have_count(1)


def test_what_others_do_appears_by_itself_and_never_twice(new_page, bo, meg):
    booking = make_booking(worker=bo)
    page = opened(new_page)
    move_booking(booking.pk, worker=meg, start=moment(14), minutes=60, version=1, by=user_in(PLANNER), at=NOW)
    expect(page.locator(f"#row-{meg.pk} .bar")).to_have_count(1)
    expect(page.locator(".bar")).to_have_count(1)


def test_a_stale_drop_names_who_moved_it(new_page, console, bo, meg):
    console.expect("409")
    booking = make_booking(worker=bo)
    page = opened(new_page)
    page.mouse.move(*grip(page.locator(f"#bar-{booking.pk}")))
    page.mouse.down()
    page.mouse.move(*point(page, bo, 15), steps=4)
    move_booking(booking.pk, worker=meg, start=moment(13), minutes=60, version=1, by=user_in(PLANNER), at=NOW)
    page.mouse.up()
    expect(page.get_by_role("alert")).to_contain_text("Pia changed")
    expect(page.locator(f"#row-{meg.pk} .bar")).to_have_count(1)
    expect(page.locator(".bar")).to_have_count(1)


def test_a_column_of_several_days_takes_it_at_the_next_free_time(new_page, bo):
    from datetime import timedelta

    day = company_today() + timedelta(days=7 - company_today().weekday())
    make_booking(worker=bo, day=day, hour=8)
    make_visit()
    page = opened(new_page, f"/dispatch/board/?day={day}&scale=days")
    cell = page.locator(f"#row-{bo.pk} .cell[data-day='{day}']")
    drag(page, grip(page.locator(".card")), grip(cell, 60))
    expect(cell.locator(".bar")).to_have_count(2)
    expect(cell).to_contain_text("09:00–10:00")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("scale", ["day", "days"])
def test_axe_finds_nothing(new_page, bo, meg, scheme, scale):
    make_booking(worker=bo)
    make_booking(make_visit(priority="HIGH"), worker=meg, hour=19)
    make_visit()
    page = opened(new_page, f"{BOARD}&scale={scale}", color_scheme=scheme, reduced_motion="reduce")
    found = Axe().run(page).response["violations"]
    assert not found, [(v["id"], v["impact"], [n["html"] for n in v["nodes"]][:3]) for v in found]
    page.locator(".card").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.evaluate("() => Promise.all(document.getAnimations().map((running) => running.finished))")
    found = Axe().run(page).response["violations"]
    assert not found, [(v["id"], v["impact"], [n["html"] for n in v["nodes"]][:3]) for v in found]
