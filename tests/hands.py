"""What only a hand does: dragging with a mouse, writing with a finger."""

from playwright.sync_api import Locator, Page, expect

type Point = tuple[float, float]
AT_REST = 120  # milliseconds


def grip(locator: Locator, dx: float = 20) -> Point:
    """Where to take hold of something: near its left edge. A board that is just drawn anew is waited for."""
    box = None
    while box is None:
        expect(locator).to_be_visible()
        box = locator.bounding_box()
    return box["x"] + dx, box["y"] + box["height"] / 2


def drag(page: Page, start: Point, end: Point) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + 8, start[1], steps=2)
    page.mouse.move(*end, steps=6)
    page.mouse.up()


def write(pad: Locator) -> None:
    """Sign with a finger on a pad, and come to rest before lifting it; its page has to have a touch screen.

    A finger lifted in full flight makes Chromium swallow the next tap, for three tenths of a second.
    """
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    glass = pad.page.context.new_cdp_session(pad.page)
    x, y = box["x"] + box["width"] / 4, box["y"] + box["height"] / 2
    line = [(x + step * 10, y + (25 if step % 2 else -25)) for step in range(12)]
    for number, (x, y) in enumerate(line):
        kind = "touchMove" if number else "touchStart"
        glass.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    pad.page.wait_for_timeout(AT_REST)
    glass.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y}]})
    glass.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    glass.detach()
