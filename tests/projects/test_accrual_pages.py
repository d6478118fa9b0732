"""The pages of deferred revenue: the list, recognising, taking back, and the roll-forward."""

import re
from datetime import date
from html import unescape

import pytest

from servicemgmt.core.models import Event, Run
from servicemgmt.core.roles import DISPATCHER, FINANCE, MANAGER, PLANNER
from servicemgmt.core.runs import execute_to_end, progress
from servicemgmt.projects.accruals.runs import CODE
from servicemgmt.projects.models import AccrualSlice, SliceStatus
from servicemgmt.projects.operations import credit_invoice
from tests import make_money as make
from tests.cast import user_in
from tests.make_accruals import accrue_until, deferred
from tests.projects.ask import text_of, url

pytestmark = pytest.mark.django_db
JAN, MAR = date(2026, 1, 1), date(2026, 3, 31)


def test_SB_20_the_preview_is_what_the_run_does(cleo):
    deferred("300", JAN, MAR)
    deferred("0.01", JAN, MAR, on_project=make.project("Two"))
    asked = {"until": "2026-02-28"}
    seen = text_of(cleo.get(url("accrue"), asked))
    assert "4 slices, 196.68 EUR" in seen
    answer = cleo.post(url("accrue"), asked)
    run = Run.objects.get(kind=CODE)
    assert answer.url.endswith(f"/runs/{run.pk}/")
    execute_to_end(run)
    assert progress(run).counts == {"posted": 3, "nothing": 1}
    assert "Nothing is due" in text_of(cleo.get(url("accrue"), asked))
    listed = text_of(cleo.get(url("accruals"), {"run": run.pk, "tab": "all"}))
    assert "Hotline" in listed


def test_the_list_filters_and_exports(cleo):
    assert "No revenue waits here" in text_of(cleo.get(url("accruals")))
    invoice = deferred("300", JAN, MAR, agreement_number="SA-1")
    accrue_until(date(2026, 1, 31))
    for asked, count in [
        ({}, 2), ({"tab": "due"}, 2), ({"tab": "recognised"}, 1), ({"tab": "all"}, 3), ({"tab": "moved"}, 0),
        ({"tab": "all", "agreement": "SA-1"}, 3), ({"tab": "all", "agreement": "SA-2"}, 0),
        ({"tab": "all", "customer": invoice.customer_id, "ends_on_before": "2026-02-28"}, 2),
        ({"tab": "all", "posted_on_after": "2026-01-31"}, 1), ({"q": "Hotline", "sort": "-amount"}, 2),
    ]:  # fmt: skip
        answer = cleo.get(url("accruals"), asked | {"format": "csv"})
        lines = b"".join(answer.streaming_content).decode().strip().splitlines()
        assert len(lines) - 1 == count, asked
    assert b"".join(cleo.get(url("accruals"), {"format": "xlsx"}))
    assert invoice.number in text_of(cleo.get(url("accruals"), {"tab": "all"}))
    narrowed = cleo.get(url("accruals"), {"tab": "recognised", "q": "Hotline"}).content.decode()
    here = f"{url('accruals')}?tab=recognised&amp;q=Hotline"
    assert f'name="next" value="{here}"' in narrowed, "taking back leads to what was seen"


def test_SB_21_slices_are_taken_back_from_their_page(cleo):
    row = deferred("300", JAN, MAR).lines.get().transaction
    accrue_until(date(2026, 1, 31))
    page = url("accruals_of", row.pk)
    assert "Take the ticked slices back" in text_of(cleo.get(page))
    first = AccrualSlice.objects.get(status=SliceStatus.POSTED)
    asked = {"pk": first.pk, "on": "2026-03-16", "next": page}
    assert "Taken back with V-2026" in text_of(cleo.post(url("accruals_reverse"), asked, follow=True))
    assert Event.objects.get(action="accruals_reversed").subject == f"transaction:{row.pk}"
    assert "cannot be taken back" in text_of(cleo.post(url("accruals_reverse"), asked, follow=True))
    assert "Enter a valid date" in text_of(
        cleo.post(url("accruals_reverse"), asked | {"on": "never"}, follow=True)
    )
    assert "when all of them are recognised" in text_of(
        cleo.post(url("accruals_delete", row.pk), follow=True)
    )
    accrue_until(MAR)
    assert "The slices are deleted" in text_of(cleo.post(url("accruals_delete", row.pk), follow=True))
    assert Event.objects.filter(action="accruals_deleted").exists()
    assert "What vouchers did" in text_of(cleo.get(page))


def test_50_the_roll_forward_has_its_lines_and_a_file(cleo):
    asked = {"first": "2026-01-01", "last": "2026-03-31", "by": "month"}
    invoice = deferred("300", JAN, MAR, agreement_number="SA-1")
    deferred("500", MAR, MAR, on_project=make.project("Waits"))
    accrue_until(date(2026, 1, 31))
    credit_invoice(invoice.pk, on=make.TODAY, by=None, at=make.NOW)
    for by, name in (("month", "February 2026"), ("agreement", "SA-1"), ("customer", "Huber")):
        seen = text_of(cleo.get(url("roll_forward"), asked | {"by": by}))
        assert name in seen and "agrees" in seen
        assert "What waits" in seen and "0.00" in seen
    page = cleo.get(url("roll_forward"), asked | {"by": "agreement"}).content.decode()
    invoiced, credited, *_rest = map(
        unescape, re.findall(r'href="(/projects/accruals/postings/[^"]+)"', page)
    )
    for link, sign in ((invoiced, ""), (credited, "−")):
        listed = text_of(cleo.get(link))
        assert f"{sign}300.00 EUR" in listed and "1 row" in listed and "agreement=SA-1" in link
    answer = cleo.get(url("roll_forward"), asked | {"format": "csv"})
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert "300" in content.decode()
    ever = {"first": "9999-01-01", "last": "9999-12-31"}
    for wrong in (ever, {"last": "2025-01-01"}, {"last": "9999-12-31"}, {"first": "0001-01-01"}, {"by": "x"}):
        assert cleo.get(url("roll_forward"), asked | wrong).status_code == 422


def test_the_transaction_leads_to_its_accruals(cleo):
    row = make.post(make.draft(make.project()))[0]
    assert cleo.get(url("accruals_of", row.pk)).status_code == 404
    row = deferred("300", JAN, MAR, on_project=make.project("Two")).lines.get().transaction
    assert url("accruals_of", row.pk) in text_of(cleo.get(url("transaction", row.pk)))
    invoice = cleo.get(url("invoice", row.slices.first().line.invoice.number))
    assert f"{url('accruals')}?tab=all&amp;q=INV-2026-" in text_of(invoice)


def test_C_12_who_sees_and_who_posts(client):
    row = deferred("300", JAN, MAR).lines.get().transaction
    writes = [url("accrue"), url("accruals_reverse"), url("accruals_delete", row.pk)]
    for role, sees in ((MANAGER, 200), (DISPATCHER, 403)):
        client.force_login(user_in(role))
        for name in ("accruals", "accrual_postings", "roll_forward"):
            assert client.get(url(name)).status_code == sees
        assert client.get(url("accruals_of", row.pk)).status_code == sees
        assert {client.post(target).status_code for target in writes} == {403}


def test_C_12_the_vouchers_of_accruals_are_links_for_who_may_open_them(client):
    row = deferred("300", JAN, MAR).lines.get().transaction
    accrue_until(date(2026, 1, 31))
    number = row.slices.exclude(voucher=None).first().voucher.number
    for role, leads in ((FINANCE, True), (PLANNER, False)):
        client.force_login(user_in(role))
        shown = text_of(client.get(url("accruals_of", row.pk)))
        assert number in shown and (f">{number}</a>" in shown) is leads, role
