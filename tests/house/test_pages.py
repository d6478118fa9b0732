"""Every page of the product, opened by somebody who may see it, is fit to be seen: axe, console, a phone's width."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import get_resolver
from playwright.sync_api import Page, TimeoutError

from servicemgmt.core.lists import page as lists_page
from servicemgmt.core.models import User
from servicemgmt.core.roles import ADMINISTRATOR, DISPATCHER, FINANCE, MANAGER, PLANNER, TECHNICIAN
from servicemgmt.seed import LOGINS, PASSWORD
from tests.accounts.make import set_up_app
from tests.house.samples import sample_rows, seed_small_company
from tests.house.test_architecture import patterns

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

NOBODY = ""
#: Who opens a page: the first who may. Who just has to be signed in is the administrator, with a second factor.
OPENERS = [PLANNER, FINANCE, DISPATCHER, MANAGER, ADMINISTRATOR, TECHNICIAN]
#: Routes that no browser shows as a page of its own, and why.
NO_PAGE = {
    "documents/work-descriptions/": "a PDF",
    "documents/work-description/<str:number>/": "a PDF",
    "documents/work-receipt/<str:number>/": "a PDF",
    "documents/work-receipt/<str:number>/signed/<int:key>/": "a PDF",
    "documents/agreement/<str:number>/": "a PDF",
    "documents/agreement/<str:number>/signed/<int:key>/": "a PDF",
    "documents/invoice/<str:number>/": "a PDF",
    "projects/invoices/<str:number>/ubl/": "an XML file",
    "documents/statement/<str:number>/": "a PDF",
    "documents/reminder/<str:number>/": "a PDF",
    "documents/labels/sheets/": "a PDF",
    "o/<str:number>/": "leads on",
    "healthz": "for load balancers",
    "readyz": "for load balancers",
    "search/": "JSON for search fields",
    "audit/open/<str:subject>/": "leads on",
    "accounts/login/passkey/": "JSON for the browser's passkeys",
    "accounts/login/second-factor/": "only between password and code; tests/accounts goes there",
    "accounts/logout/": "leads on where nobody is signed in; tests/accounts goes there",
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "leads on; tests/accounts goes there",
    "accounts/password/set/": "leads on where there is a password, and everybody has one",
    "accounts/second-factor/app/": "leads on where the app is set up",
    "accounts/second-factor/codes/download/": "a text file",
    "accounts/second-factor/passkeys/": "leads on",
    "accounts/second-factor/passkeys/<int:pk>/": "needs a passkey; tests/accounts makes one",
    "accounts/second-factor/passkeys/<int:pk>/remove/": "needs a passkey; tests/accounts makes one",
    "accounts/confirm/passkey/": "JSON for the browser's passkeys",
    "agreements/adjustments/<int:pk>/undo/": "leads on where the prices are not applied",
    "agreements/objects-with/": "a part of the page of a number",
    "agreements/group-sla/": "JSON for the form of an agreement",
    "orders/import/mappings/": "leads on to the setup",
    "orders/suggestions/": "a part of the order's page",
    "dispatch/board/changes/": "JSON for the board",
    "dispatch/bookings/<int:pk>/card/": "a part of the board",
    "dispatch/sw.js": "a script",
}
#: What a technician may not open, what nobody can, and the answers.
REFUSED = {"/masterdata/customers/?technician": 403, "/no/such/page/": 404}
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
LIGHT = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
DARK = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
#: What stands around every page is looked at on the first one. What a focused form scrolled half under the top bar is
#: not small for that.
AXE = """async (options) => {
    window.scrollTo(0, 0);
    const frame = location.pathname === "/" ? [] : [[".side"], [".topbar"]];
    const told = await axe.run({exclude: frame}, {resultTypes: ["violations"], preload: false, ...options});
    return told.violations;
}"""
#: Regions that load by themselves have come, and nothing moves or fades any more.
STILL = """() => (
    !document.querySelector("[hx-trigger=load], .htmx-request") &&
    document.getAnimations().every((moving) => moving.playState !== "running")
)"""
#: What keeps a page from resting: regions that wait for their answer, and what moves.
RESTLESS = """() => [
    ...[...document.querySelectorAll("[hx-trigger=load], .htmx-request")].map((e) => e.outerHTML.slice(0, 200)),
    ...document.getAnimations().map((moving) => [
        moving.playState, moving.animationName ?? moving.transitionProperty, moving.currentTime,
        moving.effect.getComputedTiming().endTime, moving.effect.target?.outerHTML.slice(0, 200),
    ].join(" ")),
]"""


@pytest.fixture
def short_lists(monkeypatch):
    """Three rows look like fifty, and axe is done with them sooner."""
    plain = lists_page.page_of
    monkeypatch.setattr(
        lists_page, "page_of", lambda rows, order, cursor, size, paths: plain(rows, order, cursor, 3, paths)
    )


def test_every_page_is_fit_to_be_seen(new_page, console, short_lists):
    seed_small_company()
    users = {role: User.objects.get(email=email) for role, email, _password in LOGINS}
    set_up_app(users[ADMINISTRATOR])
    console.expect("status of 40[34]")
    wrong: list[str] = []
    for role, paths in pages(users, sample_rows(users[ADMINISTRATOR])).items():
        page = new_page(user=users.get(role), viewport=DESK, reduced_motion="reduce")
        page.add_init_script(Axe().axe_script)
        if role == ADMINISTRATOR:
            type_password_again(page)
        for path in paths:
            wrong += [f"{path} ({role or 'nobody'}): {fault}" for fault in faults(page, path)]
    assert wrong == []


def pages(users: dict[str, User], samples: dict[str, Any]) -> dict[str, list[str]]:
    """Where everybody goes: every route that answers a GET with a page, and pages worth looking at."""
    found: dict[str, list[str]] = {role: ["/"] for role in [*OPENERS, NOBODY]}
    client = Client()
    client.force_login(users[ADMINISTRATOR], backend=settings.AUTHENTICATION_BACKENDS[0])
    for route, entry in patterns(get_resolver()):
        if route and route not in NO_PAGE and not takes_posts_only(client, route):
            found[opener(users, entry.callback)].append(filled(route, samples))
    found[NOBODY].remove("/")
    order = f"/orders/{samples['job order']}/"
    found[TECHNICIAN] += [order, f"/agreements/objects/{samples['job object']}/"]
    found[TECHNICIAN] += list(REFUSED)
    found[DISPATCHER] += [f"{order}?open={part}" for part in ("add:HOUR", "repair:new", "clock:start")]
    found[PLANNER] += ["/orders/?q=nothing+fits", "/reports/margin/?level=kind", "/setup/workcalendar/new/"]
    return found


def takes_posts_only(client: Client, route: str) -> bool:
    """Whether a GET is turned away before anything is looked up."""
    anything = re.sub(r"<(\w+):\w+>", lambda part: "1" if part[1] == "int" else "x", route)
    return client.get(f"/{anything}").status_code == 405


def opener(users: dict[str, User], view: Any) -> str:
    names = view.permission
    if names[0].startswith("public"):
        return NOBODY
    if names == ("signed in",):
        return ADMINISTRATOR
    return next(role for role in OPENERS if any(users[role].has_perm(name) for name in names))


def filled(route: str, samples: dict[str, Any]) -> str:
    """The path to a sample row. A KeyError is a page without one: add it to samples.py."""
    if str(samples.get(route, "")).startswith("/"):
        return str(samples[route])
    path = re.sub(r"<\w+:\w+>", lambda part: str(samples[route[: part.end()]]), route)
    return f"/{path}{samples.get(route, '')}"


def type_password_again(page: Page) -> None:
    """Pages about signing in ask for it."""
    page.goto("/accounts/confirm/")
    page.fill("#id_password", PASSWORD)
    page.locator("#id_password").press("Enter")
    page.wait_for_url(lambda url: "/confirm/" not in url)


def faults(page: Page, path: str) -> Iterator[str]:
    """What is wrong with the page in light and dark, and on a phone."""
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="light")
    answer = page.goto(path)
    if answer is None or answer.status != REFUSED.get(path, 200) or not page.url.endswith(path):
        yield f"answers {answer and answer.status} at {page.url}"
        return
    yield from violations(page, "light", LIGHT)
    page.emulate_media(color_scheme="dark")
    yield from violations(page, "dark", DARK)
    page.set_viewport_size(PHONE)
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > PHONE["width"]:
        yield f"is {width} pixels wide on a phone"


def violations(page: Page, scheme: str, options: dict[str, Any]) -> Iterator[str]:
    """What axe calls serious or critical."""
    try:
        page.wait_for_function(STILL, polling=30)
    except TimeoutError:
        yield f"{scheme}: never comes to rest: {page.evaluate(RESTLESS)}"
        return
    for found in page.evaluate(AXE, options):
        if found["impact"] in ("serious", "critical"):
            nodes = json.dumps([node["html"][:160] for node in found["nodes"][:3]])
            yield f"{scheme}: {found['id']} {nodes}"
