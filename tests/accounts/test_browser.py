"""Signing in by hand in a real browser; any breach of the content security policy fails the test at its end."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.urls import reverse
from playwright.sync_api import Page, expect

from servicemgmt.core.roles import ADMINISTRATOR, DISPATCHER, PLANNER
from tests.accounts.make import PASSWORD, actions, code_of, open_invitation, require_second_factor, set_up_app
from tests.browser import Console, Opener
from tests.cast import user_in

pytestmark = pytest.mark.django_db(transaction=True)
HOME = re.compile(r":\d+/$")


@pytest.fixture(autouse=True)
def refusals_are_fine(console: Console) -> None:
    """The browser notes each answer that is not 200."""
    console.expect("status of 4(03|04|09|10|22|29)")


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_from_the_invitation_to_a_second_factor_and_back(new_page: Opener) -> None:
    """Ada invites Eve; Eve chooses a password, must set up an app, signs out and signs in with its code."""
    require_second_factor(PLANNER)
    page = new_page(user=user_in(ADMINISTRATOR))
    page.goto(reverse("core:invite"))
    page.get_by_label("Name").fill("Eve")
    page.get_by_label("E-mail address").fill("eve@example.com")
    page.get_by_label("Planner").check()
    page.get_by_role("button", name="Send the invitation").click()
    link = page.locator("#invitation-link").inner_text()
    assert link in str(mail.outbox[0].body)

    eve = new_page()
    eve.goto(link)
    expect(eve.get_by_role("heading", name="Welcome, Eve")).to_be_visible()
    eve.get_by_label("Choose a password").fill("short")
    eve.get_by_role("button", name="Accept and sign in").click()
    expect(eve.get_by_text("too short")).to_be_visible()
    eve.get_by_label("Choose a password").fill(PASSWORD)
    eve.get_by_role("button", name="Accept and sign in").click()
    expect(eve.get_by_text("Welcome, Eve.")).to_be_visible()
    eve.goto(reverse("core:profile"))
    expect(eve.get_by_text("Your role asks for a second factor")).to_be_visible()

    eve.get_by_role("link", name="Set up").click()
    eve.get_by_label("Password", exact=True).fill(PASSWORD)
    eve.get_by_role("button", name="Continue").click()
    eve.get_by_text("It cannot be scanned?").click()
    secret = eve.locator(".totp-secret").inner_text().replace(" ", "")
    assert eve.locator(".totp-code").evaluate("image => image.naturalWidth") > 0
    eve.get_by_label("Code the app shows").fill(code_of(secret))
    eve.get_by_role("button", name="Switch it on").click()
    expect(eve.get_by_text("10 codes left")).to_be_visible()
    recovery = eve.locator(".recovery-codes code").first.inner_text()
    eve.get_by_role("link", name="I have kept them").click()
    expect(eve.get_by_text("not used yet")).to_be_visible()

    eve.get_by_label("Your account", exact=True).first.click()
    eve.get_by_role("button", name="Sign out").click()
    sign_in(eve, "eve@example.com")
    expect(eve.get_by_role("heading", name="One more step")).to_be_visible()
    eve.get_by_label("Code").fill("000000")
    eve.get_by_role("button", name="Sign in", exact=True).click()
    expect(eve.get_by_text("This code is not right")).to_be_visible()
    eve.get_by_label("Code").fill(recovery)
    eve.get_by_role("button", name="Sign in", exact=True).click()
    eve.wait_for_url(HOME)


@pytest.fixture
def key(new_page: Opener) -> Any:
    """A page at localhost (a passkey belongs to a name) with a fingerprint reader that always says yes."""
    page = new_page()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    authenticator = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    page.goto(new_page.base_url.replace("127.0.0.1", "localhost") + reverse("account_login"))

    def agrees(yes: bool) -> None:
        devtools.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": yes})

    return page, agrees


def test_a_passkey_is_added_and_signs_in_without_a_password(key: Any) -> None:
    page, agrees = key
    ann = user_in(DISPATCHER)
    sign_in(page, ann.email)
    page.wait_for_url(HOME)
    visit(page, "mfa_add_webauthn")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("Name")).to_have_value(re.compile("Chrome on"))
    page.get_by_label("Name").fill("Work laptop")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_text("10 codes left")).to_be_visible()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("Work laptop")).to_be_visible()
    expect(page.get_by_text("without password")).to_be_visible()

    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(HOME)
    assert actions(ann).count("signed_in") == 2

    sign_out(page)
    sign_in(page, ann.email)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(HOME)

    visit(page, "mfa_generate_recovery_codes")
    page.get_by_role("link", name="Use a passkey").click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Make new recovery codes")).to_be_visible()

    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("link", name="Rename").click()
    page.get_by_label("Name").fill("Old laptop")
    page.get_by_role("button", name="Save").click()
    row = page.get_by_role("listitem").filter(has_text="Old laptop")
    row.get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Remove the passkey").click()
    expect(page.get_by_text("Nothing to type, nothing to steal")).to_be_visible()
    assert not Authenticator.objects.filter(user=ann).exists()
    assert actions(ann)[-3:] == ["factor_renamed", "factor_removed", "factor_removed"]


def test_a_passkey_that_is_refused_says_so(key: Any) -> None:
    page, agrees = key
    agrees(False)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text(re.compile("cancelled|could not be used"))


def visit(page: Page, name: str) -> None:
    """Another page at the same host."""
    page.goto("/".join(page.url.split("/")[:3]) + reverse(name))


def sign_out(page: Page) -> None:
    visit(page, "core:profile")
    page.get_by_label("Your account", exact=True).first.click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_password_can_be_looked_at_while_it_is_typed(page: Page) -> None:
    page.goto(reverse("account_login"))
    page.get_by_label("Password", exact=True).fill("secret")
    page.get_by_role("button", name="Show the password").click()
    expect(page.locator("#id_password")).to_have_attribute("type", "text")
    page.get_by_role("button", name="Show the password").click()
    expect(page.locator("#id_password")).to_have_attribute("type", "password")


ENTRANCE = ["account_login", "account_signup", "account_reset_password", "account_reset_password_done"]
ENTRANCE += ["account_inactive", "account_reset_password_from_key_done"]
OWN = ["core:profile", "account_change_password", "mfa_index", "usersessions_list", "account_logout"]
OWN += ["account_reauthenticate", "core:users", "core:roles", "core:invitations", "core:invite"]
GUARDED = [
    "mfa_add_webauthn",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_deactivate_totp",
]


def test_no_page_breaks_the_content_security_policy(new_page: Opener) -> None:
    """The console of each page is watched; what it says fails this test."""
    ada, ann = user_in(ADMINISTRATOR), user_in(DISPATCHER)
    invitation, token = open_invitation(by=ada)
    page = new_page()
    for address in [
        *map(reverse, ENTRANCE),
        reverse("core:accept_invitation", args=[token]),
        "/invitation/x/",
    ]:
        page.goto(address)
        expect(page.locator("main.solo-card")).to_be_visible()
    set_up_app(ada)
    page = new_page(user=ada)
    own = [reverse("core:user", args=[ann.pk]), reverse("core:invitation", args=[invitation.pk])]
    for address in [*map(reverse, OWN), *own]:
        page.goto(address)
        expect(page.locator("main")).to_be_visible()
    page.goto(reverse("account_reauthenticate"))
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    for address in map(reverse, GUARDED):
        page.goto(address)
        assert page.url.endswith(address)
        expect(page.locator("main")).to_be_visible()
