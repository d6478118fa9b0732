"""Rows that the database freezes, and the functions that hand out numbers."""

from django.db import migrations

from servicemgmt.core.guards import FROZEN_FUNCTION, frozen

SEQUENCES = """
CREATE FUNCTION core_make_sequence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT NEW.is_gapless THEN
        EXECUTE format('CREATE SEQUENCE IF NOT EXISTS %I', 'number_' || NEW.code);
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER numbersequence_makes_sequence AFTER INSERT OR UPDATE ON core_numbersequence
    FOR EACH ROW EXECUTE FUNCTION core_make_sequence();

CREATE FUNCTION core_take_gapless(wanted text, of_year int, amount int) RETURNS bigint LANGUAGE sql AS $$
    INSERT INTO core_numbercounter AS counter (sequence_id, year, next) VALUES (wanted, of_year, 1 + amount)
    ON CONFLICT (sequence_id, year) DO UPDATE SET next = counter.next + amount
    RETURNING next - amount;
$$;

CREATE FUNCTION core_next_number(wanted text) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT prefix || lpad(n::text, greatest(digits, length(n::text)), '0')
      FROM core_numbersequence, LATERAL (SELECT nextval(format('%I', 'number_' || wanted)) AS n) AS drawn
     WHERE code = wanted;
$$;
"""

NO_SEQUENCES = """
DROP FUNCTION core_next_number(text);
DROP FUNCTION core_take_gapless(text, int, int);
DROP TRIGGER numbersequence_makes_sequence ON core_numbersequence;
DROP FUNCTION core_make_sequence();
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.RunSQL(FROZEN_FUNCTION, "DROP FUNCTION core_frozen();"),
        frozen("event_append_only", "core_event"),
        frozen("clientwrite_append_only", "core_clientwrite"),
        frozen("attachment_frozen", "core_attachment"),
        migrations.RunSQL(SEQUENCES, NO_SEQUENCES),
    ]
