"""A signature stays what it was."""

from django.db import migrations

from servicemgmt.core.guards import frozen


class Migration(migrations.Migration):
    dependencies = [("agreements", "0017_signatures")]

    operations = [frozen("agreementsignature_frozen", "agreements_agreementsignature")]
