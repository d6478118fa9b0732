"""Trees without cycles; a line's object and task only from the relations of its own agreement (AG-10)."""

from django.db import migrations

from servicemgmt.core.guards import frozen

ACYCLIC_FUNCTION = """
CREATE OR REPLACE FUNCTION agreements_acyclic() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found boolean;
BEGIN
    IF NEW.parent_id IS NULL THEN
        RETURN NEW;
    END IF;
    -- Two people who hang A under B and B under A at once must meet here.
    PERFORM pg_advisory_xact_lock(hashtext(TG_NAME));
    EXECUTE format(
        'WITH RECURSIVE above(id) AS (
            SELECT $1::bigint UNION SELECT t.parent_id FROM %I t JOIN above a ON t.id = a.id
             WHERE t.parent_id IS NOT NULL)
         SELECT EXISTS (SELECT 1 FROM above WHERE id = $2)', TG_TABLE_NAME)
      INTO found USING NEW.parent_id, NEW.id;
    IF found THEN
        RAISE EXCEPTION '% would lie inside itself', TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
"""


def acyclic(name: str, table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE OF parent_id ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION agreements_acyclic();",
        f"DROP TRIGGER {name} ON {table};",
    )


def of_same_agreement(name: str, column: str, table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_of_agreement UNIQUE (agreement_id, id);"
        f"ALTER TABLE agreements_serviceagreementline ADD CONSTRAINT {name} "
        f"FOREIGN KEY (agreement_id, {column}) REFERENCES {table} (agreement_id, id);",
        f"ALTER TABLE agreements_serviceagreementline DROP CONSTRAINT {name};"
        f"ALTER TABLE {table} DROP CONSTRAINT {table}_of_agreement;",
    )


class Migration(migrations.Migration):
    dependencies = [("agreements", "0001_initial"), ("core", "0002_guards")]

    operations = [
        migrations.RunSQL(ACYCLIC_FUNCTION, "DROP FUNCTION agreements_acyclic;"),
        acyclic("templategroup_acyclic", "agreements_templategroup"),
        acyclic("serviceobject_acyclic", "agreements_serviceobject"),
        of_same_agreement("agreementline_object_is_related", "object_relation_id", "agreements_agreementobject"),
        of_same_agreement("agreementline_task_is_related", "task_relation_id", "agreements_agreementtask"),
        frozen("serialswap_append_only", "agreements_serialswap"),
    ]
