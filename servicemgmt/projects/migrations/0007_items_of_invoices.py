"""Customer items of the invoices posted so far: a credit note is settled with its invoice, all else is open."""

from django.db import migrations

ITEMS = """
INSERT INTO projects_customeritem
    (customer_id, currency_id, kind, label, invoice_id, "on", due_on, exchange_rate,
     amount, company_amount, open, company_open)
SELECT customer_id, currency_id, kind, number, id, invoice_date, due_date, exchange_rate,
       gross, company_gross, gross, company_gross
FROM projects_invoice ORDER BY invoice_date, id;
INSERT INTO projects_settlement (debit_id, credit_id, "on", amount, debit_company, credit_company, difference)
SELECT owed.id, note.id, note."on", -note.amount, -note.company_amount, -note.company_amount, 0
FROM projects_customeritem AS note
JOIN projects_invoice AS posted ON posted.id = note.invoice_id
JOIN projects_customeritem AS owed ON owed.invoice_id = posted.credits_id
WHERE note.amount < 0 AND owed.amount > 0;
UPDATE projects_customeritem AS item SET open = item.open - taken.amount,
       company_open = item.company_open - taken.company
FROM (
    SELECT item, sum(amount) AS amount, sum(company) AS company FROM (
        SELECT debit_id AS item, amount, debit_company AS company FROM projects_settlement
        UNION ALL
        SELECT credit_id, -amount, -credit_company FROM projects_settlement
    ) AS settled GROUP BY item
) AS taken
WHERE taken.item = item.id;
SET CONSTRAINTS ALL IMMEDIATE;
"""
#: An installation that numbers vouchers numbers payments too.
SEQUENCE = """
INSERT INTO core_numbersequence (code, description, prefix, digits, is_gapless, version)
SELECT 'payment', 'Payments', 'PAY-', 5, true, 1 WHERE EXISTS (SELECT FROM core_numbersequence WHERE code = 'voucher')
ON CONFLICT DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [("projects", "0006_customer_item_guards"), ("core", "0004_user_board_layout")]

    operations = [
        migrations.RunSQL(ITEMS, migrations.RunSQL.noop),
        migrations.RunSQL(SEQUENCE, migrations.RunSQL.noop),
    ]
