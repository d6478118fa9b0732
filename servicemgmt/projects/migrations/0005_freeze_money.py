"""The columns added to transactions are frozen like the rest."""

from django.db import migrations

from servicemgmt.core.guards import frozen

ADDED = ["covered_amount", "cost_currency_id"]


class Migration(migrations.Migration):
    dependencies = [("projects", "0004_money")]

    operations = [frozen("transaction_money_frozen", "projects_transaction", columns=ADDED, delete=False)]
