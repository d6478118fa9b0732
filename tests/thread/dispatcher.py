"""§4.2: the dispatcher takes a call, plans both visits on the board and prints the work description."""

import re

from playwright.sync_api import Locator, Page, expect

from orders.models import ServiceOrder
from tests.hands import drag, grip

from .conftest import Company
from .person import fill, follow, menu, pick, press, read_pdf, row, settled

#: Wide enough for a board with its tray.
DESK = {"viewport": {"width": 1440, "height": 900}}


def takes_call(page: Page, company: Company) -> str:
    """Who, which object, what is wrong: one press makes the order of it, with the deadline that was agreed."""
    menu(page, "Requests")
    page.get_by_role("link", name="New request").first.click()
    pick(page, "Customer", company.customer.name)
    settled(page)
    pick(page, "Service object", company.service_object.description)
    expect(page.get_by_text("Gold: done within 8 working hours")).to_be_visible()
    fill(page, "What is wrong", "Makes a grinding noise")
    press(page, "Save and make order")
    expect(page.get_by_role("heading", name="Makes a grinding noise")).to_be_visible()
    order = ServiceOrder.objects.get(description__contains="grinding")
    assert order.agreement and order.deadline and order.sla_status == "STARTED"
    return order.number


def sees_deadline(page: Page, order: str) -> str:
    """In the list of orders. The moment as it is written there."""
    menu(page, "Service orders")
    found = row(page, order)
    expect(found).to_contain_text("in time")
    return re.search(r"\d+ \w+ \d{4}, \d\d:\d\d", found.inner_text())[0]


def prints_description(page: Page, order: str) -> str:
    menu(page, "Service orders")
    follow(page, order)
    return read_pdf(page, "Work description")


def opens_board(page: Page) -> None:
    menu(page, "Dispatch board")
    page.wait_for_function("() => document.querySelector('#dispatch')?.dataset.ready !== undefined")


def card(page: Page, order: str) -> Locator:
    """The order among the work to plan."""
    return page.get_by_role("list", name="Work to plan").get_by_role("listitem").filter(has_text=order)


def sees_in_tray(page: Page, order: str, deadline: str) -> None:
    expect(card(page, order)).to_contain_text(deadline)


def lane(page: Page, worker: str) -> Locator:
    return page.get_by_role("list", name=worker, exact=True)


def at(page: Page, worker: str, hour: int) -> tuple[float, float]:
    """Where that hour is in the worker's row."""
    box = lane(page, worker).bounding_box()
    first, last = (int(page.locator("#dispatch").get_attribute(f"data-{edge}")) for edge in ("from", "to"))
    return box["x"] + (hour - first) / (last - first) * box["width"] + 1, box["y"] + box["height"] / 2


def drags(page: Page, order: str, worker: str, start: int, end: int) -> None:
    """With the mouse, from the tray onto a technician; it lasts as long as is planned, else the default length."""
    drag(page, grip(card(page, order)), at(page, worker, start))
    said = page.get_by_text(f"{order} is with {worker}")
    expect(said).to_contain_text(f"{start}:00–{end}:00")
    expect(lane(page, worker)).to_contain_text(order)
    expect(card(page, order)).to_have_count(0)


def searches(page: Page, text: str) -> None:
    """For visits that are too far ahead to be in the tray by themselves."""
    box = page.get_by_role("searchbox", name="Search number, customer or place")
    box.fill(text)
    with page.expect_response(lambda answer: "q=" in answer.url):
        box.press("Enter")


def want_the_same_time(pages: list[Page], orders: list[str], worker: str, hour: int) -> tuple[Page, str]:
    """Two dispatchers drop two orders there at once. Who lost, and which order he still has."""
    for page, order in zip(pages, orders, strict=True):
        page.mouse.move(*grip(card(page, order)))
        page.mouse.down()
        page.mouse.move(*at(page, worker, hour), steps=8)
    for page in pages:
        page.mouse.up()
    for page in pages:
        said = page.get_by_text(re.compile(rf"is with {worker}|{worker} is already booked"))
        expect(said).to_be_visible()
    lost = [page.get_by_text(f"{worker} is already booked for ").is_visible() for page in pages]
    assert sorted(lost) == [False, True], "one wins, the other is told"
    loser = lost.index(True)
    expect(pages[loser].get_by_role("alert")).to_contain_text(orders[1 - loser])
    expect(lane(pages[loser], worker)).to_contain_text(orders[1 - loser])
    return pages[loser], orders[loser]


def schedules(page: Page, order: str, worker: str, time: str, otherwise: str) -> None:
    """By the keyboard alone: a time that is taken is refused where it was typed, the next one is accepted."""
    card(page, order).get_by_role("link").focus()
    page.keyboard.press("m")
    dialog = page.get_by_role("dialog")
    pick(dialog, "Technician", worker)
    fill(dialog, "Start", time)
    press(dialog, "Schedule")
    expect(dialog.get_by_role("alert")).to_contain_text(f"{worker} is already booked for ")
    fill(dialog, "Start", otherwise)
    dialog.get_by_label("Start").press("Enter")
    expect(page.get_by_text(f"{order} is with {worker}")).to_be_visible()
    expect(dialog).to_be_hidden()
