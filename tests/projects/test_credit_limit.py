"""Credit limits: what counts, who is told, and orders that are not taken (peers 1.13)."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from orders.models import ServiceParameters
from servicemgmt.core.errors import Refused
from servicemgmt.core.roles import DISPATCHER, FINANCE
from servicemgmt.projects.models import CreditLimit
from servicemgmt.projects.operations import make_proposals
from servicemgmt.projects.receivables.credit import credit_of
from tests import make_money as make
from tests.cast import user_in
from tests.make_orders import make_order, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return make_project()


@pytest.fixture
def over(project):
    """Somebody who may owe 100 and owes an hour of 90 with its tax, and one that waits for its invoice."""
    make.invoiced(make.draft(project))
    make.post(make.draft(project))
    CreditLimit.objects.create(customer=project.invoice_customer, amount=100)
    return project.invoice_customer


def test_open_items_and_work_without_invoice_count(over):
    credit = credit_of(over.pk, make.TODAY)
    assert credit and (credit.open, credit.waiting, credit.is_over) == (Decimal("107.10"), Decimal(90), True)
    CreditLimit.objects.update(amount=Decimal("197.10"))
    within = credit_of(over.pk, make.TODAY)
    assert within and (within.is_over, within.figures, within.warning) == (False, "", "")


def test_who_has_no_limit_may_owe_anything(project, django_assert_num_queries):
    make.invoiced(make.draft(project))
    with django_assert_num_queries(1):
        assert credit_of(project.invoice_customer_id, make.TODAY) is None


def test_orders_are_taken_and_say_so_or_are_refused(over, project, client):
    order = make_order(project=project)
    client.force_login(user_in(DISPATCHER))
    assert "is over the credit limit." in client.get(reverse("orders:order", args=[order.number])).text
    ServiceParameters.objects.update_or_create(defaults={"orders_over_credit_limit": False})
    with pytest.raises(Refused, match="is over the credit limit"):
        make_order(project=project)
    CreditLimit.objects.update(amount=1000)
    make_order(project=project)


def test_proposals_and_the_statement_tell_the_amounts(over, project, client):
    (proposal,) = make_proposals(
        project.transactions.to_invoice(), invoice_date=make.TODAY, by=None, at=make.NOW
    )
    client.force_login(user_in(FINANCE))
    for url in (
        reverse("projects:proposal", args=[proposal.number]),
        reverse("projects:statement", args=[over.number]),
    ):
        page = client.get(url).text
        assert "over the credit limit of" in page and "wait to be invoiced" in page


def test_a_limit_is_zero_or_more(project):
    with pytest.raises(IntegrityError, match="creditlimit_not_negative"), transaction.atomic():
        CreditLimit.objects.create(customer=project.customer, amount=-1)
