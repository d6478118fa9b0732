"""A posted line stays as it was. The one door: it is Created again once its transaction is reversed.

One that its item requirement posted is Created again with that.
"""

from django.db import migrations

from servicemgmt.core.guards import never_emptied

LINES = """
CREATE FUNCTION orders_posted_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    undone CONSTANT text[] := ARRAY['status', 'transaction_id', 'signed_off_at', 'version'];
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.status = 'CREATED' AND to_jsonb(NEW) - undone = to_jsonb(OLD) - undone
        AND (OLD.requirement_id IS NOT NULL
             OR EXISTS (SELECT FROM projects_transaction WHERE id = OLD.transaction_id AND status = 'REVERSED'))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the posted % is frozen: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER orderline_posted_is_frozen BEFORE DELETE OR UPDATE ON orders_serviceorderline
    FOR EACH ROW WHEN (OLD.status = 'POSTED') EXECUTE FUNCTION orders_posted_line();
""" + never_emptied("orderline_posted_is_frozen", "orders_serviceorderline")
LINES_BACK = """
DROP TRIGGER orderline_posted_is_frozen_emptied ON orders_serviceorderline;
DROP TRIGGER orderline_posted_is_frozen ON orders_serviceorderline;
DROP FUNCTION orders_posted_line();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0009_lines_of_requirements"), ("projects", "0009_coverage_reason")]

    operations = [migrations.RunSQL(LINES, LINES_BACK)]
