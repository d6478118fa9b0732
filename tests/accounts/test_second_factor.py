"""The second factor: setting it up, signing in with it, losing it, and roles that ask for it."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client, override_settings
from django.urls import reverse

from servicemgmt.core.accounts import operations
from servicemgmt.core.accounts.queries import is_second_factor_missing
from servicemgmt.core.errors import Stale
from servicemgmt.core.roles import ADMINISTRATOR, DISPATCHER
from tests.accounts.make import (
    actions,
    code_of,
    confirm,
    require_second_factor,
    role,
    set_up_app,
    sign_in,
    text_of,
)
from tests.cast import user_in

pytestmark = pytest.mark.django_db


def test_setting_up_an_app_asks_for_the_password_and_a_code(
    client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    ann = user_in(DISPATCHER)
    sign_in(client, ann)
    address = reverse("mfa_activate_totp")
    assert client.get(address).url.startswith(reverse("account_reauthenticate"))  # type: ignore[attr-defined]
    assert confirm(client, "wrong").status_code == 422
    confirm(client)
    page = client.get(address)
    assert "data:image/svg+xml;base64," in text_of(page)
    secret = client.session["mfa.totp.secret"]
    wrong = client.post(address, {"code": "000000"})
    assert (wrong.status_code, "This code is not right" in text_of(wrong)) == (422, True)
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(address, {"code": code_of(secret)}, follow=True)
    assert "10 codes left" in text_of(done)
    assert mail.outbox[0].subject == "An authenticator app was added to your account"
    added = ["factor_added", "factor_added"]
    assert actions(ann) == ["signed_in", "sign_in_failed", "identity_confirmed", *added]


def test_secrets_are_stored_encrypted() -> None:
    ann = user_in(DISPATCHER)
    secret = set_up_app(ann)
    stored = Authenticator.objects.get(user=ann, type="totp")
    assert secret not in str(stored.data)
    old = settings.SECRET_KEY
    with override_settings(SECRET_KEY="x" * 50):
        with pytest.raises(ValidationError, match="can no longer be read"):
            stored.wrap().validate_code(code_of(secret))
        with override_settings(SECRET_KEY_FALLBACKS=[old]):
            assert not stored.wrap().validate_code("nonsense")


def test_a_code_is_asked_for_after_the_password_and_is_good_once(client: Client) -> None:
    ann = user_in(DISPATCHER)
    secret = set_up_app(ann)
    assert sign_in(client, ann, next="/profile/").url == reverse("mfa_authenticate")  # type: ignore[attr-defined]
    assert client.get("/profile/").status_code == 302
    assert "Use a passkey" not in text_of(client.get(reverse("mfa_authenticate")))
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert wrong.status_code == 422
    code = code_of(secret)
    assert client.post(reverse("mfa_authenticate"), {"code": code}).url == "/profile/"  # type: ignore[attr-defined]
    assert actions(ann) == ["password_accepted", "second_factor_failed", "signed_in"]
    other = Client()
    sign_in(other, ann)
    assert other.post(reverse("mfa_authenticate"), {"code": code}).status_code == 422


def test_a_recovery_code_signs_in_once(client: Client) -> None:
    ann = user_in(DISPATCHER)
    set_up_app(ann)
    code = Authenticator.objects.get(user=ann, type="recovery_codes").wrap().get_unused_codes()[0]
    sign_in(client, ann)
    assert client.post(reverse("mfa_authenticate"), {"code": code}).url == "/"  # type: ignore[attr-defined]
    other = Client()
    sign_in(other, ann)
    assert other.post(reverse("mfa_authenticate"), {"code": code}).status_code == 422


def test_codes_cannot_be_guessed(client: Client) -> None:
    ann = user_in(DISPATCHER)
    secret = set_up_app(ann)
    sign_in(client, ann)
    for _n in range(5):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    locked = client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert (locked.status_code, "locked for five minutes" in text_of(locked)) == (422, True)


def test_the_second_step_needs_the_first(client: Client) -> None:
    assert client.get(reverse("mfa_authenticate")).url == reverse("account_login")  # type: ignore[attr-defined]


def signed_in_with_app(client: Client, name: str = DISPATCHER) -> Any:
    ann = user_in(name)
    secret = set_up_app(ann)
    sign_in(client, ann)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    confirm(client)
    return ann


def test_codes_are_shown_downloaded_and_made_anew(
    client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    ann = signed_in_with_app(client)
    old = Authenticator.objects.get(user=ann, type="recovery_codes").wrap().get_unused_codes()
    assert old[0] in text_of(client.get(reverse("mfa_view_recovery_codes")))
    file = client.get(reverse("mfa_download_recovery_codes"))
    assert file["Content-Disposition"].startswith("attachment")
    assert file.content.decode().split() == old
    assert "The 10 that are left" in text_of(client.get(reverse("mfa_generate_recovery_codes")))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("mfa_generate_recovery_codes"))
    assert old[0] not in text_of(client.get(reverse("mfa_view_recovery_codes")))
    assert actions(ann)[-1] == "recovery_codes_renewed"


def test_the_app_is_removed_with_its_codes(client: Client) -> None:
    ann = signed_in_with_app(client)
    assert client.get(reverse("mfa_deactivate_totp")).status_code == 200
    assert client.post(reverse("mfa_deactivate_totp")).url == reverse("mfa_index")  # type: ignore[attr-defined]
    assert not Authenticator.objects.filter(user=ann).exists()
    assert actions(ann)[-2:] == ["factor_removed", "factor_removed"]


def test_the_last_factor_stays_where_a_role_asks_for_it(client: Client) -> None:
    ann = signed_in_with_app(client)
    require_second_factor(DISPATCHER)
    answer = client.post(reverse("mfa_deactivate_totp"))
    assert (answer.status_code, "Your role asks for a second factor" in text_of(answer)) == (422, True)
    assert Authenticator.objects.filter(user=ann, type="totp").exists()


def test_a_role_that_asks_for_it_lets_nobody_past_without(client: Client) -> None:
    ann = user_in(DISPATCHER)
    sign_in(client, ann)
    assert client.get(reverse("core:profile")).status_code == 200
    require_second_factor(DISPATCHER)
    assert client.get(reverse("core:profile")).url == reverse("mfa_index")  # type: ignore[attr-defined]
    assert client.post(reverse("core:profile")).url == reverse("mfa_index")  # type: ignore[attr-defined]
    part = client.get(reverse("core:profile"), headers={"HX-Request": "true"})
    assert part["HX-Redirect"] == reverse("mfa_index")
    page = client.get(reverse("mfa_index"))
    assert "Your role asks for a second factor" in text_of(page)
    assert reverse("core:profile") not in text_of(page).partition("<main")[2]
    confirm(client)
    client.get(reverse("mfa_activate_totp"))
    secret = client.session["mfa.totp.secret"]
    client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert client.get(reverse("core:profile")).status_code == 200


def test_others_are_not_asked(client: Client) -> None:
    require_second_factor(DISPATCHER)
    client.force_login(user_in(ADMINISTRATOR))
    assert client.get(reverse("core:profile")).status_code == 200


def test_recovery_codes_alone_are_no_second_factor() -> None:
    ann = user_in(DISPATCHER)
    require_second_factor(DISPATCHER)
    Authenticator.objects.create(user=ann, type="recovery_codes", data={})
    assert is_second_factor_missing(ann)


def test_signing_out_is_possible_without(client: Client) -> None:
    require_second_factor(DISPATCHER)
    client.force_login(user_in(DISPATCHER))
    assert client.post(reverse("account_logout")).url == reverse("account_login")  # type: ignore[attr-defined]


def test_the_administrator_says_which_roles_need_one(client: Client) -> None:
    set_up_app(user_in(ADMINISTRATOR))
    user_in(DISPATCHER)
    client.force_login(user_in(ADMINISTRATOR))
    page = text_of(client.get(reverse("core:roles")))
    assert "takes requests, keeps orders and plans the board" in page
    data = {f"role-{group.pk}-version": "0" for group in roles()} | {
        f"role-{role(name).pk}-requires_mfa": "on" for name in (DISPATCHER, ADMINISTRATOR)
    }
    address = reverse("core:role_policies")
    assert client.get(address).status_code == 405
    assert client.post(address, data).url == reverse("core:roles")  # type: ignore[attr-defined]
    assert {group.name for group in roles() if hasattr(group, "policy")} == {DISPATCHER, ADMINISTRATOR}
    policy = role(DISPATCHER).policy  # type: ignore[attr-defined]
    assert (policy.requires_mfa, policy.version, actions(policy)) == (True, 1, ["changed"])
    data.pop(f"role-{role(DISPATCHER).pk}-requires_mfa")
    stale = client.post(address, data)
    assert (stale.status_code, "someone else meanwhile" in text_of(stale)) == (409, True)
    assert client.post(address, {}).status_code == 422


def test_roles_are_the_administrators_affair(client: Client) -> None:
    client.force_login(user_in(DISPATCHER))
    assert client.post(reverse("core:role_policies")).status_code == 403


def test_a_policy_that_was_overtaken_is_refused() -> None:
    require_second_factor(DISPATCHER)
    with pytest.raises(Stale):
        operations.set_role_policy(
            role(DISPATCHER).pk, requires_mfa=False, version=0, by=user_in(ADMINISTRATOR)
        )


def roles() -> list[Any]:
    from servicemgmt.core.roles import GRANTS

    return [role(name) for name in GRANTS]
