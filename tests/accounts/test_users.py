"""What an Administrator may do about others, and what nobody may do to himself."""

from threading import Barrier, Thread

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core import mail
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse

from servicemgmt.core.accounts import operations
from servicemgmt.core.errors import Invalid, Refused, Stale
from servicemgmt.core.models import User
from servicemgmt.core.roles import ADMINISTRATOR, DISPATCHER, FINANCE, TECHNICIAN
from tests.accounts.make import actions, require_second_factor, role, set_up_app, sign_in, text_of
from tests.cast import user_in

pytestmark = pytest.mark.django_db
BUTTONS = ["deactivate", "reactivate", "reset_factor", "end_sessions", "send_reset"]


def change(user: User, *, by: User, version: int | None = None, **fields: object) -> User:
    user.refresh_from_db()
    old = {"name": user.name, "email": user.email, "roles": list(user.groups.all())}
    return operations.change_user(user.pk, version=version or user.version, by=by, **(old | fields))  # type: ignore[arg-type]


def press(client: Client, button: str, user: User):  # type: ignore[no-untyped-def]
    user.refresh_from_db()
    return client.post(reverse(f"core:user_{button}", args=[user.pk]), {"version": user.version}, follow=True)


def test_the_list_finds_who_lacks_a_second_factor() -> None:
    ada, ann, cleo, bo = (user_in(name) for name in (ADMINISTRATOR, DISPATCHER, FINANCE, TECHNICIAN))
    require_second_factor(FINANCE)
    require_second_factor(TECHNICIAN)
    set_up_app(bo)
    set_up_app(ada)
    client = Client()
    client.force_login(ada)

    def listed(query: str) -> set[str]:
        rows = client.get(reverse("core:users") + f"?{query}&format=csv").getvalue().decode()
        return {user.name for user in (ada, ann, cleo, bo) if user.email in rows}

    assert listed("factor=missing") == {cleo.name}
    assert listed("factor=none") == {cleo.name, ann.name}
    assert listed("factor=set-up") == {ada.name, bo.name}
    assert listed(f"role={FINANCE}&factor=none") == {cleo.name} and listed(f"role={DISPATCHER}") == {ann.name}
    page = client.get(reverse("core:roles")).content.decode()
    assert f"{reverse('core:users')}?role={FINANCE}&amp;factor=none" in page


def test_name_address_and_roles_are_changed_and_recorded() -> None:
    ann, ada = user_in(DISPATCHER), user_in(ADMINISTRATOR)
    EmailAddress.objects.create(user=ann, email=ann.email, primary=True, verified=True)
    changed = change(ann, by=ada, name="Ann B.", email="Ann.B@example.com", roles=[role(FINANCE)])
    assert (changed.name, changed.email, changed.version) == ("Ann B.", "ann.b@example.com", 2)
    assert list(ann.groups.values_list("name", flat=True)) == [FINANCE]
    assert actions(ann) == ["changed"]
    assert not EmailAddress.objects.filter(email="ann@example.com").exists()


def test_nothing_is_recorded_where_nothing_differs() -> None:
    ann = user_in(DISPATCHER)
    assert change(ann, by=user_in(ADMINISTRATOR)).version == 1
    assert actions(ann) == []


def test_a_page_that_was_overtaken_changes_nothing() -> None:
    ann, ada = user_in(DISPATCHER), user_in(ADMINISTRATOR)
    change(ann, by=ada, name="Ann B.")
    with pytest.raises(Stale, match="someone else meanwhile"):
        change(ann, by=ada, name="Ann C.", version=1)


def test_an_address_belongs_to_one_user() -> None:
    ann, bo = user_in(DISPATCHER), user_in(TECHNICIAN)
    with pytest.raises(Invalid, match="a user already") as refusal:
        change(ann, by=user_in(ADMINISTRATOR), email="BO@example.com")
    assert refusal.value.field == "email"
    with pytest.raises(IntegrityError, match="user_email_once"):
        User.objects.filter(pk=bo.pk).update(email="ANN@example.com")


def test_the_database_knows_the_themes() -> None:
    ann = user_in(DISPATCHER)
    with pytest.raises(IntegrityError, match="user_theme_known"):
        User.objects.filter(pk=ann.pk).update(theme="pink")


def test_nobody_gives_up_his_own_administrator_role() -> None:
    ada = user_in(ADMINISTRATOR)
    user_in(ADMINISTRATOR, name="Abe")
    with pytest.raises(Refused, match="your own Administrator role"):
        change(ada, by=ada, roles=[role(FINANCE)])
    assert ada.groups.filter(name=ADMINISTRATOR).exists()


def test_nobody_closes_his_own_access() -> None:
    ada = user_in(ADMINISTRATOR)
    user_in(ADMINISTRATOR, name="Abe")
    with pytest.raises(Refused, match="your own access"):
        operations.deactivate_user(ada.pk, version=ada.version, by=ada)


def test_the_last_administrator_stays() -> None:
    """Whoever asks: here somebody who may change users without being an Administrator himself."""
    ada, max_ = user_in(ADMINISTRATOR), user_in(DISPATCHER)
    with pytest.raises(Refused, match="last administrator"):
        operations.deactivate_user(ada.pk, version=1, by=max_)
    with pytest.raises(Refused, match="last administrator"):
        change(ada, by=max_, roles=[])
    abe = user_in(ADMINISTRATOR, name="Abe")
    operations.deactivate_user(abe.pk, version=1, by=ada)
    with pytest.raises(Refused, match="last administrator"):
        change(ada, by=max_, roles=[])


def test_the_operators_account_is_not_kept_here(client: Client) -> None:
    root = User.objects.create_superuser("root@example.com", "a long password", name="Root")
    ada = user_in(ADMINISTRATOR)
    with pytest.raises(Refused, match="operator"):
        operations.deactivate_user(root.pk, version=1, by=ada)
    client.force_login(ada)
    assert "kept by the operator" in text_of(client.get(reverse("core:user", args=[root.pk])))


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_remove_each_other_at_once() -> None:
    ada, abe = user_in(ADMINISTRATOR), user_in(ADMINISTRATOR, name="Abe")
    start, outcomes = Barrier(2), []

    def remove(other: User, by: User) -> None:
        start.wait()
        try:
            operations.deactivate_user(other.pk, version=1, by=by)
            outcomes.append("done")
        except Refused as refusal:
            outcomes.append(str(refusal))
        finally:
            connection.close()

    threads = [Thread(target=remove, args=pair) for pair in ((ada, abe), (abe, ada))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted("last administrator" in outcome for outcome in outcomes) == [False, True]
    assert User.objects.filter(is_active=True, groups__name=ADMINISTRATOR).count() == 1


def test_the_page_changes_a_user(client: Client) -> None:
    ann = user_in(DISPATCHER)
    client.force_login(user_in(ADMINISTRATOR))
    data = {"version": 1, "name": "Ann B.", "email": ann.email, "roles": [role(FINANCE).pk]}
    address = reverse("core:user", args=[ann.pk])
    assert client.post(address, data).status_code == 302
    stale = client.post(address, data | {"name": "Ann C."})
    assert (stale.status_code, "someone else meanwhile" in text_of(stale)) == (409, True)
    taken = client.post(address, data | {"version": 2, "email": "ada@example.com"})
    assert taken.status_code == 422
    assert client.post(address, data | {"email": "nonsense"}).status_code == 422
    assert client.delete(address).status_code == 405


def test_closing_the_access_ends_every_session(client: Client) -> None:
    ann = user_in(DISPATCHER)
    device = Client()
    sign_in(device, ann)
    assert device.get(reverse("core:profile")).status_code == 200
    client.force_login(user_in(ADMINISTRATOR))
    assert "every session has ended" in text_of(press(client, "deactivate", ann))
    assert not UserSession.objects.filter(user=ann).exists()
    assert device.get(reverse("core:profile")).status_code == 302
    assert sign_in(device, ann).url == reverse("account_inactive")  # type: ignore[attr-defined]
    assert "may not sign in as it is" in text_of(press(client, "deactivate", ann))
    assert "open again" in text_of(press(client, "reactivate", ann))
    assert "may sign in as it is" in text_of(press(client, "reactivate", ann))
    assert sign_in(device, ann).url == "/"  # type: ignore[attr-defined]
    refused = ["sign_in_failed", "sign_in_refused"]
    assert actions(ann) == ["signed_in", "deactivated", *refused, "reactivated", "signed_in"]


def test_an_old_page_neither_closes_nor_opens(client: Client) -> None:
    ann = user_in(DISPATCHER)
    client.force_login(user_in(ADMINISTRATOR))
    for version in ("7", "", "x"):
        answer = client.post(
            reverse("core:user_deactivate", args=[ann.pk]), {"version": version}, follow=True
        )
        assert "someone else meanwhile" in text_of(answer)
    ann.refresh_from_db()
    assert ann.is_active


def test_a_lost_second_factor_is_removed(client: Client) -> None:
    ann, ada = user_in(DISPATCHER), user_in(ADMINISTRATOR)
    set_up_app(ann)
    client.force_login(ada)
    assert "Authenticator app" in text_of(client.get(reverse("core:user", args=[ann.pk])))
    assert "second factor is removed" in text_of(press(client, "reset_factor", ann))
    assert "has no second factor" in text_of(press(client, "reset_factor", ann))
    assert sign_in(Client(), ann).url == "/"  # type: ignore[attr-defined]
    assert actions(ann) == ["second_factor_reset", "signed_in"]


def test_ones_own_second_factor_is_kept_under_the_profile(client: Client) -> None:
    ada = user_in(ADMINISTRATOR)
    set_up_app(ada)
    client.force_login(ada)
    assert "under your profile" in text_of(press(client, "reset_factor", ada))


def test_somebody_is_signed_out_everywhere(client: Client) -> None:
    ann = user_in(DISPATCHER)
    devices = [Client(), Client()]
    for device in devices:
        sign_in(device, ann)
    client.force_login(user_in(ADMINISTRATOR))
    press(client, "end_sessions", ann)
    assert [device.get(reverse("core:profile")).status_code for device in devices] == [302, 302]
    assert actions(ann) == ["signed_in", "signed_in", "sessions_ended"]


def test_a_link_for_a_new_password_is_mailed(
    client: Client, django_capture_on_commit_callbacks: object
) -> None:
    ann, ada = user_in(DISPATCHER), user_in(ADMINISTRATOR)
    client.force_login(ada)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert "on its way to ann@example.com" in text_of(press(client, "send_reset", ann))
    [message] = mail.outbox
    assert message.to == ["ann@example.com"]
    assert actions(ann) == ["password_reset_requested"]
    operations.deactivate_user(ann.pk, version=1, by=ada)
    assert "Give the access back first" in text_of(press(client, "send_reset", ann))
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("button", BUTTONS)
def test_the_buttons_are_for_administrators_and_for_posts(client: Client, button: str) -> None:
    ann = user_in(DISPATCHER)
    address = reverse(f"core:user_{button}", args=[ann.pk])
    assert client.post(address).url.startswith(reverse("account_login"))  # type: ignore[attr-defined]
    client.force_login(ann)
    assert client.post(address).status_code == 403
    client.force_login(user_in(ADMINISTRATOR))
    assert client.get(address).status_code == 405
    assert client.post(reverse(f"core:user_{button}", args=[0])).status_code == 404


def test_the_list_finds_filters_and_exports(client: Client) -> None:
    user_in(DISPATCHER)
    set_up_app(user_in(ADMINISTRATOR))
    client.force_login(user_in(ADMINISTRATOR))
    assert "Ann" in text_of(client.get(reverse("core:users"), {"q": "ann example"}))
    assert "Nothing matches" in text_of(client.get(reverse("core:users"), {"q": "zzz"}))
    file = client.get(reverse("core:users"), {"format": "csv"})
    rows = b"".join(file.streaming_content if file.streaming else [file.content]).decode()  # type: ignore[attr-defined]
    assert "ann@example.com" in rows
