"""What a user says about himself."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from servicemgmt.core.accounts import operations
from servicemgmt.core.errors import Invalid, Stale
from servicemgmt.core.models import Event, User
from servicemgmt.core.roles import DISPATCHER
from tests.accounts.make import actions, text_of
from tests.cast import stranger, user_in

pytestmark = pytest.mark.django_db
DATA = {"version": 1, "name": "Ann B.", "language": "en", "time_zone": "Europe/Berlin", "theme": "dark"}


def test_everybody_keeps_his_own_profile(client: Client) -> None:
    dag = stranger()
    client.force_login(dag)
    assert client.post(reverse("core:profile"), DATA).url == reverse("core:profile")  # type: ignore[attr-defined]
    dag.refresh_from_db()
    assert (dag.name, dag.time_zone, dag.theme, dag.version) == ("Ann B.", "Europe/Berlin", "dark", 2)
    assert actions(dag) == ["changed"]
    assert 'data-theme="dark"' in text_of(client.get(reverse("core:profile")))


def test_nothing_is_recorded_where_nothing_differs(client: Client) -> None:
    ann = user_in(DISPATCHER)
    client.force_login(ann)
    client.post(reverse("core:profile"), DATA | {"name": "Ann", "time_zone": "", "theme": "system"})
    assert actions(ann) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("time_zone", "Mars/Olympus"), ("language", "xx"), ("theme", "pink"), ("name", "")],
)
def test_what_cannot_be_is_refused_at_its_field(client: Client, field: str, value: str) -> None:
    client.force_login(user_in(DISPATCHER))
    answer = client.post(reverse("core:profile"), DATA | {field: value})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}


@pytest.mark.parametrize("field", ["time_zone", "language", "theme"])
def test_the_operation_checks_too(field: str) -> None:
    fields: dict[str, Any] = {name: value for name, value in DATA.items() if name != "version"}
    with pytest.raises(Invalid) as refusal:
        operations.change_profile(user_in(DISPATCHER).pk, version=1, **(fields | {field: "nonsense"}))
    assert refusal.value.field == field


def test_a_profile_open_twice_is_not_overwritten(client: Client) -> None:
    client.force_login(user_in(DISPATCHER))
    client.post(reverse("core:profile"), DATA)
    answer = client.post(reverse("core:profile"), DATA | {"name": "Ann C."})
    assert (answer.status_code, "another window" in text_of(answer)) == (409, True)
    fields: dict[str, Any] = {name: value for name, value in DATA.items() if name != "version"}
    with pytest.raises(Stale):
        operations.change_profile(user_in(DISPATCHER).pk, version=1, **fields)


def test_the_theme_is_switched_in_passing(client: Client) -> None:
    ann = user_in(DISPATCHER)
    client.force_login(ann)
    address = reverse("core:theme")
    assert client.get(address).status_code == 405
    assert client.post(address, {"theme": "dark", "next": "/users/"}).url == "/users/"  # type: ignore[attr-defined]
    assert client.post(address, {"theme": "light", "next": "//evil.example"}).url == "/"  # type: ignore[attr-defined]
    assert client.post(address, {"theme": "light", "next": "account_login"}).url == "/"  # type: ignore[attr-defined]
    client.post(address, {"theme": "pink"})
    assert User.objects.get(pk=ann.pk).theme == "light"
    assert not Event.objects.exists()
