"""What is open of an item is judged however it came to differ: by the item's insert, its change, or a settlement."""

from django.db import migrations

GUARD = """
CREATE OR REPLACE FUNCTION projects_item_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint[];
    wrong record;
BEGIN
    IF TG_TABLE_NAME = 'projects_settlement' THEN
        touched := ARRAY[NEW.debit_id, NEW.credit_id];
    ELSE
        touched := ARRAY[NEW.id];
    END IF;
    SELECT coalesce(item.label, key::text) AS label INTO wrong FROM unnest(touched) AS key
      LEFT JOIN projects_customeritem AS item ON item.id = key
     CROSS JOIN LATERAL (
           SELECT coalesce(sum(amount), 0) AS amount, coalesce(sum(company), 0) AS company FROM (
               SELECT amount, debit_company AS company FROM projects_settlement WHERE debit_id = key
               UNION ALL
               SELECT -amount, -credit_company FROM projects_settlement WHERE credit_id = key) AS settlement
           ) AS settled
     WHERE item.id IS NULL
        OR (item.amount - settled.amount, item.company_amount - settled.company) <> (item.open, item.company_open)
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'item % is open by another amount than its settlements leave', wrong.label
            USING ERRCODE = 'check_violation', CONSTRAINT = 'customeritem_open_is_what_is_left',
            TABLE = 'projects_customeritem';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER customeritem_opens_as_a_whole AFTER INSERT ON projects_customeritem
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.open <> NEW.amount OR NEW.company_open <> NEW.company_amount)
    EXECUTE FUNCTION projects_item_adds_up();
CREATE CONSTRAINT TRIGGER settlement_lowers_what_is_open AFTER INSERT ON projects_settlement
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION projects_item_adds_up();
"""
BACK = """
DROP TRIGGER settlement_lowers_what_is_open ON projects_settlement;
DROP TRIGGER customeritem_opens_as_a_whole ON projects_customeritem;
CREATE OR REPLACE FUNCTION projects_item_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""


class Migration(migrations.Migration):
    dependencies = [("projects", "0014_documents_are_complete")]

    operations = [migrations.RunSQL(GUARD, BACK)]
