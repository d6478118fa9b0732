"""Fees and their accrual rule: SB-17, SB-19, RE-04, scenario 97."""

from datetime import date

import pytest
from django.urls import reverse

from servicemgmt.core.errors import Invalid
from servicemgmt.core.models import NumberSequence, Run
from servicemgmt.core.roles import FINANCE
from servicemgmt.core.runs import execute_to_end, progress
from servicemgmt.projects.models import AccrualSlice, PeriodType
from servicemgmt.projects.operations import post_proposals
from subscriptions.models import SubscriptionGroup
from subscriptions.operations import FeeOrder, create_fees, propose_fees
from subscriptions.setup import check_group
from tests.cast import user_in
from tests.make_accruals import accrue_until, rule
from tests.make_money import NOW
from tests.make_subscriptions import make_group, make_subscription

pytestmark = pytest.mark.django_db
JAN, DEC = date(2026, 1, 1), date(2026, 12, 31)


@pytest.mark.parametrize(
    ("invoicing", "count", "unit", "is_allowed"),
    [
        ("YEAR", 1, "MONTH", True), ("YEAR", 1, "QUARTER", True), ("YEAR", 1, "WEEK", False),
        ("QUARTER", 1, "YEAR", False), ("QUARTER", 1, "MONTH", True), ("MONTH", 1, "DAY", True),
        ("MONTH", 1, "QUARTER", False), ("WEEK", 1, "MONTH", False), ("WEEK", 1, "WEEK", True),
        ("WEEK", 2, "WEEK", False), ("WEEK", 2, "DAY", True), ("WEEK", 2, "", True), ("DAY", 1, "DAY", True),
    ],
)  # fmt: skip
def test_45_SB_19_97_an_invoicing_period_is_cut_into_what_divides_it(invoicing, count, unit, is_allowed):
    period_type = PeriodType(code="P", description="Period", unit=invoicing, count=count)
    group = SubscriptionGroup(
        code="G", period_type=period_type, accrual_rule=rule(unit or "WHOLE", unit=unit)
    )
    if is_allowed:
        check_group(group, None)
    else:
        with pytest.raises(Invalid, match="cannot be recognised by the"):
            check_group(group, None)


def test_subscriptions_take_no_numbers_that_may_not_have_gaps():
    group = SubscriptionGroup(code="G", sequence=NumberSequence(code="invoice", is_gapless=True))
    with pytest.raises(Invalid, match="numbered without gaps"):
        check_group(group, None)


def test_SB_17_SB_20_97_the_fees_of_a_group_that_accrues_are_spread_and_reported(client):
    group = make_group("YEARLY", unit="YEAR", accrual_rule=rule(method="EQUAL"))
    row = make_subscription(base_price="1200", starts_on=JAN, group=group)
    create_fees([row.pk], FeeOrder(JAN, DEC), by=None, at=NOW)
    proposals = propose_fees(invoice_date=JAN, by=None, at=NOW)
    post_proposals([proposal.pk for proposal in proposals], by=None, at=NOW)
    assert set(AccrualSlice.objects.values_list("amount", flat=True)) == {100}
    assert AccrualSlice.objects.count() == 12
    other = make_group("OTHER", accrual_rule=rule())
    client.force_login(user_in(FINANCE))
    asked = {"until": "2026-02-28", "subscription_group": group.pk}
    assert b"2 slices" in client.get(reverse("projects:accrue"), asked).content
    assert client.get(reverse("projects:accrue"), asked | {"subscription_group": 0}).status_code == 422
    assert (
        b"Nothing is due"
        in client.get(reverse("projects:accrue"), asked | {"subscription_group": other.pk}).content
    )
    client.post(reverse("projects:accrue"), asked)
    run = Run.objects.get(kind="accrue")
    assert run.parameters["subscription_group"] == group.pk
    assert progress(execute_to_end(run)).counts == {"posted": 2}
    accrue_until(date(2026, 3, 31))
    listed = client.get(reverse("reporting:subscription_transactions"), {"format": "csv"})
    line = b"".join(listed).decode().splitlines()[1]
    assert ",300.00,900.00" in line
