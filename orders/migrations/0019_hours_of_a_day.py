"""Hours that no day has and costs below nothing are refused when they are entered; what was entered before stays.

A plan, without worker or without the day it was done, may be longer; imported history is kept as it was.
"""

from django.db import migrations, models

TOO_LONG = """NEW.kind = 'HOUR' AND NEW.worker_id IS NOT NULL AND NEW.executed_on IS NOT NULL AND NEW.quantity > 24"""
BELOW = """NEW.cost_price < 0 AND NEW.origin <> 'IMPORT'"""

BOUNDS = f"""
CREATE FUNCTION orders_line_bounds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a line of % refused: %', TG_TABLE_NAME, TG_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER orderline_hours_of_a_day BEFORE INSERT ON orders_serviceorderline
    FOR EACH ROW WHEN ({TOO_LONG}) EXECUTE FUNCTION orders_line_bounds();
CREATE TRIGGER orderline_hours_of_a_day_changed BEFORE UPDATE ON orders_serviceorderline
    FOR EACH ROW WHEN ({TOO_LONG} AND (NEW.kind, NEW.worker_id, NEW.executed_on, NEW.quantity)
        IS DISTINCT FROM (OLD.kind, OLD.worker_id, OLD.executed_on, OLD.quantity))
    EXECUTE FUNCTION orders_line_bounds();
CREATE TRIGGER orderline_cost_not_negative BEFORE INSERT ON orders_serviceorderline
    FOR EACH ROW WHEN ({BELOW}) EXECUTE FUNCTION orders_line_bounds();
CREATE TRIGGER orderline_cost_not_negative_changed BEFORE UPDATE ON orders_serviceorderline
    FOR EACH ROW WHEN ({BELOW} AND NEW.cost_price IS DISTINCT FROM OLD.cost_price)
    EXECUTE FUNCTION orders_line_bounds();
"""
NO_BOUNDS = """
DROP TRIGGER orderline_cost_not_negative_changed ON orders_serviceorderline;
DROP TRIGGER orderline_cost_not_negative ON orders_serviceorderline;
DROP TRIGGER orderline_hours_of_a_day_changed ON orders_serviceorderline;
DROP TRIGGER orderline_hours_of_a_day ON orders_serviceorderline;
DROP FUNCTION orders_line_bounds();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0018_loans_guarded")]

    operations = [
        migrations.RemoveIndex(model_name="serviceorderline", name="orderline_by_worker"),
        migrations.AddIndex(
            model_name="serviceorderline",
            index=models.Index(
                condition=models.Q(("worker__isnull", False)),
                fields=["worker", "executed_on"],
                name="orderline_by_worker",
            ),
        ),
        migrations.RunSQL(BOUNDS, NO_BOUNDS),
    ]
