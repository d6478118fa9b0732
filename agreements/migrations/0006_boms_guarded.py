"""Templates in use stay as they are (TB-04), BOMs are trees, and lines change only as their history says."""

from django.db import migrations

from servicemgmt.core.guards import frozen

LOCKED_FUNCTION = """
CREATE FUNCTION agreements_template_locked() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint;
BEGIN
    IF TG_OP = 'INSERT' THEN
        wanted := (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
    ELSE
        wanted := (to_jsonb(OLD) ->> TG_ARGV[0])::bigint;
    END IF;
    IF EXISTS (SELECT FROM agreements_servicebom WHERE template_id = wanted AND removed_at IS NULL) THEN
        RAISE EXCEPTION 'the template BOM % is in use', wanted
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
"""

HISTORY_FUNCTION = """
CREATE FUNCTION agreements_bom_follows_history() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lines bigint[];
BEGIN
    IF TG_TABLE_NAME = 'agreements_bomchange' THEN
        lines := ARRAY[NEW.active_line_id, NEW.replaced_line_id];
    ELSE
        lines := ARRAY[NEW.id];
    END IF;
    IF EXISTS (
        SELECT FROM agreements_servicebomline line
         WHERE line.id = ANY (lines)
           AND line.quantity <> CASE WHEN line.is_original THEN line.first_quantity ELSE 0 END + (
                SELECT coalesce(sum(CASE
                    WHEN change.active_line_id = line.id AND change.replaced_line_id IS DISTINCT FROM line.id
                    THEN change.quantity ELSE change.quantity_left - change.quantity_before END), 0)
                  FROM agreements_bomchange change
                 WHERE change.active_line_id = line.id OR change.replaced_line_id = line.id))
    THEN
        RAISE EXCEPTION 'a BOM line differs from its history'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
"""


def acyclic(name: str, table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE OF parent_id ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION agreements_acyclic();",
        f"DROP TRIGGER {name} ON {table};",
    )


def within(name: str, table: str, owner: str) -> migrations.RunSQL:
    """A line hangs below a line of the same BOM."""
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_of_{owner} UNIQUE ({owner}, id);"
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({owner}, parent_id) "
        f"REFERENCES {table} ({owner}, id) DEFERRABLE INITIALLY DEFERRED;",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}; ALTER TABLE {table} DROP CONSTRAINT {table}_of_{owner};",
    )


def locked(name: str, table: str, column: str, events: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER {name} BEFORE {events} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION agreements_template_locked('{column}');",
        f"DROP TRIGGER {name} ON {table};",
    )


def follows_history(name: str, table: str, events: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE CONSTRAINT TRIGGER {name} AFTER {events} ON {table} DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION agreements_bom_follows_history();",
        f"DROP TRIGGER {name} ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [("agreements", "0005_boms"), ("core", "0002_guards")]

    operations = [
        migrations.RunSQL(LOCKED_FUNCTION, "DROP FUNCTION agreements_template_locked;"),
        locked("templatebom_locked", "agreements_templatebom", "id", "UPDATE OR DELETE"),
        locked(
            "templatebomline_locked",
            "agreements_templatebomline",
            "template_id",
            "INSERT OR UPDATE OR DELETE",
        ),
        acyclic("templatebomline_acyclic", "agreements_templatebomline"),
        acyclic("servicebomline_acyclic", "agreements_servicebomline"),
        within("templatebomline_within_its_bom", "agreements_templatebomline", "template_id"),
        within("servicebomline_within_its_bom", "agreements_servicebomline", "bom_id"),
        frozen("bomchange_append_only", "agreements_bomchange"),
        frozen("servicebom_keeps_its_source", "agreements_servicebom", columns=["template_id", "service_object_id"]),
        frozen(
            "servicebomline_only_quantity_changes",
            "agreements_servicebomline",
            columns=["bom_id", "parent_id", "item_id", "unit_id", "lot_number", "first_quantity", "is_original"],
        ),
        migrations.RunSQL(HISTORY_FUNCTION, "DROP FUNCTION agreements_bom_follows_history;"),
        follows_history(
            "servicebomline_follows_its_history", "agreements_servicebomline", "INSERT OR UPDATE OF quantity"
        ),
        follows_history("bomchange_is_in_its_lines", "agreements_bomchange", "INSERT"),
    ]
