"""SQL that freezes rows, for migrations. The trigger's name is what `refusing(...)` knows the refusal by."""

from collections.abc import Sequence

from django.db.migrations import RunSQL

FROZEN_FUNCTION = """
CREATE OR REPLACE FUNCTION core_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Tests empty the database between two of them.
    IF TG_OP = 'TRUNCATE' AND current_setting('servicemgmt.may_empty', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is frozen: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;
"""


def frozen(name: str, table: str, *, columns: Sequence[str] = (), delete: bool = True) -> RunSQL:
    """A trigger `name` that refuses UPDATE (of the columns, or at all) and DELETE of the table's rows; TRUNCATE too."""
    return _refusing(name, table, columns, delete, "")


def frozen_while(
    name: str, table: str, condition: str, *, columns: Sequence[str] = (), delete: bool = True
) -> RunSQL:
    """The same for the rows of which `condition` holds: SQL about OLD."""
    return _refusing(name, table, columns, delete, f"WHEN ({condition})")


def _refusing(name: str, table: str, columns: Sequence[str], delete: bool, when: str) -> RunSQL:
    update = f"UPDATE OF {', '.join(columns)}" if columns else "UPDATE"
    events = f"DELETE OR {update}" if delete else update
    make = f"CREATE TRIGGER {name} BEFORE {events} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION core_frozen();"
    drop = f"DROP TRIGGER {name} ON {table};"
    if delete:
        make += never_emptied(name, table)
        drop += f"DROP TRIGGER IF EXISTS {emptied(name)} ON {table};"
    return RunSQL(make, drop)


def emptied(name: str) -> str:
    """The trigger beside `name` that refuses TRUNCATE."""
    return f"{name[:55]}_emptied"


def never_emptied(name: str, table: str) -> str:
    """SQL that makes it."""
    return f"""
    CREATE TRIGGER {emptied(name)} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION core_frozen();
    """
