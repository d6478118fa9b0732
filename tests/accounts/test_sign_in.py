"""Signing in and out, forgotten passwords, and what is closed."""

import re
from typing import Any

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.core import mail
from django.test import Client, override_settings
from django.urls import NoReverseMatch, reverse

from servicemgmt.core.models import Event, User
from servicemgmt.core.roles import DISPATCHER
from tests.accounts.make import PASSWORD, actions, sign_in, text_of
from tests.cast import user_in

pytestmark = pytest.mark.django_db
NEW = "an even longer password"


def test_signing_in_leads_home_and_is_recorded(client: Client) -> None:
    ann = user_in(DISPATCHER)
    assert sign_in(client, ann).url == "/"  # type: ignore[attr-defined]
    assert actions(ann) == ["signed_in"]
    assert Event.objects.get().changes == {"with": [None, "password"]}
    assert client.session.get_expire_at_browser_close()
    assert client.get(reverse("account_login")).url == "/"  # type: ignore[attr-defined]


def test_staying_signed_in_is_a_choice(client: Client) -> None:
    sign_in(client, user_in(DISPATCHER), remember="on")
    assert not client.session.get_expire_at_browser_close()


def test_signing_in_leads_back_to_the_page_that_was_asked_for(client: Client) -> None:
    address = client.get(reverse("core:profile")).url  # type: ignore[attr-defined]
    assert address == "/accounts/login/?next=/profile/"
    assert 'name="next" value="/profile/"' in text_of(client.get(address))
    assert sign_in(client, user_in(DISPATCHER), next="/profile/").url == "/profile/"  # type: ignore[attr-defined]


def test_signing_in_leads_nowhere_else(client: Client) -> None:
    answer: Any = sign_in(client, user_in(DISPATCHER), next="https://evil.example/")
    assert answer.url == "/"


@pytest.mark.parametrize("email", ["ann@example.com", "nobody@example.com"])
def test_a_failure_does_not_tell_who_is_a_user(client: Client, email: str) -> None:
    user_in(DISPATCHER)
    answer = client.post(reverse("account_login"), {"login": email, "password": "wrong"})
    assert answer.status_code == 422
    assert "The e-mail address or the password is not right." in text_of(answer)
    event = Event.objects.get()
    assert event.action == "sign_in_failed"
    assert (event.subject == "user:unknown") == (email == "nobody@example.com")
    assert event.subject_label == ("Ann" if email == "ann@example.com" else email)


def test_five_failures_lock_the_address_for_everybody(client: Client) -> None:
    ann = user_in(DISPATCHER)
    for _n in range(5):
        assert "not right" in text_of(sign_in(client, ann, "wrong"))
    for browser in (client, Client()):
        answer = sign_in(browser, ann)
        assert answer.status_code == 422
        assert "locked for five minutes" in text_of(answer)
    assert actions(ann) == ["sign_in_failed"] * 5 + ["sign_in_locked"]


def test_an_address_of_the_network_that_tries_too_often_waits(client: Client) -> None:
    answers = [
        client.post(reverse("account_login"), {"login": f"nobody{n}@example.com", "password": "x"})
        for n in range(11)
    ]
    assert "not right" in text_of(answers[9])
    assert "locked for five minutes" in text_of(answers[10])
    assert sign_in(client, user_in(DISPATCHER)).status_code == 422
    assert sign_in(Client(REMOTE_ADDR="192.0.2.7"), user_in(DISPATCHER)).status_code == 302


def test_only_a_trusted_proxy_says_where_somebody_comes_from(client: Client) -> None:
    ann = user_in(DISPATCHER)
    sign_in(client, ann)
    sign_in(Client(headers={"X-Forwarded-For": "192.0.2.7"}), ann)
    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1):
        sign_in(Client(headers={"X-Forwarded-For": "198.51.100.1, 192.0.2.7"}), ann)
    addresses = ann.usersession_set.order_by("pk").values_list("ip", flat=True)  # type: ignore[attr-defined]
    assert list(addresses) == ["127.0.0.1", "127.0.0.1", "192.0.2.7"]


def test_signing_out_takes_a_post(client: Client) -> None:
    ann = user_in(DISPATCHER)
    sign_in(client, ann)
    assert "Sign out?" in text_of(client.get(reverse("account_logout")))
    assert client.post(reverse("account_logout")).url == reverse("account_login")  # type: ignore[attr-defined]
    assert client.get(reverse("core:profile")).status_code == 302
    assert actions(ann) == ["signed_in", "signed_out"]
    assert client.post(reverse("account_logout")).status_code == 302
    assert actions(ann) == ["signed_in", "signed_out"]


def test_sign_up_is_closed(client: Client) -> None:
    assert "You join by invitation" in text_of(client.get(reverse("account_signup")))
    client.post(reverse("account_signup"), {"email": "mallory@example.com", "password1": PASSWORD})
    assert not User.objects.filter(email="mallory@example.com").exists()


CLOSED = [
    "account_email",
    "account_confirm_login_code",
    "account_email_verification_sent",
    "mfa_signup_webauthn",
]


@pytest.mark.parametrize("name", CLOSED)
def test_what_we_do_not_use_is_not_there(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_a_forgotten_password_is_set_anew(client: Client, django_capture_on_commit_callbacks: Any) -> None:
    ann = user_in(DISPATCHER)
    device = Client()
    sign_in(device, ann)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("account_reset_password"), {"email": "ANN@example.com"}, follow=True)
    assert "Look into your mail" in text_of(answer)
    [message] = mail.outbox
    assert message.subject == "Choose a new password"
    assert message.alternatives
    address = re.search(r"http://testserver(\S+)", str(message.body)).group(1)  # type: ignore[union-attr]
    form = client.get(address).url  # type: ignore[attr-defined]
    assert "Choose a new password" in text_of(client.get(form))
    weak = client.post(form, {"password1": "short", "password2": "short"})
    assert weak.status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(form, {"password1": NEW, "password2": NEW}, follow=True)
    assert "new password is saved" in text_of(done)
    assert mail.outbox[1].subject == "Your password was changed"
    assert device.get(reverse("core:profile")).status_code == 302
    assert "no longer good" in text_of(client.get(address))
    assert sign_in(client, ann, NEW).url == "/"  # type: ignore[attr-defined]
    assert actions(ann) == ["signed_in", "password_reset_requested", "password_reset", "signed_in"]
    ann.refresh_from_db()
    assert identify_hasher(ann.password).algorithm == "argon2"


def test_an_address_that_nobody_has_gets_no_mail_and_the_same_answer(
    client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("account_reset_password"), {"email": "nobody@example.com"}, follow=True)
    assert "Look into your mail" in text_of(answer)
    assert mail.outbox == []
    assert actions("user:unknown") == ["password_reset_requested"]


def test_links_for_new_passwords_are_rate_limited(client: Client) -> None:
    user_in(DISPATCHER)
    data = {"email": "ann@example.com"}
    statuses = [client.post(reverse("account_reset_password"), data).status_code for _n in range(6)]
    assert statuses == [302] * 5 + [429]


def test_the_password_is_changed_and_other_devices_signed_out(
    client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    ann = user_in(DISPATCHER)
    device = Client()
    sign_in(client, ann)
    sign_in(device, ann)
    address = reverse("account_change_password")
    wrong = client.post(address, {"oldpassword": "wrong", "password1": NEW, "password2": NEW})
    assert (wrong.status_code, "not your current password" in text_of(wrong)) == (422, True)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(address, {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert answer.url == reverse("core:profile")  # type: ignore[attr-defined]
    assert "from 127.0.0.1" in str(mail.outbox[0].body)
    assert client.get(reverse("core:profile")).status_code == 200
    assert device.get(reverse("core:profile")).status_code == 302
    assert actions(ann) == ["signed_in", "signed_in", "password_changed"]


def test_other_devices_are_signed_out_from_the_list(client: Client) -> None:
    ann = user_in(DISPATCHER)
    device = Client(headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"})
    sign_in(client, ann)
    sign_in(device, ann)
    assert "Firefox on Windows" in text_of(client.get(reverse("usersessions_list")))
    client.post(reverse("usersessions_list"))
    assert device.get(reverse("core:profile")).status_code == 302
    assert client.get(reverse("core:profile")).status_code == 200
    assert actions(ann) == ["signed_in", "signed_in", "sessions_ended"]


def test_a_part_of_a_page_leads_back_to_the_whole_page(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/users/?q=ann"}
    answer = client.get(reverse("core:users"), headers=headers)
    assert answer.status_code == 200
    assert answer["HX-Redirect"] == "/accounts/login/?next=/users/%3Fq%3Dann"


def test_a_form_leads_back_to_its_page(client: Client) -> None:
    answer = client.post(reverse("core:theme"), headers={"Referer": "http://testserver/profile/"})
    assert answer.url == "/accounts/login/?next=/profile/"  # type: ignore[attr-defined]
    answer = client.post(reverse("core:theme"), headers={"Referer": "https://evil.example/profile/"})
    assert answer.url == "/accounts/login/?next=/"  # type: ignore[attr-defined]


def test_a_script_is_told_that_it_is_signed_out(client: Client) -> None:
    answer = client.post(reverse("core:theme"), headers={"Sec-Fetch-Dest": "empty"})
    assert answer.status_code == 401
    assert answer.json()["url"] == "/accounts/login/?next=/"


def test_a_stale_form_gets_a_sentence_and_a_way_back() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user_in(DISPATCHER))
    headers = {"Referer": "http://testserver/profile/"}
    answer = client.post(reverse("core:profile"), headers=headers)
    assert (answer.status_code, "open too long" in text_of(answer)) == (403, True)
    assert 'href="/profile/"' in text_of(answer)
    part = client.post(reverse("core:profile"), headers={**headers, "HX-Request": "true"})
    assert (part.status_code, part["HX-Reswap"], b"") == (403, "none", part.content)
    assert "open too long" in part["HX-Trigger"]


def test_every_answer_says_what_a_page_may_do(client: Client) -> None:
    answer = client.get(reverse("account_login"))
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert "camera=()" in answer["Permissions-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]
