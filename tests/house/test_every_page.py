"""No page of the menu, of setup or of the searches fails, also where the company has only begun."""

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from servicemgmt.core.models import User
from servicemgmt.core.search import SEARCHABLE
from servicemgmt.core.setup import SETUPS
from tests import make_money
from tests.house.test_architecture import patterns

pytestmark = pytest.mark.django_db

#: These name their thing in the query string, or show what this person has not got.
NOT_FOUND = {
    "/search/",
    "/dispatch/schedule/",
    "/documents/work-descriptions/",
    "/accounts/second-factor/app/remove/",
    "/accounts/second-factor/codes/",
    "/accounts/second-factor/codes/download/",
}


@pytest.fixture
def root() -> Client:
    make_money.firm()
    return superuser()


def superuser() -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("root@example.com", "a long password", name="Root"))
    return client


def failing(client: Client, addresses: list[str]) -> dict[str, int]:
    """The addresses that neither are shown, nor lead to what is, nor only take posts, with their status."""
    found = {}
    for address in addresses:
        answer = client.get(address, follow=True)
        assert list(answer)  # read to its end, so that a file is closed
        if answer.status_code not in (200, 405):
            found[address] = answer.status_code
    return found


def test_every_address_that_names_no_thing_opens(root):
    routes = [f"/{route}" for route, _entry in patterns(get_resolver())]
    plain = [route for route in routes if not set("<(") & set(route) and not route.endswith("/logout/")]
    assert failing(root, plain) == dict.fromkeys(NOT_FOUND, 404)


def test_before_the_company_is_set_up_no_page_fails():
    """What an operator finds after `migrate` and `createsuperuser`."""
    client = superuser()
    refused = failing(client, ["/", *(reverse("core:setup_new", args=[name]) for name in SETUPS)])
    assert refused == {"/": 409}
    assert "an administrator does that under Setup" in client.get("/").content.decode()
    answer = client.get("/reports/margin/", headers={"Accept": "application/json"})
    assert (answer.status_code, list(answer.json())) == (409, ["say"])


@pytest.mark.parametrize("suffix", ["", "new/", "import/", "?format=csv&q=a", "?format=xlsx"])
def test_every_master_has_list_form_import_and_files(root, suffix):
    several = [name for name, setup in SETUPS.items() if not setup.single]
    addresses = [reverse("core:setup_list", args=[name]) + suffix for name in several]
    assert failing(root, addresses) == {}


def test_every_row_of_a_master_opens(root):
    rows = [(name, setup.model._default_manager.first()) for name, setup in SETUPS.items()]
    addresses = [reverse("core:setup_edit", args=[name, row.pk]) for name, row in rows if row]
    assert failing(root, addresses) == {}


def test_every_model_that_can_be_searched_for_is_found(root):
    assert failing(root, [f"/search/?model={model}&q=a+b" for model in SEARCHABLE]) == {}
