from django.db import migrations

from servicemgmt.core.guards import frozen


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial"), ("core", "0002_guards")]

    operations = [frozen("stockmove_append_only", "inventory_stockmove")]
