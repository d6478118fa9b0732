from django.db import migrations, models

from servicemgmt.core.guards import frozen


class Migration(migrations.Migration):
    dependencies = [("projects", "0008_waived_fees"), ("core", "0002_guards")]

    operations = [
        migrations.AddField(
            model_name="transaction",
            name="coverage_reason",
            field=models.CharField(blank=True, db_default="", max_length=120, verbose_name="why not charged"),
        ),
        frozen(
            "transaction_reason_frozen", "projects_transaction", columns=["coverage_reason"], delete=False
        ),
    ]
