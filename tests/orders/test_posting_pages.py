"""Posting orders by hand, and taking it back."""

import pytest

from orders.models import LineStatus
from orders.posting import post_order_lines
from servicemgmt.core.models import Event, Run
from servicemgmt.core.roles import DISPATCHER, FINANCE, PLANNER, TECHNICIAN
from servicemgmt.core.runs import execute
from servicemgmt.projects.models import Transaction
from servicemgmt.projects.operations import delete_proposal, make_proposals
from tests import make_money
from tests.cast import stranger, user_in
from tests.make_money import NOW, TODAY
from tests.make_orders import fresh, make_done_order, make_line, make_order

pytestmark = pytest.mark.django_db


def test_posting_is_previewed_and_started(client, django_capture_on_commit_callbacks):
    order, bad = make_done_order(kinds=("HOUR", "FEE")), make_order()
    make_line(bad)
    cleo = user_in(FINANCE)
    client.force_login(cleo)
    chosen = client.post("/orders/post/chosen/", {"pk": [order.pk, bad.pk, "x"]})
    assert chosen.status_code == 302
    page = client.get(chosen.url).content.decode()
    assert (
        "will be posted" in page and "not signed off" in page and order.number in page and bad.number in page
    )
    assert order.lines.get(kind="HOUR").status == LineStatus.CREATED, "a preview posts nothing"
    answer = client.post("/orders/post/start/", {"orders": f"{order.pk},{bad.pk}", "kinds": ["HOUR", "FEE"]})
    run = Run.objects.get()
    assert answer.url == f"/runs/{run.pk}/" and run.parameters["kinds"] == ["FEE", "HOUR"]
    assert client.post("/orders/post/start/", {"kinds": []}).status_code == 422
    backwards = client.get("/orders/post/?since=2026-11-25&until=2026-11-01")
    assert (
        backwards.status_code == 422 and "The last day lies before the first." in backwards.content.decode()
    )
    assert client.get("/orders/post/start/").status_code == 405
    assert client.get("/orders/post/?since=nonsense").status_code == 422
    for user in (stranger(), user_in(DISPATCHER), user_in(TECHNICIAN)):
        client.force_login(user)
        assert client.get("/orders/post/").status_code == 403
        assert client.post("/orders/post/start/", {"orders": order.pk, "kinds": ["HOUR"]}).status_code == 403


def test_PR_16_what_was_posted_is_seen_from_the_order_and_from_the_project_by_type(client):
    order = make_done_order(kinds=("HOUR", "FEE"))
    post_order_lines(order.pk, by=None, at=NOW)
    client.force_login(user_in(FINANCE))
    page = client.get(f"/orders/{order.number}/").content.decode()
    rows = {row.kind: f"/projects/transactions/{row.pk}/" for row in order.project.transactions.all()}
    assert set(rows) == {"HOUR", "FEE"} and all(f'href="{url}"' in page for url in rows.values())
    project = client.get(f"/projects/{order.project.number}/").content.decode()
    of_project = f"/projects/transactions/?project={order.project_id}"
    assert f'href="{of_project}"' in project
    fees = client.get(f"{of_project}&kind=FEE").content.decode()
    assert rows["FEE"] in fees and rows["HOUR"] not in fees
    voucher = order.project.transactions.first().voucher.number
    assert f"/ledger/vouchers/{voucher}/" in page
    client.force_login(user_in(PLANNER))
    page = client.get(f"/orders/{order.number}/").content.decode()
    assert rows["FEE"] in page and voucher in page
    assert f"/ledger/vouchers/{voucher}/" not in page, "a planner is not led to the ledger"


def test_ticking_more_orders_than_an_address_names_is_refused_with_their_number(client):
    client.force_login(user_in(FINANCE))
    keys = ",".join(map(str, range(1, 1002)))
    for answer in (
        client.get("/orders/post/", {"orders": keys}),
        client.post("/orders/post/start/", {"orders": keys, "kinds": ["HOUR"]}),
    ):
        assert answer.status_code == 422 and "1,001 orders are ticked" in answer.content.decode()
    assert not Run.objects.exists()


@pytest.mark.usefixtures("in_march")
def test_PR_02_ticked_lines_are_posted_and_the_posting_of_ticked_lines_is_undone(client):
    order = make_done_order(kinds=("HOUR", "HOUR", "FEE"))
    first, second, fee = order.lines.order_by("line_number")
    cleo = user_in(FINANCE)
    client.force_login(cleo)
    query = f"orders={order.pk}&lines={first.pk}&lines={fee.pk}"
    page = client.get(f"/orders/post/?{query}")
    assert [entry.line.pk for entry, _line in page.context["planned"]] == [first.pk, fee.pk]
    form = {"orders": order.pk, "lines": f"{first.pk},{fee.pk}", "kinds": ["HOUR", "FEE"]}
    client.post("/orders/post/start/", form)
    execute(Run.objects.get().pk)
    assert set(order.lines.filter(status=LineStatus.POSTED)) == {first, fee}
    shown = client.get(f"/orders/{order.number}/").content.decode()
    assert 'form="post-lines"' in shown and 'form="undo-lines"' in shown
    url = f"/orders/{order.number}/undo-posting/lines/"
    version = fresh(order).version
    assert client.post(url, {"version": version}).status_code == 409, "nothing is ticked"
    assert client.post(url, {"version": version, "pk": second.pk}).status_code == 409, "not posted"
    assert client.post(url, {"version": version, "pk": [fee.pk, second.pk]}).status_code == 302
    assert set(order.lines.filter(status=LineStatus.POSTED)) == {first}
    told = Event.objects.get(action="posting_undone", actor=cleo).changes["lines"]
    assert told == [["3 Some fee"], None]
    client.force_login(user_in(DISPATCHER))
    assert client.get(url).status_code == 405 and client.post(url).status_code == 403


@pytest.mark.usefixtures("in_march")
def test_posting_is_undone_from_the_order(client):
    order = make_done_order()
    post_order_lines(order.pk, by=None, at=NOW)
    url = f"/orders/{order.number}/undo-posting/"
    client.force_login(user_in(DISPATCHER))
    assert client.post(url).status_code == 403
    client.force_login(user_in(FINANCE))
    assert "Undo posting" in client.get(f"/orders/{order.number}/").content.decode()
    (draft,) = make_proposals(Transaction.objects.all(), invoice_date=TODAY, by=None, at=NOW)
    assert "Undo posting" not in client.get(f"/orders/{order.number}/").content.decode(), (
        "it waits on an invoice"
    )
    delete_proposal(draft.pk, version=draft.version, by=None, at=NOW)
    assert client.get(url).status_code == 405
    assert client.post(url, {"version": 1}).status_code == 409
    make_money.firm()
    answer = client.post(url, {"version": fresh(order).version})
    assert answer.status_code == 302, answer.content.decode()
    assert order.lines.get().status == LineStatus.CREATED
    assert client.post(url, {"version": fresh(order).version}).status_code == 409
    assert Event.objects.filter(action="posting_undone", actor=user_in(FINANCE)).exists()


def test_the_preview_plans_what_it_shows_and_counts_the_rest(client, monkeypatch):
    orders = [make_done_order(kinds=("HOUR", "FEE")) for _n in range(3)] + [make_order()]
    make_line(orders[3])
    client.force_login(user_in(FINANCE))
    told = []
    for most in (300, 1):
        monkeypatch.setattr("orders.views.posting.SHOWN", most)
        page = client.get("/orders/post/", {"orders": ",".join(str(order.pk) for order in orders)})
        told.append({name: page.context[name] for name in ("postable", "refused", "order_count")})
    assert told == [{"postable": 6, "refused": 1, "order_count": 3}] * 2
    assert len(page.context["planned"]) == 1 and page.context["hidden"] == 6
    assert {entry.line.order_id for entry, _line in page.context["planned"]} == {orders[0].pk}
    assert "6 more lines are not shown" in page.content.decode()
