"""Photographs of a running demo: the README's pictures, or every page for looking."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from django.core.management.base import BaseCommand, CommandError, CommandParser

from servicemgmt import machine
from servicemgmt.embedded.folder import CHECKOUT
from servicemgmt.seed import LOGINS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

PICTURES = CHECKOUT / "docs" / "screenshots"
DESK, LAPTOP, PHONE, TABLET = (1440, 900), (1024, 768), (390, 844), (834, 1112)

#: File name, role, where to go (a path, then what links to follow begin with, where they are), size, colour scheme.
README: list[tuple[str, str, list[str], tuple[int, int], str]] = [
    ("home", "Dispatcher", ["/"], DESK, "dark"),
    ("board", "Dispatcher", ["/dispatch/board/"], DESK, "light"),
    ("my-day", "Technician", ["/dispatch/day/", "Next jobs"], TABLET, "light"),
    ("agreement", "Planner", ["/agreements/", "SA-"], DESK, "light"),
    ("order", "Manager", ["/orders/?tab=post", "SO-"], DESK, "light"),
    ("margin", "Finance", ["/reports/margin/"], DESK, "light"),
]


class Command(BaseCommand):
    """Needs a demo that runs, and Chromium. Signs in as each role, follows links, changes nothing."""

    help = "Photograph a running demo into docs/screenshots/, or every page of it into a folder."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", nargs="?", default="http://127.0.0.1:8000", help="where the demo runs")
        parser.add_argument(
            "--all", metavar="FOLDER", type=Path, help="every page, three widths, light and dark"
        )
        parser.add_argument(
            "--only", default="", metavar="TEXT", help="with --all: pages whose path holds it"
        )

    def handle(self, *, address: str, all: Path | None, only: str, **options: Any) -> None:
        from playwright.sync_api import sync_playwright

        path = machine.browser_path()
        if not path:
            raise CommandError(machine.NO_BROWSER)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=path, args=["--no-sandbox", "--hide-scrollbars"]
            )
            for picture in every_page(browser, address, all, only) if all else pictures(browser, address):
                self.stdout.write(str(picture))
            browser.close()


def pictures(browser: "Browser", address: str) -> Iterator[Path]:
    """The README's pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, role, way, size, scheme in README:
        context = signed_in(browser, address, role, size, scheme)
        page = context.new_page()
        page.goto(way[0], wait_until="networkidle")
        for text in way[1:]:
            link = page.locator("main a").filter(has_text=re.compile(rf"^\s*{text}")).first
            if link.is_visible():
                link.click()
                page.wait_for_load_state("networkidle")
        file = PICTURES / f"{name}.png"
        page.screenshot(path=file)
        context.close()
        yield file


def every_page(browser: "Browser", address: str, folder: Path, only: str) -> Iterator[Path]:
    """One picture per kind of page that some role's links lead to, width and colour scheme."""
    folder.mkdir(parents=True, exist_ok=True)
    known: set[str] = set()
    for role, _email, _password in LOGINS:
        context = signed_in(browser, address, role, DESK, "light")
        found = [
            path for path in crawl(context) if only in path and (path == "/" or kind_of(path) not in known)
        ]
        known |= {kind_of(path) for path in found}
        page = context.new_page()
        for path in found:
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                for size in (DESK, LAPTOP, PHONE):
                    page.set_viewport_size({"width": size[0], "height": size[1]})
                    page.goto(path, wait_until="networkidle")
                    name = re.sub(r"\W+", "-", kind_of(path)).strip("-") or f"home-{role.lower()}"
                    file = folder / f"{name}.{size[0]}.{scheme}.png"
                    page.screenshot(path=file, full_page=True)
                    yield file
        context.close()


def crawl(context: "BrowserContext") -> list[str]:
    """One path for every kind of page that links lead to from the home page."""
    waiting, found, known = ["/"], list[str](), set[str]()
    while waiting:
        path = waiting.pop(0)
        if kind_of(path) in known or path.startswith("/accounts/logout"):
            continue
        answer = context.request.get(path)
        if not answer.ok or "text/html" not in answer.headers.get("content-type", ""):
            continue
        known.add(kind_of(path))
        text = answer.text()
        if "<html" in text:
            found.append(path)
        waiting += [target for target in links(text, answer.url) if kind_of(target) not in known]
    return found


def kind_of(path: str) -> str:
    """The path with its numbers and its small master replaced by a word, without what follows the question mark."""
    plain = re.sub(r"[^/]*\d[^/]*", "one", urlsplit(path).path)
    return re.sub(r"(?<=^/setup/)[a-z]+", "master", plain)


def links(text: str, base: str) -> list[str]:
    """Where the links of a page lead, as paths of the same site."""
    parser = Links()
    parser.feed(text)
    targets = [urlsplit(urljoin(base, href)) for href in parser.found]
    return [
        f"{target.path}?{target.query}".rstrip("?")
        for target in targets
        if target.netloc == urlsplit(base).netloc and "format=" not in target.query
    ]


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.found += [href for name in ("href", "data-href") if tag != "link" and (href := values.get(name))]


def signed_in(
    browser: "Browser", address: str, role: str, size: tuple[int, int], scheme: str
) -> "BrowserContext":
    """A browser's context in which the demo's user of that role is signed in."""
    email, password = next((email, password) for name, email, password in LOGINS if name == role)
    context = browser.new_context(
        base_url=address,
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
        has_touch=size == TABLET,
        is_mobile=size == TABLET,
    )
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("#id_login", email)
    page.fill("#id_password", password)
    page.locator("#id_password").press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)
    page.close()
    return context
