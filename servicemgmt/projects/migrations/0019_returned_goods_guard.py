from django.db import migrations

#: Of goods that were used, no more comes back than was used, however many return them at once.
GUARD = """
CREATE FUNCTION projects_returns_within_use() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    used numeric;
BEGIN
    SELECT quantity INTO used FROM projects_transaction WHERE id = NEW.adjusts_id FOR NO KEY UPDATE;
    IF used > 0 AND used + NEW.quantity
        + (SELECT coalesce(sum(quantity), 0) FROM projects_transaction WHERE adjusts_id = NEW.adjusts_id) < 0 THEN
        RAISE EXCEPTION 'more goods come back than were used'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER transaction_returns_no_more_than_was_used BEFORE INSERT ON projects_transaction
    FOR EACH ROW WHEN (NEW.adjusts_id IS NOT NULL AND NEW.kind = 'ITEM' AND NEW.quantity < 0)
    EXECUTE FUNCTION projects_returns_within_use();
"""
BACK = """
DROP TRIGGER transaction_returns_no_more_than_was_used ON projects_transaction;
DROP FUNCTION projects_returns_within_use();
"""


class Migration(migrations.Migration):
    dependencies = [("projects", "0018_discounts")]

    operations = [migrations.RunSQL(GUARD, BACK)]
