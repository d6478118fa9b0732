"""Keys of four digits: what stands in values and ids is never grouped as numbers that people read."""

import pytest
from django.db import connection

from servicemgmt.core.roles import MANAGER
from tests.cast import user_in
from tests.make_orders import fresh, make_done_order, make_order, make_stages, move

pytestmark = pytest.mark.django_db


def test_keys_and_versions_over_a_thousand_stay_plain(client):
    with connection.cursor() as cursor:
        for table in ("orders_servicestage", "orders_serviceorder", "orders_serviceorderline"):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 1234567)")
    stages = make_stages()
    order = make_done_order()
    assert order.pk > 1_000_000
    client.force_login(user_in(MANAGER))
    for path in (f"/orders/{order.number}/", f"/orders/post/?orders={order.pk}", "/orders/?tab=post"):
        text = client.get(path).content.decode()
        assert "1,234" not in text and "1.234" not in text, path
    other = make_order()
    type(other).objects.filter(pk=other.pk).update(version=1500)
    assert 'name="version" value="1500"' in client.get(f"/orders/{other.number}/").content.decode()
    assert move(fresh(other), "INPROCESS").stage == stages["INPROCESS"]
