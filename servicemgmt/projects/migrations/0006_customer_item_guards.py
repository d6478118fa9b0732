"""Payments and settlements are frozen, items but for what is open of them; what is open is what no settlement took."""

from django.db import migrations

from servicemgmt.core.guards import frozen

ITEM_FACTS = [
    "customer_id", "currency_id", "kind", "label", "invoice_id", "payment_id", '"on"', "due_on", "exchange_rate",
    "amount", "company_amount",
]  # fmt: skip
#: Judged at commit: an item's open amounts are its amounts less all its settlements.
GUARD = """
CREATE FUNCTION projects_item_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    item projects_customeritem;
    taken numeric;
    company_taken numeric;
BEGIN
    SELECT * INTO item FROM projects_customeritem WHERE id = NEW.id;
    SELECT coalesce(sum(amount), 0), coalesce(sum(company), 0) INTO taken, company_taken FROM (
        SELECT amount, debit_company AS company FROM projects_settlement WHERE debit_id = NEW.id
        UNION ALL
        SELECT -amount, -credit_company FROM projects_settlement WHERE credit_id = NEW.id
    ) AS settled;
    IF item.amount - taken <> item.open OR item.company_amount - company_taken <> item.company_open THEN
        RAISE EXCEPTION 'item % is open by another amount than its settlements leave', item.label
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER customeritem_open_is_what_is_left
    AFTER UPDATE OF open, company_open ON projects_customeritem
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION projects_item_adds_up();
"""
UNGUARD = """
DROP TRIGGER customeritem_open_is_what_is_left ON projects_customeritem;
DROP FUNCTION projects_item_adds_up();
"""


class Migration(migrations.Migration):
    dependencies = [("projects", "0005_customer_items"), ("core", "0002_guards")]

    operations = [
        frozen("customeritem_frozen", "projects_customeritem", columns=ITEM_FACTS),
        frozen("payment_frozen", "projects_payment"),
        frozen("settlement_frozen", "projects_settlement"),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
