"""A range of days means these days, wherever the user is."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from servicemgmt.projects.filters import TransactionFilter
from servicemgmt.projects.models import Transaction
from tests import make_money as make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Pacific/Auckland", "America/Los_Angeles"])
def test_from_and_to_are_both_included_and_nothing_beside_them(zone):
    project = make.project()
    for days in (-1, 0, 1, 2):
        make.post(make.draft(project, executed_on=make.TODAY + timedelta(days=days)))
    first, last = make.TODAY, make.TODAY + timedelta(days=1)
    asked = {"executed_on_after": first.isoformat(), "executed_on_before": last.isoformat()}
    with timezone.override(ZoneInfo(zone)):
        found: list[date] = [
            row.executed_on
            for row in TransactionFilter(asked, Transaction.objects.order_by("executed_on")).qs
        ]
    assert found == [first, last]


def test_days_the_other_way_round_are_said_at_the_field():
    asked = {"executed_on_after": "2026-03-02", "executed_on_before": "2026-03-01"}
    form = TransactionFilter(asked, Transaction.objects.all()).form
    assert form.errors == {"executed_on": ["The last day lies before the first."]}
