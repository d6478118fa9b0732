"""What is said of serial pieces on a line is a number for each of them, none twice."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION orders_a_number_per_piece() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    numbers text[];
BEGIN
    IF EXISTS (SELECT FROM masterdata_item WHERE id = NEW.item_id AND tracking = 'SERIAL') THEN
        numbers := regexp_split_to_array(NEW.lot_number, ',\\s*');
        IF cardinality(numbers) <> NEW.quantity
            OR cardinality(numbers) <> (SELECT count(DISTINCT number) FROM unnest(numbers) AS number)
        THEN
            RAISE EXCEPTION 'a serial number for each piece'
                USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
        END IF;
    END IF;
    RETURN NEW;
END $$;
"""
TRIGGER = """
CREATE TRIGGER orderline_a_number_per_piece BEFORE INSERT OR UPDATE OF lot_number, quantity, item_id
ON orders_serviceorderline FOR EACH ROW WHEN (NEW.lot_number <> '')
EXECUTE FUNCTION orders_a_number_per_piece();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0007_several_pieces")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION orders_a_number_per_piece();"),
        migrations.RunSQL(
            TRIGGER, "DROP TRIGGER orderline_a_number_per_piece ON orders_serviceorderline;"
        ),
    ]
