from django.db import migrations

from servicemgmt.core.guards import frozen


class Migration(migrations.Migration):
    dependencies = [("projects", "0008_item_requirements"), ("core", "0002_guards")]

    operations = [frozen("requirementstep_append_only", "projects_requirementstep")]
