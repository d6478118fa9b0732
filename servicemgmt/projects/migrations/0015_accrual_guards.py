"""Slices add up to their line, are frozen but for status and voucher, and go only when nothing waits in them."""

from django.db import migrations

from servicemgmt.core.guards import frozen

SLICE_FACTS = [
    "transaction_id", "line_id", "rule_id", "cuts_id", "starts_on", "ends_on", "amount", "company_amount",
    "deferred_account_id", "revenue_account_id",
]  # fmt: skip

SUMS = """
CREATE FUNCTION projects_check_slices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT line_id FROM touched) AS of_line
          LEFT JOIN projects_invoiceline AS line ON line.id = of_line.line_id
         CROSS JOIN LATERAL (
               SELECT count(*) AS n, sum(amount) AS amount, sum(company_amount) AS company_amount
                 FROM projects_accrualslice WHERE line_id = of_line.line_id) AS slices
         WHERE slices.n > 0
           AND (slices.amount IS DISTINCT FROM line.net OR slices.company_amount IS DISTINCT FROM line.company_net)
    ) THEN
        RAISE EXCEPTION 'the slices of an invoiced line add up to it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'accrualslices_add_up', TABLE = 'projects_accrualslice';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER accrualslices_add_up AFTER INSERT ON projects_accrualslice
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION projects_check_slices();
CREATE TRIGGER accrualslices_left_add_up AFTER DELETE ON projects_accrualslice
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION projects_check_slices();

CREATE TRIGGER accrualslice_open_stays BEFORE DELETE ON projects_accrualslice
    FOR EACH ROW WHEN (OLD.status = 'OPEN') EXECUTE FUNCTION core_frozen();
"""

NO_SUMS = """
DROP TRIGGER accrualslice_open_stays ON projects_accrualslice;
DROP TRIGGER accrualslices_left_add_up ON projects_accrualslice;
DROP TRIGGER accrualslices_add_up ON projects_accrualslice;
DROP FUNCTION projects_check_slices();
"""


class Migration(migrations.Migration):
    dependencies = [("projects", "0014_accruals"), ("core", "0002_guards")]

    operations = [
        migrations.RunSQL(SUMS, NO_SUMS),
        frozen("accrualslice_frozen", "projects_accrualslice", columns=SLICE_FACTS, delete=False),
        frozen("accrualposting_frozen", "projects_accrualposting"),
        frozen(
            "transaction_accrual_frozen", "projects_transaction", columns=["accrual_rule_id"], delete=False
        ),
    ]
