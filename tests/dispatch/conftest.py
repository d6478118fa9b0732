import pytest
from django.utils import timezone

from dispatch.operations import book
from servicemgmt.core.roles import DISPATCHER, TECHNICIAN
from tests.cast import user_in
from tests.make_dispatch import make_technician, make_visit
from tests.make_money import company_today


@pytest.fixture
def ann(client):
    """The dispatcher, signed in."""
    client.force_login(user_in(DISPATCHER))
    return client


@pytest.fixture
def bo(client):
    """The technician, signed in."""
    client.force_login(user_in(TECHNICIAN))
    return client


@pytest.fixture
def visit():
    """A job of Bo's, now."""
    now = timezone.now()
    order = make_visit(hours=2, service_on=company_today(), at=now)
    return book(order, make_technician(), now, 60, by=None, at=now)
