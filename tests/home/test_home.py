"""The start page: each role sees what it has to do, every figure leads to the list it counts, in few queries."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from servicemgmt.core.models import Invitation, Run, User
from servicemgmt.core.models.run import RunStatus
from servicemgmt.core.roles import ADMINISTRATOR, DISPATCHER, FINANCE, LABELS, MANAGER, PLANNER, TECHNICIAN
from tests import make_money
from tests.cast import stranger, user_in
from tests.make_agreements import make_agreement
from tests.make_money import company_today, draft, post, proposed
from tests.make_orders import make_done_order, make_line, make_order, make_request, make_worker, move

pytestmark = pytest.mark.django_db
HOME = "/"
OFFICE = [DISPATCHER, PLANNER, FINANCE, MANAGER, ADMINISTRATOR]


@pytest.fixture(autouse=True)
def company() -> None:
    make_money.firm()


def tiles(client: Client) -> dict[str, tuple[str, str]]:
    """{label: (value, address)} of the page's tiles."""
    html = client.get(HOME).content.decode()
    found = re.findall(
        r'class="kpi-label"(?: href="([^"]*)")?>([^<]*)</(?:a|span)>\s*<span class="kpi-value">([^<]*)<', html
    )
    return {unescape(label.strip()): (value.strip(), unescape(url)) for url, label, value in found}


def rows_at(client: Client, url: str) -> int:
    """How many rows the list at that address has."""
    response = client.get(url, {}, headers={"accept": "text/html"})
    assert response.status_code == 200, url
    csv = client.get(url + ("&" if "?" in url else "?") + "format=csv")
    body = b"".join(csv.streaming_content) if csv.streaming else csv.content
    return len(body.decode("utf-8-sig").strip().splitlines()) - 1


def fill() -> None:
    """Something of everything that waits."""
    now, today = timezone.now(), company_today()
    make_request(priority="HIGH", at=now)
    make_request(summary="Second call", at=now)
    make_order(service_on=today, at=now)
    make_order(service_on=today - timedelta(days=3), at=now)
    held = make_order(service_on=today, at=now)
    make_line(held, at=now)
    move(held, "INPROCESS", "ONHOLD", at=now)
    make_done_order(service_on=today)
    make_agreement(start_date=today - timedelta(days=300), end_date=today + timedelta(days=20))
    work = make_money.project("Other")
    post(draft(work), draft(work))
    proposed(draft(make_money.project("Third")))
    Run.objects.create(kind="post_orders", status=RunStatus.FAILED)
    Run.objects.create(kind="post_orders", status=RunStatus.FAILED, queued_at=now - timedelta(days=40))


@pytest.mark.parametrize("role", OFFICE)
def test_every_figure_is_the_number_of_rows_it_leads_to(role, client):
    fill()
    client.force_login(user_in(role))
    found = tiles(client)
    assert found
    for label, (value, url) in found.items():
        assert url, label
        if value.isdecimal() and not label.startswith("Users without"):
            assert rows_at(client, url) == int(value), (label, url)
        page = client.get(url)
        assert page.status_code == 200
        asked = parse_qs(urlsplit(url).query).keys() - {"tab"}
        assert [name for name in asked if f'name="{name}"' not in page.content.decode()] == [], "unheard"


def test_a_dispatcher_sees_what_waits_for_the_board(client):
    fill()
    client.force_login(user_in(DISPATCHER))
    found = {label: value for label, (value, _url) in tiles(client).items()}
    assert found["Open requests"] == "2" and found["On hold"] == "1" and found["Late"] == "1"
    assert found["Without technician"] == "3"
    html = client.get(HOME).content.decode()
    assert "1 urgent" in html and "Second call" in html


def test_finance_sees_what_to_post_and_to_invoice(client):
    fill()
    client.force_login(user_in(FINANCE))
    found = {label: value for label, (value, _url) in tiles(client).items()}
    assert (
        found["Signed, not posted"] == "1" and found["To invoice"] == "2" and found["Draft proposals"] == "1"
    )
    assert "180.00" in client.get(HOME).content.decode()


def test_a_planner_sees_agreements_that_end(client):
    fill()
    client.force_login(user_in(PLANNER))
    assert tiles(client)["Agreements ending within 60 days"][0] == "1"


def test_a_manager_sees_margin_stages_and_sla(client):
    fill()
    client.force_login(user_in(MANAGER))
    found = tiles(client)
    assert {"Margin this month", "SLA kept this month", "Signed, not posted"} <= set(found)
    html = client.get(HOME).content.decode()
    assert "On hold" in html and "chart-rows" in html


def test_an_administrator_sees_people_invitations_and_failed_runs(client):
    fill()
    ada = user_in(ADMINISTRATOR)
    now = timezone.now()
    Invitation.objects.create(
        email="new@example.com", name="New", token_digest="x", invited_by=ada, invited_at=now,
        expires_at=now - timedelta(days=1),
    )  # fmt: skip
    client.force_login(ada)
    found = {label: value for label, (value, _url) in tiles(client).items()}
    assert found["Open invitations"] == "1" and found["Failed runs, 30 days"] == "1"
    assert found["Users without a second factor"] == str(User.objects.count())
    assert "1 expired" in client.get(HOME).content.decode()


def test_a_technician_goes_to_his_day(client):
    client.force_login(user_in(TECHNICIAN))
    response = client.get(HOME)
    try:
        day = reverse("dispatch:day")
    except NoReverseMatch:
        assert response.status_code == 200 and "My day" in response.content.decode()
    else:
        assert response.status_code == 302 and response["Location"] == day


def test_several_roles_see_the_sections_of_each(client):
    user = user_in(FINANCE)
    user.groups.add(Group.objects.get(name=DISPATCHER), Group.objects.get(name=TECHNICIAN))
    client.force_login(user)
    html = client.get(HOME).content.decode()
    assert html.index("My day") < html.index("Open requests") < html.index("Draft proposals")
    assert "Failed runs" not in html


def test_somebody_without_a_role_is_told_kindly(client):
    client.force_login(stranger())
    html = client.get(HOME).content.decode()
    assert "You have no role yet" in html and 'class="kpi"' not in html


def test_every_role_has_a_section(client):
    user = stranger()
    user.groups.set(Group.objects.filter(name__in=LABELS))
    client.force_login(user)
    html = client.get(HOME).content.decode()
    assert html.count("home-section") == len(LABELS)


@pytest.mark.parametrize("role", OFFICE)
def test_the_page_takes_few_queries_however_much_there_is(role, client, django_assert_max_num_queries):
    fill()
    for n in range(5):
        make_order(description=f"Visit {n}", service_on=company_today())
        make_request(summary=f"Call {n}")
        make_worker(f"Worker {n}")
    client.force_login(user_in(role))
    with django_assert_max_num_queries(14):
        client.get(HOME)


def test_the_page_refuses_other_methods_and_people_who_are_not_signed_in(client):
    assert client.get(HOME).status_code == 302
    client.force_login(user_in(DISPATCHER))
    assert client.post(HOME).status_code == 405


def test_the_menu_marks_one_entry_and_leads_to_items(client):
    client.force_login(user_in(MANAGER))
    html = client.get(HOME).content.decode()
    assert html.count('aria-current="page"') == 1
    items = reverse("core:setup_list", args=["item"])
    assert f'href="{items}"' in html
    html = client.get(items).content.decode()
    menu = html[html.index('class="side-sections"') : html.index('class="topbar"')]
    assert menu.count('aria-current="page"') == 1
    current = menu[: menu.index('aria-current="page"')].rpartition("href=")[2]
    assert items in current
