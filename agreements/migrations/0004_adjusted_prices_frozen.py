"""What a batch of prices was prepared with stays as it was."""

from django.db import migrations

from servicemgmt.core.guards import frozen


class Migration(migrations.Migration):
    dependencies = [("agreements", "0003_life_of_an_agreement")]

    operations = [frozen("adjustmentrow_frozen", "agreements_adjustmentrow", delete=False)]
