"""Every page about accounts comes in our templates, to those who may see it."""

import pytest
from django.test import Client
from django.urls import reverse

from servicemgmt.core.roles import ADMINISTRATOR, DISPATCHER
from tests.accounts.make import open_invitation
from tests.cast import user_in

ENTRANCE = ["account_login", "account_inactive", "account_signup", "account_reset_password"]
ENTRANCE += ["account_reset_password_done", "account_reset_password_from_key_done"]
OWN = ["core:profile", "account_change_password", "mfa_index", "usersessions_list", "account_logout"]
ADMINISTRATION = ["core:users", "core:roles", "core:invitations", "core:invite"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ENTRANCE)
def test_entrance_pages_are_ours(client: Client, name: str) -> None:
    answer = client.get(reverse(name))
    assert answer.status_code == 200
    assert b'class="solo' in answer.content


@pytest.mark.django_db
@pytest.mark.parametrize("name", OWN)
def test_own_pages_are_for_everybody_signed_in(client: Client, name: str) -> None:
    assert client.get(reverse(name)).status_code == 302
    client.force_login(user_in(DISPATCHER))
    assert client.get(reverse(name)).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("name", ADMINISTRATION)
def test_people_are_the_administrators_affair(client: Client, name: str) -> None:
    client.force_login(user_in(DISPATCHER))
    assert client.get(reverse(name)).status_code == 403
    client.force_login(user_in(ADMINISTRATOR))
    assert client.get(reverse(name)).status_code == 200


@pytest.mark.django_db
def test_one_user_and_one_invitation_have_a_page(client: Client) -> None:
    ann, ada = user_in(DISPATCHER), user_in(ADMINISTRATOR)
    invitation, _token = open_invitation(by=ada)
    addresses = [reverse("core:user", args=[ann.pk]), reverse("core:invitation", args=[invitation.pk])]
    client.force_login(ann)
    assert [client.get(address).status_code for address in addresses] == [403, 403]
    client.force_login(ada)
    assert [client.get(address).status_code for address in addresses] == [200, 200]
