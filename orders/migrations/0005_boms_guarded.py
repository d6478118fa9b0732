"""A service BOM belongs to one related object, of an agreement or of an order, and that is the one it is of."""

from django.db import migrations

from servicemgmt.core.guards import frozen

HOLDER_FUNCTION = """
CREATE FUNCTION orders_bom_one_holder() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM agreements_agreementobject
                WHERE service_bom_id = NEW.service_bom_id
                  AND (TG_TABLE_NAME <> 'agreements_agreementobject' OR id <> NEW.id))
        OR EXISTS (SELECT FROM orders_orderobject
                    WHERE service_bom_id = NEW.service_bom_id
                      AND (TG_TABLE_NAME <> 'orders_orderobject' OR id <> NEW.id))
    THEN
        RAISE EXCEPTION 'the service BOM belongs to another related object'
            USING ERRCODE = 'unique_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    IF NOT EXISTS (SELECT FROM agreements_servicebom
                    WHERE id = NEW.service_bom_id AND removed_at IS NULL
                      AND service_object_id = NEW.service_object_id)
    THEN
        RAISE EXCEPTION 'the service BOM is of another object, or deleted'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
"""


def one_holder(name: str, table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE OF service_bom_id, service_object_id ON {table} "
        "FOR EACH ROW WHEN (NEW.service_bom_id IS NOT NULL) EXECUTE FUNCTION orders_bom_one_holder();",
        f"DROP TRIGGER {name} ON {table};",
    )


def stays(name: str, table: str) -> migrations.RunSQL:
    """What has a service BOM is not taken off before it is moved or deleted."""
    return migrations.RunSQL(
        f"CREATE TRIGGER {name} BEFORE DELETE ON {table} FOR EACH ROW "
        "WHEN (OLD.service_bom_id IS NOT NULL) EXECUTE FUNCTION core_frozen();",
        f"DROP TRIGGER {name} ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_boms"), ("agreements", "0006_boms_guarded"), ("core", "0002_guards")]

    operations = [
        migrations.RunSQL(HOLDER_FUNCTION, "DROP FUNCTION orders_bom_one_holder;"),
        one_holder("agreementobject_bom_one_holder", "agreements_agreementobject"),
        one_holder("orderobject_bom_one_holder", "orders_orderobject"),
        stays("agreementobject_keeps_its_bom", "agreements_agreementobject"),
        stays("orderobject_keeps_its_bom", "orders_orderobject"),
        frozen("bomchangeonorder_append_only", "orders_bomchangeonorder"),
    ]
