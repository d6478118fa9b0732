"""SQL that keeps rows off agreements that nobody agreed to, for migrations of the apps that own such rows."""

from django.db.migrations import RunSQL

ONLY_AGREED_FUNCTION = """
CREATE FUNCTION agreements_only_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found boolean;
BEGIN
    IF TG_LEVEL = 'ROW' THEN
        SELECT EXISTS (SELECT 1 FROM agreements_serviceagreement
                        WHERE id = NEW.agreement_id AND status <> 'AGREED') INTO found;
    ELSE
        SELECT EXISTS (SELECT 1 FROM agreements_serviceagreement
                        WHERE id IN (SELECT agreement_id FROM added) AND status <> 'AGREED') INTO found;
    END IF;
    IF found THEN
        RAISE EXCEPTION '%: the agreement is not agreed', TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
"""


def only_agreed(name: str, table: str) -> RunSQL:
    """Triggers `name` and `name`_changed that refuse rows of the table whose agreement is a quote or was declined.

    New rows are looked at a statement at a time. What is agreed stays so (a trigger on agreements), so that no row
    that was let in can become one that is not.
    """
    return RunSQL(
        f"""
        CREATE TRIGGER {name} AFTER INSERT ON {table} REFERENCING NEW TABLE AS added
            FOR EACH STATEMENT EXECUTE FUNCTION agreements_only_agreed();
        CREATE TRIGGER {name}_changed AFTER UPDATE OF agreement_id ON {table} FOR EACH ROW
            WHEN (NEW.agreement_id IS DISTINCT FROM OLD.agreement_id) EXECUTE FUNCTION agreements_only_agreed();
        """,
        f"DROP TRIGGER {name} ON {table}; DROP TRIGGER {name}_changed ON {table};",
    )


#: A template has neither orders nor subscriptions (AG-07), as a quote has none.
ONLY_CONTRACTS_FUNCTION = ONLY_AGREED_FUNCTION.replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
).replace("status <> 'AGREED'", "(status <> 'AGREED' OR template_group_id IS NOT NULL)")
ONLY_AGREED_AGAIN = ONLY_AGREED_FUNCTION.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


def no_template_with(name: str, table: str) -> RunSQL:
    """A trigger `name` that refuses to make a template of an agreement that rows of the table name (AG-07)."""
    return RunSQL(
        f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT FROM {table} WHERE agreement_id = NEW.id) THEN
                RAISE EXCEPTION '% has rows in {table}: it cannot be a template', NEW.number
                    USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
            END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER {name} AFTER UPDATE OF template_group_id ON agreements_serviceagreement FOR EACH ROW
            WHEN (OLD.template_group_id IS NULL AND NEW.template_group_id IS NOT NULL) EXECUTE FUNCTION {name}();
        """,
        f"DROP TRIGGER {name} ON agreements_serviceagreement; DROP FUNCTION {name}();",
    )
