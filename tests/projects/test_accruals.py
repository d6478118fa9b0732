"""Accruals: billing-rules 45 to 52 and 62, SB-17 to SB-24, scenarios 98 to 104."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Sum

from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.roles import FINANCE
from servicemgmt.ledger.models import Account, FiscalPeriod, PostingProfile, Voucher
from servicemgmt.ledger.operations import close_period
from servicemgmt.projects.accruals.operations import delete_complete, reverse_accruals
from servicemgmt.projects.accruals.queries import due_months, slices_due
from servicemgmt.projects.accruals.rolling import held, roll_forward
from servicemgmt.projects.models import (
    AccrualPosting,
    AccrualReversal,
    AccrualSlice,
    SliceStatus,
)
from servicemgmt.projects.operations import credit_invoice, propose_credit
from tests import make_money as make
from tests.cast import user_in
from tests.make_accruals import accrue_until, balances, deferred, deferred_balance, fee, numbers, rule

JAN, MAR = date(2026, 1, 1), date(2026, 3, 31)
DONE = {"by": None, "at": make.NOW}


def close(*days):
    for row in FiscalPeriod.objects.filter(during__startswith__in=days):
        close_period(row.pk, version=row.version, by=user_in(FINANCE), at=make.NOW)


def statuses():
    return list(AccrualSlice.objects.order_by("pk").values_list("status", flat=True))


@pytest.mark.django_db
class TestInTheLedger:
    def test_98_9000_a_quarter_in_advance(self):
        invoice = deferred("9000", JAN, MAR, of_rule=rule(method="EQUAL"))
        company_amounts = invoice.voucher.entries.order_by("pk").values_list("amount", flat=True)
        assert list(company_amounts) == numbers("10710 -9000 -1710 9000 -9000")
        assert balances() == (-9000, 9000)
        assert accrue_until(date(2026, 1, 31)).posted == 1
        assert balances() == (-6000, 6000)
        voucher = AccrualSlice.objects.get(status=SliceStatus.POSTED).voucher
        assert (voucher.posted_on, voucher.moved_from) == (date(2026, 1, 31), None)
        assert {entry.subject for entry in voucher.entries.all()} == {
            f"transaction:{invoice.lines.get().transaction_id}"
        }

    def test_45_101_nothing_is_recognised_before_the_invoice(self):
        make.post(fee("9000", JAN, MAR))
        assert not slices_due(date(2027, 1, 1)).exists()
        assert accrue_until(date(2027, 1, 1)).posted == 0

    def test_48_102_the_same_month_twice_gives_nothing_new(self):
        deferred("300", JAN, MAR)
        assert accrue_until(date(2026, 2, 28)).posted == 2
        vouchers = Voucher.objects.count()
        assert accrue_until(date(2026, 2, 28)).posted == 0
        assert Voucher.objects.count() == vouchers
        assert statuses() == ["POSTED", "POSTED", "OPEN"]

    def test_48_slices_of_nothing_are_done_without_an_entry(self):
        deferred("0.01", JAN, MAR)
        vouchers = Voucher.objects.count()
        done = accrue_until(MAR)
        assert (done.posted, done.nothing) == (1, 2)
        assert sorted(statuses()) == ["NOTHING", "NOTHING", "POSTED"]
        assert Voucher.objects.count() == vouchers + 1
        assert balances() == (0, 0)

    def test_51_52_missed_months_go_to_the_first_open_day_and_are_listed_apart(self):
        deferred("300", JAN, MAR)
        close(date(2026, 1, 1), date(2026, 2, 1))
        previewed = due_months(slices_due(MAR))
        assert [(row.month.month, row.posted_on) for row in previewed] == [
            (1, date(2026, 3, 1)), (2, date(2026, 3, 1)), (3, None),
        ]  # fmt: skip
        done = accrue_until(MAR)
        assert (done.posted, done.missed) == (3, 2)
        vouchers = [row.voucher for row in AccrualSlice.objects.select_related("voucher")]
        assert [(v.posted_on, v.moved_from) for v in vouchers] == [
            (date(2026, 3, 1), date(2026, 1, 31)),
            (date(2026, 3, 1), date(2026, 2, 28)),
            (MAR, None),
        ]
        assert sum(row.company_amount for row in previewed) == 300

    def test_52_what_is_over_before_its_invoice_is_posted_with_it_and_listed_apart(self):
        make.invoiced(fee("300", JAN, MAR), invoice_date=make.TODAY)
        previewed = [(row.month.month, row.posted_on) for row in due_months(slices_due(MAR))]
        assert previewed == [(1, make.TODAY), (2, make.TODAY), (3, None)]
        assert accrue_until(MAR).missed == 2
        found = AccrualPosting.objects.filter(kind="RECOGNISED").order_by("meant_on")
        assert list(found.values_list("meant_on", "voucher__posted_on")) == [
            (date(2026, 1, 31), make.TODAY), (date(2026, 2, 28), make.TODAY), (MAR, MAR),
        ]  # fmt: skip

    def test_SB_21_what_is_taken_back_waits_again(self):
        deferred("300", JAN, MAR)
        accrue_until(MAR)
        first = AccrualSlice.objects.first()
        reverse_accruals([first.pk], on=make.TODAY, **DONE)
        assert statuses() == ["OPEN", "POSTED", "POSTED"]
        assert balances()[0] == -first.company_amount == -deferred_balance()
        with pytest.raises(Refused, match="cannot be taken back"):
            reverse_accruals([first.pk], on=make.TODAY, **DONE)
        with pytest.raises(
            Invalid, match="was recognised on 31 Mar 2026. Take it back on that day or a later"
        ):
            reverse_accruals([AccrualSlice.objects.last().pk], on=make.TODAY, **DONE)
        accrue_until(MAR)
        assert balances() == (0, 0)

    @pytest.mark.parametrize("closed", [False, True])
    @pytest.mark.parametrize("mode", [AccrualReversal.CREDIT_DATE, AccrualReversal.ORIGINAL_DATES])
    def test_49_51_103_a_credit_takes_back_what_was_recognised(self, mode, closed):
        invoice = deferred("300", JAN, MAR, of_rule=rule(reversal=mode))
        accrue_until(date(2026, 2, 28))
        if closed:
            close(JAN)
        note = credit_invoice(invoice.pk, on=make.TODAY, **DONE)
        assert statuses() == ["POSTED", "POSTED", "CANCELLED"] * 2
        assert balances() == (0, 0)
        on_credit_note = Voucher.objects.filter(source="accruals", subject=f"invoice:{note.pk}")
        expected = {make.TODAY}
        if mode == AccrualReversal.ORIGINAL_DATES:
            expected = {make.TODAY if closed else date(2026, 1, 31), date(2026, 2, 28)}
        assert sorted(on_credit_note.values_list("posted_on", flat=True)) == sorted(expected)
        assert not slices_due(date(2030, 1, 1)).exists()
        with pytest.raises(Refused, match="credited"):
            reverse_accruals([AccrualSlice.objects.first().pk], on=make.TODAY, **DONE)

    def test_49_103_by_hand_the_credit_waits_for_the_reversal(self):
        invoice = deferred("300", JAN, MAR, of_rule=rule(reversal=AccrualReversal.MANUAL))
        accrue_until(date(2026, 1, 31))
        with pytest.raises(Refused, match="take its accruals back first"):
            propose_credit(invoice.pk, on=make.TODAY, **DONE)
        reverse_accruals([AccrualSlice.objects.first().pk], on=make.TODAY, **DONE)
        proposal = propose_credit(invoice.pk, on=make.TODAY, **DONE)
        accrue_until(date(2026, 1, 31))  # somebody recognises it again meanwhile
        with pytest.raises(Refused, match="take its accruals back first"):
            make_posted(proposal)
        reverse_accruals([AccrualSlice.objects.first().pk], on=make.TODAY, **DONE)
        make_posted(proposal)
        assert set(statuses()) == {"CANCELLED"}
        assert balances() == (0, 0)

    def test_62_accrual_is_cut_in_step(self):
        invoice = deferred("300", JAN, MAR, of_rule=rule(method="EQUAL"))
        accrue_until(date(2026, 1, 31))
        line = invoice.lines.get()
        credit_invoice(invoice.pk, on=make.TODAY, amounts={line.pk: Decimal("100")}, **DONE)
        cuts = AccrualSlice.objects.filter(cuts__isnull=False).order_by("starts_on")
        assert [row.amount for row in cuts] == numbers("-33.33 -33.34 -33.33")
        assert [row.status for row in cuts] == ["POSTED", "OPEN", "OPEN"]
        assert balances()[0] == Decimal("-133.33") == -deferred_balance()
        accrue_until(MAR)
        assert balances() == (0, 0)
        credit_invoice(invoice.pk, on=MAR, **DONE)
        assert balances() == (0, 0)
        assert AccrualSlice.objects.aggregate(sum=Sum("amount"))["sum"] == 0

    def test_50_the_roll_forward_closes_at_what_the_accounts_hold(self):
        first = deferred("300", JAN, MAR, agreement_number="SA-1")
        another = Account.objects.create(code="9", description="New", kind="LIABILITY")
        PostingProfile.objects.filter(purpose="WIP_SUBSCRIPTION").update(account=another)
        deferred("1000", date(2026, 2, 1), date(2026, 2, 28), agreement_number="SA-2",
                 on_project=make.project("Yen", currency=make.money("JPY")))  # fmt: skip
        accrue_until(date(2026, 1, 31))
        credit_invoice(first.pk, on=date(2026, 2, 10), **DONE)
        accrue_until(date(2026, 2, 28))
        found = roll_forward(date(2026, 2, 1), date(2026, 2, 28), "agreement")
        one, two = found.rows
        assert (one.label, one.opening, one.recognised, one.credited) == (
            "SA-1", Decimal("196.67"), Decimal("-103.33"), 300,
        )  # fmt: skip
        assert (two.invoiced, two.recognised) == (Decimal("6.10"), Decimal("6.10"))
        assert (one.closing, two.closing, found.total.closing) == (0, 0, 0)
        for by in ("month", "agreement", "project", "customer"):
            for last in (date(2026, 1, 31), date(2026, 2, 28), MAR):
                assert roll_forward(JAN, last, by).total.closing == held(last)
        months = roll_forward(JAN, MAR, "month").rows
        assert [row.closing for row in months] == [Decimal("196.67"), 0, 0]
        january = roll_forward(JAN, date(2026, 1, 31), "project").total
        assert (january.invoiced, january.recognised, january.closing) == (
            300, Decimal("103.33"), Decimal("196.67"),
        )  # fmt: skip

    def test_SB_24_104_slices_go_when_all_are_recognised_and_vouchers_stay(self):
        invoice = deferred("300", JAN, MAR, of_rule=rule(delete_when_complete=True))
        assert accrue_until(date(2026, 2, 28)).deleted == 0
        assert accrue_until(MAR).deleted == 3
        assert not AccrualSlice.objects.exists()
        assert Voucher.objects.filter(source="accruals").count() == 3
        credit_invoice(invoice.pk, on=MAR, **DONE)
        assert balances() == (0, 0)

    def test_SB_24_by_hand_only_when_nothing_waits(self):
        row = deferred("300", JAN, MAR).lines.get().transaction
        with pytest.raises(Refused, match="when all of them are recognised"):
            delete_complete([row.pk], by=None)
        accrue_until(MAR)
        assert delete_complete([row.pk], by=None) == 3

    def test_SB_22_without_its_account_a_proposal_is_refused_by_name(self):
        proposal = make.proposed(fee("300", JAN, MAR))
        PostingProfile.objects.filter(purpose="WIP_SUBSCRIPTION").delete()
        with pytest.raises(Refused, match="IP-000001: .*WIP – subscription"):
            make_posted(proposal)

    def test_a_rule_needs_a_service_period(self):
        with pytest.raises(Refused, match="over a service period"):
            make.post(make.draft(make.project(), "FEE", accrual_rule=rule()))

    def test_the_database_keeps_slices_whole_and_postings_frozen(self):
        deferred("300", JAN, MAR)
        accrue_until(date(2026, 1, 31))
        posted, waiting, _last = AccrualSlice.objects.order_by("pk")
        for attempt in (
            lambda: AccrualSlice.objects.filter(pk=posted.pk).update(amount=1),
            lambda: AccrualSlice.objects.filter(pk=posted.pk).update(status="OPEN"),
            lambda: AccrualSlice.objects.filter(pk=posted.pk)._raw_delete("default"),
            lambda: AccrualSlice.objects.filter(pk=waiting.pk)._raw_delete("default"),
            lambda: AccrualPosting.objects.update(amount=1),
            lambda: AccrualPosting.objects.all()._raw_delete("default"),
        ):
            with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
                attempt()


def make_posted(proposal):
    from servicemgmt.projects.operations import post_proposal

    proposal.refresh_from_db()
    return post_proposal(proposal.pk, version=proposal.version, **DONE)
