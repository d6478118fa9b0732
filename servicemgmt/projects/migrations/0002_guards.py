"""Posted money is frozen: transactions but for their status and where they were invoiced, invoices altogether."""

from django.db import migrations

from servicemgmt.core.guards import frozen

TRANSACTION_FACTS = [
    "kind", "source", "project_id", "customer_id", "category_id", "line_property_id", "coverage", "worker_id",
    "item_id", "unit_id", "tax_group_id", "executed_on", "service_period", "text", "quantity", "cost_price",
    "cost_amount", "cost_currency_id", "covered_amount", "currency_id", "sales_price", "sales_amount", "price_reason", "adjusts_id", "voucher_id",
    "posted_at", "posted_by_id",
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("projects", "0001_initial"), ("core", "0002_guards")]

    operations = [
        frozen("transaction_frozen", "projects_transaction", columns=TRANSACTION_FACTS),
        frozen("invoice_frozen", "projects_invoice"),
        frozen("invoiceline_frozen", "projects_invoiceline"),
        frozen("invoicetax_frozen", "projects_invoicetax"),
    ]
