"""What an opening item is of is frozen too."""

from django.db import migrations

from servicemgmt.core.guards import frozen

FACTS = [
    "customer_id", "currency_id", "kind", "label", "invoice_id", "payment_id", '"on"', "due_on", "exchange_rate",
    "amount", "company_amount",
]  # fmt: skip
BEFORE = frozen("customeritem_frozen", "projects_customeritem", columns=FACTS)


class Migration(migrations.Migration):
    dependencies = [("projects", "0022_opening_items")]

    operations = [
        migrations.RunSQL(BEFORE.reverse_sql, BEFORE.sql),
        frozen("customeritem_frozen", "projects_customeritem", columns=[*FACTS, "voucher_id", "dated"]),
    ]
