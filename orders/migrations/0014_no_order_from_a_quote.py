"""No order is made from an agreement that nobody agreed to."""

from django.db import migrations

from agreements.quoting.guards import only_agreed


class Migration(migrations.Migration):
    dependencies = [("orders", "0013_order_work"), ("agreements", "0016_quotes_guarded")]

    operations = [only_agreed("order_of_agreed_agreement", "orders_serviceorder")]
