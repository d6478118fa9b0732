from django.db import migrations

from servicemgmt.core.guards import frozen


class Migration(migrations.Migration):
    dependencies = [("agreements", "0004_serial_swaps"), ("core", "0002_guards")]

    operations = [frozen("serialswap_append_only", "agreements_serialswap")]
