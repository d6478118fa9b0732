"""What people see when a request cannot be answered: our own pages, without a user, a database or a menu."""

import pytest
from django.core.exceptions import BadRequest
from django.test import Client

from reporting.home import views as home
from servicemgmt.core.roles import DISPATCHER, FINANCE, TECHNICIAN
from tests.cast import user_in

pytestmark = pytest.mark.django_db


def browser(role: str) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user_in(role))
    return client


@pytest.mark.parametrize(
    "address",
    ["/no/such/page/", "/orders/SO-999999/", "/orders/a%00b/", "/projects/%00/", "/runs/%F0%9F%98%80/"],
)
def test_an_unknown_address_is_our_404(address):
    answer = browser(FINANCE).get(address)
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()


@pytest.mark.parametrize("address", ["/orders/?q=a%00b", "/search/?model=masterdata.customer&q=%00"])
def test_a_question_no_text_can_ask_is_our_400(address):
    answer = browser(DISPATCHER).get(address)
    assert answer.status_code == 400
    assert "That request could not be read" in answer.content.decode()


def test_a_closed_door_is_our_403():
    answer = browser(TECHNICIAN).get("/ledger/vouchers/")
    assert answer.status_code == 403
    assert "Your role does not cover this" in answer.content.decode()


def test_an_address_that_only_takes_forms_is_our_page_with_the_way_back():
    client, address = browser(FINANCE), "/projects/proposals/P-1/lines/5/drop/"
    answer = client.get(address)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "Nothing was done" in answer.text and 'href="/projects/proposals/P-1/"' in answer.text
    before = client.get(address, headers={"Referer": "http://testserver/projects/invoices/?q=1"})
    assert 'href="/projects/invoices/?q=1"' in before.text
    for script in ({"HX-Request": "true"}, {"Accept": "application/json"}):
        assert not client.get(address, headers=script).content


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (BadRequest("no"), 400, "could not be read"),
        (ZeroDivisionError(), 500, "Something went wrong on our side"),
    ],
)
def test_a_request_that_fails_is_our_page(monkeypatch, error, status, says):
    def fail(moment):
        raise error

    monkeypatch.setattr(home, "Numbers", fail)
    answer = browser(FINANCE).get("/")
    assert answer.status_code == status
    assert says in answer.content.decode()
