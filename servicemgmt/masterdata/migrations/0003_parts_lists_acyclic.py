"""No item is a part of itself, over all levels and days of parts lists."""

from django.db import migrations

ACYCLIC = """
CREATE FUNCTION masterdata_parts_acyclic() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Two people who make each a part of the other at once must meet here.
    PERFORM pg_advisory_xact_lock(hashtext(TG_NAME));
    IF EXISTS (
        WITH RECURSIVE inside(item_id) AS (
            SELECT NEW.part_id
            UNION
            SELECT line.part_id FROM inside
              JOIN masterdata_partslist list ON list.item_id = inside.item_id
              JOIN masterdata_partslistline line ON line.parts_list_id = list.id)
        SELECT FROM inside JOIN masterdata_partslist list ON list.item_id = inside.item_id
         WHERE list.id = NEW.parts_list_id)
    THEN
        RAISE EXCEPTION 'an item would be a part of itself'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER partslistline_acyclic BEFORE INSERT OR UPDATE ON masterdata_partslistline
    FOR EACH ROW EXECUTE FUNCTION masterdata_parts_acyclic();
"""


class Migration(migrations.Migration):
    dependencies = [("masterdata", "0002_parts_lists")]

    operations = [
        migrations.RunSQL(
            ACYCLIC,
            "DROP TRIGGER partslistline_acyclic ON masterdata_partslistline;"
            "DROP FUNCTION masterdata_parts_acyclic;",
        )
    ]
