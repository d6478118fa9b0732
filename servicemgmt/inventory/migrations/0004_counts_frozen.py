from django.db import migrations

#: A sheet that is posted or dropped is what somebody answered for: neither it nor its lines change any more.
FUNCTION = """
CREATE FUNCTION inventory_count_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT status FROM inventory_stockcount WHERE id = OLD.count_id) = 'OPEN' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION 'lines of a closed count are frozen: % refused', TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;
"""
TRIGGERS = """
CREATE TRIGGER stockcountline_frozen_when_closed BEFORE UPDATE OR DELETE ON inventory_stockcountline
    FOR EACH ROW EXECUTE FUNCTION inventory_count_closed();
CREATE TRIGGER stockcount_frozen_when_closed BEFORE UPDATE OR DELETE ON inventory_stockcount
    FOR EACH ROW WHEN (OLD.status <> 'OPEN') EXECUTE FUNCTION core_frozen();
"""
BACK = """
DROP TRIGGER stockcount_frozen_when_closed ON inventory_stockcount;
DROP TRIGGER stockcountline_frozen_when_closed ON inventory_stockcountline;
DROP FUNCTION inventory_count_closed();
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0003_stock_counts"), ("core", "0002_guards")]

    operations = [migrations.RunSQL(FUNCTION + TRIGGERS, BACK)]
