"""Rows that a program makes: many at once, checked, numbered and in the trail."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from servicemgmt.core.editing import create_rows
from servicemgmt.core.models import Event
from servicemgmt.masterdata.models import Customer, Skill
from tests import make_money as make
from tests.cast import ADMINISTRATOR, user_in

pytestmark = pytest.mark.django_db


def skills(*codes: str) -> list[Skill]:
    return [Skill(code=code, description=f"{code} work") for code in codes]


def test_many_rows_take_as_many_statements_as_one_and_leave_an_event_each(django_assert_num_queries):
    ada = user_in(ADMINISTRATOR)
    with django_assert_num_queries(4):  # the savepoint, the rows, their events
        made = create_rows(skills("GAS", "LIFT", "ELEC"), by=ada)
    assert [row.pk is not None and row.created_at is not None for row in made] == [True] * 3
    events = Event.objects.filter(action="created", subject__in=[f"skill:{row.pk}" for row in made])
    assert {(event.actor, event.subject_label) for event in events} == {(ada, str(row)) for row in made}
    assert create_rows([], by=ada) == []


def test_rows_are_numbered_in_their_order():
    firm = make.firm()
    template = make.customer()
    rows = [
        Customer(
            name=name,
            currency=firm.currency,
            tax_group=template.tax_group,
            payment_term=template.payment_term,
        )
        for name in ("Ash", "Birch")
    ]
    ash, birch = create_rows(rows, by=None, sequence="customer")
    assert template.number < ash.number < birch.number


def test_one_wrong_row_and_none_is_made():
    with pytest.raises(ValidationError, match="at most 20 characters"):
        create_rows(skills("GAS", "X" * 21), by=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        create_rows(skills("GAS", "GAS"), by=None)
    assert not Skill.objects.exists() and not Event.objects.filter(subject__startswith="skill").exists()
