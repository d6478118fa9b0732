import pytest

from servicemgmt.core.roles import FINANCE
from tests.cast import user_in


@pytest.fixture
def cleo(client):
    client.force_login(user_in(FINANCE))
    return client
