"""The guard of credits waits for other credits of the line, and no longer for whoever checks a key on it at commit."""

from django.db import migrations

#: As in 0004, but for the lock.
GUARD = """
CREATE OR REPLACE FUNCTION projects_credit_within_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    posted numeric;
    given_back numeric;
BEGIN
    SELECT net INTO posted FROM projects_invoiceline WHERE id = NEW.credits_id FOR {lock};
    SELECT coalesce(sum(net), 0) INTO given_back FROM projects_invoiceline WHERE credits_id = NEW.credits_id;
    IF NEW.net * posted > 0 OR abs(given_back + NEW.net) > abs(posted) THEN
        RAISE EXCEPTION 'more is credited than was invoiced'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("projects", "0024_reminder_fees")]

    operations = [migrations.RunSQL(GUARD.format(lock="NO KEY UPDATE"), GUARD.format(lock="UPDATE"))]
