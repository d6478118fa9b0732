"""Masters and kinds of run that only these tests know."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from servicemgmt.core.models import User
from servicemgmt.core.runs import KINDS
from servicemgmt.core.setup import SETUPS, register
from tests.core.kinds import NUMBERS


@pytest.fixture
def sign_in(client: Client):
    """`sign_in(user)` gives a client in which that user is signed in."""

    def signed(user: User) -> Client:
        browser = Client()
        browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return browser

    return signed


@pytest.fixture
def registered() -> Iterator[None]:
    """Setups registered within a test are forgotten after it."""
    before = dict(SETUPS)
    yield register
    SETUPS.clear()
    SETUPS.update(before)


@pytest.fixture
def numbers_kind() -> Iterator[None]:
    """The kind of run that only the tests know."""
    KINDS[NUMBERS.code] = NUMBERS
    yield
    KINDS.pop(NUMBERS.code, None)
    cache.clear()
