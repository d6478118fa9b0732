import pytest
from django.test import Client

from tests.cast import user_in


@pytest.fixture
def pia(client: Client) -> Client:
    client.force_login(user_in("Planner"))
    return client
