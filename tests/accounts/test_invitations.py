"""Inviting is the only way in; a link is good once and for a week."""

import smtplib
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.core import mail
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from servicemgmt.core.accounts import operations
from servicemgmt.core.accounts.queries import digest_of
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import Invitation, User
from servicemgmt.core.roles import ADMINISTRATOR, DISPATCHER, PLANNER
from tests.accounts.make import PASSWORD, actions, open_invitation, role, text_of
from tests.cast import user_in

pytestmark = pytest.mark.django_db


def link(token: str) -> str:
    return reverse("core:accept_invitation", args=[token])


def test_an_invitation_is_recorded_and_keeps_only_the_digest_of_its_token() -> None:
    invitation, token = open_invitation(email="Eve@Example.com")
    assert invitation.email == "eve@example.com"
    assert invitation.token_digest == digest_of(token)
    assert token not in {str(value) for value in Invitation.objects.values_list("token_digest", flat=True)}
    assert invitation.expires_at - invitation.invited_at == timedelta(days=7)
    assert actions(invitation) == ["invited"]


def test_an_invitation_needs_a_role() -> None:
    with pytest.raises(Invalid, match="at least one role") as refusal:
        open_invitation(roles=())
    assert refusal.value.field == "roles"


def test_who_is_a_user_already_is_not_invited() -> None:
    user_in(DISPATCHER)
    with pytest.raises(Invalid, match="a user already"):
        open_invitation(email="ANN@example.com")


def test_an_address_has_one_open_invitation() -> None:
    open_invitation()
    with pytest.raises(Refused, match="open invitation already"):
        open_invitation()


def test_an_expired_invitation_makes_way_for_a_new_one() -> None:
    old, _token = open_invitation(at=timezone.now() - timedelta(days=8))
    open_invitation()
    assert actions(old) == ["invited", "invitation_withdrawn"]


def test_the_database_keeps_one_open_invitation_per_address() -> None:
    invitation, _token = open_invitation()
    with pytest.raises(IntegrityError, match="invitation_one_open_per_address"):
        Invitation.objects.create(
            email="EVE@example.com",
            name="Eve",
            token_digest="x",
            invited_by=invitation.invited_by,
            invited_at=invitation.invited_at,
            expires_at=invitation.expires_at,
        )


def test_the_database_wants_to_know_who_accepted() -> None:
    invitation, _token = open_invitation()
    with pytest.raises(IntegrityError, match="invitation_accepted_by_someone"):
        Invitation.objects.filter(pk=invitation.pk).update(accepted_at=timezone.now())


def test_the_administrator_invites_and_sees_the_link_once(client: Client) -> None:
    client.force_login(user_in(ADMINISTRATOR))
    data = {"name": "Eve", "email": "eve@example.com", "roles": [role(PLANNER).pk, role(DISPATCHER).pk]}
    answer = client.post(reverse("core:invite"), data)
    invitation = Invitation.objects.get()
    assert answer.url == reverse("core:invitation", args=[invitation.pk])  # type: ignore[attr-defined]
    [message] = mail.outbox
    address = next(word for word in str(message.body).split() if "/invitation/" in word)
    assert message.to == ["eve@example.com"]
    assert address in message.alternatives[0][0]  # type: ignore[attr-defined]
    assert address in text_of(client.get(answer.url))  # type: ignore[attr-defined]
    assert address not in text_of(client.get(answer.url))  # type: ignore[attr-defined]
    assert set(invitation.roles.values_list("name", flat=True)) == {PLANNER, DISPATCHER}


@pytest.mark.parametrize(
    ("data", "status", "sentence"),
    [
        ({"email": "eve@example.com"}, 422, "This field is required"),
        ({"name": "Eve", "email": "nonsense", "roles": "x"}, 422, "valid email address"),
        ({"name": "Ann", "email": "ann@example.com"}, 422, "a user already"),
        ({"name": "Bob", "email": "bob@example.com"}, 409, "open invitation already"),
    ],
)
def test_an_invitation_that_cannot_be_says_why(
    client: Client, data: dict[str, Any], status: int, sentence: str
) -> None:
    user_in(DISPATCHER)
    open_invitation(email="bob@example.com")
    client.force_login(user_in(ADMINISTRATOR))
    answer = client.post(reverse("core:invite"), {"roles": [role(PLANNER).pk], **data})
    assert answer.status_code == status
    assert sentence in text_of(answer)
    assert Invitation.objects.count() == 1


def test_where_the_mail_server_is_down_the_link_is_handed_over(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> int:
        raise smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    client.force_login(user_in(ADMINISTRATOR))
    data = {"name": "Eve", "email": "eve@example.com", "roles": [role(PLANNER).pk]}
    answer = client.post(reverse("core:invite"), data, follow=True)
    assert "did not take the mail" in text_of(answer)
    assert "/invitation/" in text_of(answer)


def test_accepting_makes_a_user_in_his_roles_and_signs_him_in(client: Client) -> None:
    invitation, token = open_invitation(roles=(PLANNER, DISPATCHER))
    page = client.get(link(token))
    assert page.status_code == 200
    assert page["Cache-Control"].startswith("max-age=0")
    answer = client.post(link(token), {"name": "Eve Adams", "password": PASSWORD})
    assert answer.url == "/"  # type: ignore[attr-defined]
    eve = User.objects.get(email="eve@example.com")
    assert eve.name == "Eve Adams"
    assert set(eve.groups.values_list("name", flat=True)) == {PLANNER, DISPATCHER}
    assert identify_hasher(eve.password).algorithm == "argon2"
    assert client.session["_auth_user_id"] == str(eve.pk)
    assert actions(invitation) == ["invited", "invitation_accepted"]
    assert actions(eve) == ["created", "signed_in"]
    assert client.get(reverse("core:profile")).status_code == 200


@pytest.mark.parametrize("password", ["short", "password12", "eve@example.com"])
def test_a_weak_password_is_not_taken(client: Client, password: str) -> None:
    _invitation, token = open_invitation()
    answer = client.post(link(token), {"name": "Eve", "password": password})
    assert answer.status_code == 422
    assert not User.objects.filter(email="eve@example.com").exists()


def test_a_link_is_good_once(client: Client) -> None:
    _invitation, token = open_invitation()
    client.post(link(token), {"name": "Eve", "password": PASSWORD})
    second = Client()
    for answer in (second.get(link(token)), second.post(link(token), {"name": "Bob", "password": PASSWORD})):
        assert answer.status_code == 410
        assert "was used already" in text_of(answer)
    assert User.objects.filter(email="eve@example.com").count() == 1


def test_an_expired_link_says_so(client: Client) -> None:
    _invitation, token = open_invitation(at=timezone.now() - timedelta(days=7, minutes=1))
    answer = client.post(link(token), {"name": "Eve", "password": PASSWORD})
    assert (answer.status_code, "has expired" in text_of(answer)) == (410, True)


def test_a_withdrawn_link_says_so(client: Client) -> None:
    invitation, token = open_invitation()
    operations.withdraw_invitation(invitation.pk, by=user_in(ADMINISTRATOR), at=timezone.now())
    answer = client.post(link(token), {"name": "Eve", "password": PASSWORD})
    assert (answer.status_code, "was withdrawn" in text_of(answer)) == (410, True)


def test_a_link_that_was_replaced_or_never_was_says_so(client: Client) -> None:
    invitation, token = open_invitation()
    _same, new = operations.resend_invitation(invitation.pk, by=user_in(ADMINISTRATOR), at=timezone.now())
    for address in (link(token), link("nothing")):
        assert "newer invitation has replaced it" in text_of(client.get(address))
    assert client.get(link(new)).status_code == 200


def test_who_is_signed_in_signs_out_before_he_accepts(client: Client) -> None:
    _invitation, token = open_invitation()
    client.force_login(user_in(DISPATCHER))
    answer = client.post(link(token), {"name": "Eve", "password": PASSWORD})
    assert (answer.status_code, "You are signed in as Ann" in text_of(answer)) == (409, True)
    assert not User.objects.filter(email="eve@example.com").exists()


def test_accepting_is_rate_limited(client: Client) -> None:
    _invitation, token = open_invitation()
    statuses = [
        client.post(link(token), {"name": "Eve", "password": "short"}).status_code for _n in range(21)
    ]
    assert statuses == [422] * 20 + [429]
    answer = client.post(link(token), {"name": "Eve", "password": PASSWORD})
    assert (answer.status_code, "Wait a minute" in text_of(answer)) == (429, True)


def test_an_invitation_is_sent_again_and_withdrawn(client: Client) -> None:
    invitation, _token = open_invitation()
    client.force_login(user_in(ADMINISTRATOR))
    for name in ("resend", "withdraw"):
        address = reverse(f"core:invitation_{name}", args=[invitation.pk])
        assert client.get(address).status_code == 405
        assert client.post(address).status_code == 302
    assert actions(invitation) == ["invited", "invitation_sent_again", "invitation_withdrawn"]
    assert len(mail.outbox) == 1
    for name in ("resend", "withdraw"):
        answer = client.post(reverse(f"core:invitation_{name}", args=[invitation.pk]), follow=True)
        assert "was withdrawn already" in text_of(answer)
    assert len(actions(invitation)) == 3


def test_an_accepted_invitation_stays(client: Client) -> None:
    invitation, token = open_invitation()
    operations.accept_invitation(token, name="Eve", password=PASSWORD, at=timezone.now())
    with pytest.raises(Refused, match="accepted already"):
        operations.withdraw_invitation(invitation.pk, by=user_in(ADMINISTRATOR), at=timezone.now())


@pytest.mark.parametrize("name", ["resend", "withdraw"])
def test_strangers_touch_no_invitation(client: Client, name: str) -> None:
    invitation, _token = open_invitation()
    client.force_login(user_in(DISPATCHER))
    assert client.post(reverse(f"core:invitation_{name}", args=[invitation.pk])).status_code == 403
    client.force_login(user_in(ADMINISTRATOR))
    assert client.post(reverse(f"core:invitation_{name}", args=[0])).status_code == 404


def test_somebody_who_became_a_user_meanwhile_is_not_made_twice() -> None:
    _invitation, token = open_invitation()
    User.objects.create_user("eve@example.com", PASSWORD, name="Eve")
    with pytest.raises(Refused, match="a user already"):
        operations.accept_invitation(token, name="Eve", password=PASSWORD, at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_two_people_who_accept_the_same_link_at_once_become_one_user() -> None:
    invitation, token = open_invitation()
    start, outcomes = Barrier(2), []

    def accept(name: str) -> None:
        start.wait()
        try:
            outcomes.append(
                operations.accept_invitation(token, name=name, password=PASSWORD, at=timezone.now()).name
            )
        except Refused as refusal:
            outcomes.append(str(refusal))
        finally:
            connection.close()

    threads = [Thread(target=accept, args=[name]) for name in ("Eve", "Mallory")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum("used already" in outcome for outcome in outcomes) == 1
    assert User.objects.filter(email="eve@example.com").count() == 1
    assert actions(invitation) == ["invited", "invitation_accepted"]
