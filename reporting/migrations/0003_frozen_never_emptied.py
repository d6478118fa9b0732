"""Databases made before: tables of frozen rows refuse TRUNCATE as well."""

from django.db import migrations

from servicemgmt.core.guards import FROZEN_FUNCTION

GUARD = """
DO $$
DECLARE
    guarded record;
BEGIN
    FOR guarded IN
        SELECT tgrelid::regclass AS place, min(left(tgname, 55)) AS name FROM pg_trigger
         WHERE tgfoid = 'core_frozen'::regproc AND tgtype & 9 = 9
           AND NOT EXISTS (SELECT FROM pg_trigger other WHERE other.tgrelid = pg_trigger.tgrelid AND tgtype & 32 = 32)
         GROUP BY tgrelid
    LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION core_frozen()',
                       guarded.name || '_emptied', guarded.place);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0002_work_of_requirements"),
        ("projects", "0010_posted_proposals_frozen"),
        ("orders", "0010_posted_lines_frozen"),
        ("ledger", "0002_guards"),
        ("inventory", "0002_guards"),
        ("agreements", "0006_boms_guarded"),
    ]

    operations = [
        migrations.RunSQL(FROZEN_FUNCTION, migrations.RunSQL.noop),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
    ]
