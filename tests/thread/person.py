"""What a person does with a page: follow the menu, fill in what is labelled so, press what is called so, read."""

import re
from decimal import Decimal

from playwright.sync_api import Locator, Page, expect

from tests.documents.make import pages_of

#: How long a run may take on a loaded machine, in milliseconds.
SLOW = 60_000


def menu(page: Page, name: str) -> None:
    """Go somewhere by the main menu; the first time, by opening the product."""
    if page.url == "about:blank":
        page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name=name, exact=True).click()


def follow(page: Page | Locator, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()


def press(page: Page | Locator, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def field(page: Page | Locator, label: str) -> Locator:
    """What stands under this label, whether it has to be filled or not."""
    return page.get_by_label(re.compile(rf"^\s*{re.escape(label)}\s*(optional)?\s*$")).first


def fill(page: Page | Locator, label: str, value: object) -> None:
    field(page, label).fill(str(value))


def pick(page: Page | Locator, label: str, text: str) -> None:
    """Choose in a list; in a search field, once it is one, type some letters and take what is offered."""
    box = page.get_by_role("combobox", name=re.compile(rf"^{re.escape(label)}( optional)?$"))
    box = box.and_(page.locator("input, select:not([data-behaviour~=combobox])"))
    if box.evaluate("node => node.tagName") == "SELECT":
        choice = box.locator("option").filter(has_text=text).first
        box.select_option(value=choice.get_attribute("value"))
        return
    box.fill(text)
    page.get_by_role("option").filter(has_text=text).first.click()


def settled(page: Page) -> None:
    """Wait until the page has shown everything it asked for."""
    page.wait_for_function("() => !document.querySelector('.htmx-request')")


def run_done(page: Page) -> None:
    """Watch a run on its page until it is done."""
    expect(page.get_by_role("status").filter(has_text="Progress")).to_contain_text("Done", timeout=SLOW)


def row(page: Page, text: str) -> Locator:
    """The row of a table that mentions the text."""
    return page.get_by_role("row").filter(has_text=text)


def amounts(text: str) -> list[Decimal]:
    """The amounts of money in a text: 1,234.50 EUR."""
    found = re.findall(r"([\N{MINUS SIGN}]?)([\d,]+\.\d\d)(?=\s(?:EUR|GBP))", text)
    return [Decimal(f"{'-' if sign else ''}{number.replace(',', '')}") for sign, number in found]


def read_pdf(page: Page, name: str) -> str:
    """Open the document behind a link, and what it says. Chromium without a screen has no viewer for it."""
    answer = page.request.get(page.get_by_role("link", name=name, exact=True).get_attribute("href"))
    assert answer.status == 200 and answer.headers["content-type"] == "application/pdf", answer.text()[:400]
    return " ".join(pages_of(answer.body()))
