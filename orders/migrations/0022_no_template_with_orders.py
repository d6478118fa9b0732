"""An agreement with orders never becomes a template (AG-07)."""

from django.db import migrations

from agreements.quoting.guards import no_template_with


class Migration(migrations.Migration):
    dependencies = [("orders", "0021_hours_leave_time"), ("agreements", "0022_contracts_only")]

    operations = [no_template_with("agreement_with_orders_no_template", "orders_serviceorder")]
