"""Posted money is frozen: transactions but for their status and where they were invoiced, invoices altogether."""

from django.db import migrations

from servicemgmt.core.guards import frozen

TRANSACTION_FACTS = [
    "kind", "source", "project_id", "customer_id", "category_id", "line_property_id", "coverage", "worker_id",
    "item_id", "unit_id", "tax_group_id", "executed_on", "service_period", "text", "quantity", "cost_price",
    "cost_amount", "cost_currency_id", "covered_amount", "currency_id", "sales_price", "sales_amount", "price_reason", "adjusts_id", "voucher_id",
    "posted_at", "posted_by_id",
]  # fmt: skip
ITEM_FACTS = [
    "customer_id", "currency_id", "kind", "label", "invoice_id", "payment_id", '"on"', "due_on", "exchange_rate",
    "amount", "company_amount", "voucher_id", "dated",
]  # fmt: skip
SLICE_FACTS = [
    "transaction_id", "line_id", "rule_id", "cuts_id", "starts_on", "ends_on", "amount", "company_amount",
    "deferred_account_id", "revenue_account_id",
]  # fmt: skip

#: What is completed is posted: only its completion may change.
MILESTONES = """
CREATE TRIGGER milestone_completed_is_frozen
    BEFORE DELETE OR UPDATE OF project_id, description, due_on, amount, category_id ON projects_milestone
    FOR EACH ROW WHEN (OLD.transaction_id IS NOT NULL) EXECUTE FUNCTION core_frozen();
"""
MILESTONES_BACK = "DROP TRIGGER milestone_completed_is_frozen ON projects_milestone;"


class Migration(migrations.Migration):
    dependencies = [("projects", "0001_initial"), ("core", "0002_guards")]

    operations = [
        frozen("transaction_frozen", "projects_transaction", columns=TRANSACTION_FACTS),
        frozen(
            "transaction_place_frozen",
            "projects_transaction",
            columns=["site_id", "agreement_number"],
            delete=False,
        ),
        frozen(
            "transaction_accrual_frozen", "projects_transaction", columns=["accrual_rule_id"], delete=False
        ),
        frozen("invoice_frozen", "projects_invoice"),
        frozen("invoiceline_frozen", "projects_invoiceline"),
        frozen("invoicetax_frozen", "projects_invoicetax"),
        frozen("customeritem_frozen", "projects_customeritem", columns=ITEM_FACTS),
        frozen("payment_frozen", "projects_payment"),
        frozen("settlement_frozen", "projects_settlement"),
        frozen("requirementstep_append_only", "projects_requirementstep"),
        frozen("reminder_frozen", "projects_reminder"),
        frozen("reminderline_frozen", "projects_reminderline"),
        frozen("accrualslice_frozen", "projects_accrualslice", columns=SLICE_FACTS, delete=False),
        frozen("accrualposting_frozen", "projects_accrualposting"),
        migrations.RunSQL(MILESTONES, MILESTONES_BACK),
    ]
