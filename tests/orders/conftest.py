import pytest

from tests.make_agreements import make_agreement, make_sla
from tests.make_orders import make_order
from tests.orders.scene import Scene


@pytest.fixture
def scene() -> Scene:
    return Scene(make_order(agreement=make_agreement(sla=make_sla())))
