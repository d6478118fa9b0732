"""A signature keeps the names and addresses printed around it, as frozen as itself."""

from django.db import migrations, models

from servicemgmt.core.guards import frozen


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_guards"), ("core", "0002_guards")]

    operations = [
        migrations.AddField(
            model_name="signoff",
            name="printed",
            field=models.JSONField(
                default=dict, help_text="Names and addresses on the receipt as they stood."
            ),
        ),
        frozen("signoff_print_frozen", "orders_signoff", columns=["printed"], delete=False),
    ]
