"""The pages of the ledger: works, wrong method, stranger, wrong state, leaves a trace."""

import csv
from decimal import Decimal

import pytest
from django.urls import reverse

from servicemgmt.core.errors import Invalid
from servicemgmt.core.models import Event
from servicemgmt.core.roles import ADMINISTRATOR, DISPATCHER, FINANCE, MANAGER, PLANNER, TECHNICIAN
from servicemgmt.core.setup import SETUPS
from servicemgmt.ledger.models import (
    Account,
    ClosedPeriodRule,
    Entry,
    FiscalPeriod,
    LedgerParameters,
    TaxCode,
)
from servicemgmt.ledger.operations import VoucherLine, post_voucher
from servicemgmt.projects.setup.projects import keep_kind
from tests import make_money as make
from tests.cast import stranger, user_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def cleo(client):
    client.force_login(user_in(FINANCE))
    return client


def text_of(response) -> str:
    return " ".join(response.content.decode().replace("\xa0", " ").split())


def foreign_voucher():
    smith = make.customer("Smith", currency="USD")
    return make.invoiced(make.draft(make.project(customer=smith))).voucher


def test_the_list_shows_date_source_document_and_amount(cleo):
    foreign_voucher()
    text = text_of(cleo.get(reverse("ledger:vouchers")))
    assert "V-2026-000002" in text and "INV-2026-000001" in text and "85.68 EUR" in text
    assert "Invoices" in text


@pytest.mark.parametrize(
    ("query", "found"), [("source=invoices", 1), ("source=inventory", 0), ("q=Huber", 0)]
)
def test_the_list_filters(cleo, query, found):
    foreign_voucher()
    assert text_of(cleo.get(f"{reverse('ledger:vouchers')}?{query}")).count("INV-2026-000001") == found * 2


def test_the_list_of_an_account_is_those_vouchers_that_touch_it(cleo):
    foreign_voucher()
    from servicemgmt.ledger.models import Account

    receivable = Account.objects.get(description="Receivable")
    text = text_of(cleo.get(f"{reverse('ledger:vouchers')}?account={receivable.pk}"))
    assert "/V-2026-000002/" in text and "/V-2026-000001/" not in text


def test_a_voucher_shows_both_currencies_and_links_to_its_documents(cleo):
    voucher = foreign_voucher()
    text = text_of(cleo.get(reverse("ledger:voucher", args=[voucher.number])))
    for expected in (
        "Debit USD",
        "Credit EUR",
        "107.10",
        "85.68",
        "/audit/open/invoice:",
        "/audit/open/transaction:",
    ):
        assert expected in text


def test_a_memo_says_so(cleo):
    (row,) = make.post(make.draft(make.project(), "FEE"))
    assert "is a memo" in text_of(cleo.get(reverse("ledger:voucher", args=[row.voucher.number])))


def test_a_number_that_is_none_is_404(cleo):
    make.firm()
    assert cleo.get(reverse("ledger:voucher", args=["V-1"])).status_code == 404


@pytest.mark.usefixtures("in_march")
def test_an_account_shows_its_postings_and_balance(cleo):
    voucher = foreign_voucher()
    code = voucher.entries.first().account.code
    text = text_of(cleo.get(reverse("ledger:account", args=[code])))
    assert "balance 85.68 EUR" in text and voucher.number in text


def test_the_journal_holds_every_line_with_all_that_is_known_of_it(cleo):
    voucher = foreign_voucher()
    url = f"{reverse('ledger:journal')}?voucher__posted_on_after=2026-01-01&voucher__posted_on_before=2026-12-31"
    assert voucher.number in text_of(cleo.get(url))
    answer = cleo.get(f"{url}&format=csv")
    assert answer.streaming
    head, *lines = csv.reader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines())
    assert len(lines) == Entry.objects.count() and len(head) == 19
    assert {line[head.index("Currency")] for line in lines} == {"EUR"}
    assert head.count("Currency") == 1 and "Currency (In document currency)" in head
    assert any("USD" in line for line in lines)
    amounts = [Decimal(line[head.index(name)] or 0) for line in lines for name in ("Debit", "Credit")]
    assert sum(amounts[::2]) == sum(amounts[1::2]) == Decimal("125.68")
    none = cleo.get(f"{reverse('ledger:journal')}?voucher__posted_on_before=2025-12-31")
    assert "Nothing matches" in text_of(none)


def test_the_journal_is_safe_from_formulas(cleo):
    make.firm()
    lines = [VoucherLine("BANK", Decimal(1), Decimal(1)), VoucherLine("RECEIVABLE", Decimal(-1), Decimal(-1))]
    post_voucher(
        on=make.TODAY, text="=HYPERLINK(1)", source="test", currency=make.money("EUR"), lines=lines, by=None
    )
    content = b"".join(cleo.get(f"{reverse('ledger:journal')}?format=csv").streaming_content).decode()
    assert "'=HYPERLINK(1)" in content and ",=HYPERLINK" not in content


def test_the_trial_balance_adds_up_to_nothing(cleo):
    foreign_voucher()
    page = cleo.get(reverse("ledger:trial_balance"), {"start": "2026-01-01", "end": "2026-12-31"})
    assert page.context["sums"]["closing"] == 0
    assert page.context["sums"]["debit"] == Decimal("125.68")
    csv = cleo.get(
        reverse("ledger:trial_balance"), {"start": "2026-01-01", "end": "2026-12-31", "format": "csv"}
    )
    assert "Receivable" in b"".join(csv.streaming_content).decode()


def test_a_range_that_ends_before_it_starts_is_422(cleo):
    make.firm()
    page = cleo.get(reverse("ledger:trial_balance"), {"start": "2026-02-01", "end": "2026-01-01"})
    assert page.status_code == 422


def test_periods_close_and_open_with_an_event_each(cleo):
    make.firm()
    period = FiscalPeriod.objects.get(name="2026-02")
    cleo.post(reverse("ledger:period_close", args=[period.pk]), {"version": 1})
    period.refresh_from_db()
    assert period.closed_by.name == "Cleo"
    page = cleo.post(reverse("ledger:period_close", args=[period.pk]), {"version": 2}, follow=True)
    assert "is closed already" in text_of(page)
    stale = cleo.post(reverse("ledger:period_open", args=[period.pk]), {"version": 1}, follow=True)
    assert "Somebody else changed the period" in text_of(stale)
    cleo.post(reverse("ledger:period_open", args=[period.pk]), {"version": 2})
    assert Event.objects.filter(subject=f"fiscalperiod:{period.pk}").count() == 2


def test_a_year_is_made_once_and_a_wrong_one_is_422(cleo):
    make.firm()
    url = reverse("ledger:year_new")
    assert cleo.post(url, {"year": 2027}).status_code == 302
    assert FiscalPeriod.objects.filter(name__startswith="2027").count() == 12
    assert cleo.post(url, {"year": 2027}).status_code == 409
    assert cleo.post(url, {"year": "soon"}).status_code == 422
    assert Event.objects.filter(action="fiscal_year_created").count() == 2


@pytest.mark.parametrize("name", ["year_new", "period_close", "period_open"])
def test_writes_are_posts(cleo, name):
    url = reverse(f"ledger:{name}", args=[] if name == "year_new" else [1])
    assert cleo.get(url).status_code == 405


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [
        (FINANCE, True, True),
        (MANAGER, True, False),
        (ADMINISTRATOR, False, False),
        (PLANNER, False, False),
        (DISPATCHER, False, False),
        (TECHNICIAN, False, False),
        ("", False, False),
    ],
)
def test_C_12_who_may_look_and_who_may_close(client, role, reads, writes):
    make.firm()
    client.force_login(user_in(role) if role else stranger())
    period = FiscalPeriod.objects.get(name="2026-02")
    for name in ("vouchers", "journal", "trial_balance", "periods"):
        assert client.get(reverse(f"ledger:{name}")).status_code == (200 if reads else 403)
    answer = client.post(reverse("ledger:period_close", args=[period.pk]), {"version": 1})
    assert answer.status_code == (302 if writes else 403)


@pytest.mark.parametrize("name", ["account", "ledgerparameters", "postingprofile", "taxcode", "taxrule"])
def test_the_masters_are_kept_by_setup(cleo, name):
    make.firm()
    assert name in SETUPS
    assert cleo.get(reverse("core:setup_list", args=[name])).status_code == 200
    assert cleo.get(reverse("core:setup_new", args=[name])).status_code == 200


def test_BR_AE_05_setup_takes_a_rate_only_where_it_is_taxed(cleo):
    make.firm()
    code = TaxCode.objects.get(code="RC")
    form = {
        "code": "RC", "description": "Reverse charge", "treatment": "AE", "ended_on": "", "version": code.version,
        "taxrate-TOTAL_FORMS": 1, "taxrate-INITIAL_FORMS": 0,
        "taxrate-0-valid_from": "2026-01-01", "taxrate-0-percent": "19",
    }  # fmt: skip
    path = reverse("core:setup_edit", args=["taxcode", code.pk])
    answer = cleo.post(path, form)
    assert answer.status_code == 409 and "Only what is taxed takes a rate above 0 percent" in text_of(answer)
    assert not code.rates.exists()
    assert cleo.post(path, form | {"treatment": "S"}).status_code == 302
    (rate,) = code.rates.all()
    back = form | {"version": code.version + 1, "taxrate-INITIAL_FORMS": 1, "taxrate-0-pk": rate.pk}
    assert cleo.post(path, back).status_code == 409
    assert cleo.post(path, back | {"taxrate-0-DELETE": "on"}).status_code == 302
    code.refresh_from_db()
    assert code.treatment == "AE" and not code.rates.exists()


def test_posting_profiles_name_categories_that_there_are_and_keep_their_code(cleo):
    make.firm()
    category = make.category("FEE")
    row = {"purpose": "FEE_REVENUE", "account": str(Account.objects.first().pk)}
    new = reverse("core:setup_new", args=["postingprofile"])
    wrong = cleo.post(new, row | {"category_code": "NOPE"})
    assert wrong.status_code == 422 and "There is no category NOPE." in text_of(wrong)
    assert cleo.post(new, row | {"category_code": category.code}).status_code == 302
    category.code = "OTHER"
    with pytest.raises(Invalid, match="Posting profiles name the category"):
        keep_kind(category, None)


def test_billing_51_a_moved_voucher_shows_the_date_it_was_meant_for(cleo):
    make.firm()
    answer = cleo.post(
        reverse("core:setup_new", args=["ledgerparameters"]), {"closed_periods": ClosedPeriodRule.MOVE}
    )
    assert answer.status_code == 302 and LedgerParameters.objects.get().closed_periods == "MOVE"
    period = FiscalPeriod.objects.get(name="2026-03")
    cleo.post(reverse("ledger:period_close", args=[period.pk]), {"version": 1})
    (row,) = make.post(make.draft(make.project()))
    text = text_of(cleo.get(reverse("ledger:voucher", args=[row.voucher.number])))
    assert "16 Mar 2026, moved: its period was closed" in text and "1 Apr 2026" in text
    for moved, found in (("true", 1), ("false", 0)):
        rows = text_of(cleo.get(f"{reverse('ledger:vouchers')}?moved={moved}"))
        assert rows.count(f"/{row.voucher.number}/") >= found and ("Nothing matches" in rows) is not found
