"""SQL that freezes rows, for migrations. The trigger's name is what `refusing(...)` knows the refusal by."""

from collections.abc import Sequence

from django.db.migrations import RunSQL

FROZEN_FUNCTION = """
CREATE OR REPLACE FUNCTION core_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is frozen: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;
"""


def frozen(name: str, table: str, *, columns: Sequence[str] = (), delete: bool = True) -> RunSQL:
    """A trigger `name` that refuses UPDATE (of the columns, or at all) and DELETE of the table's rows."""
    update = f"UPDATE OF {', '.join(columns)}" if columns else "UPDATE"
    events = f"DELETE OR {update}" if delete else update
    return RunSQL(
        f"CREATE TRIGGER {name} BEFORE {events} ON {table} FOR EACH ROW EXECUTE FUNCTION core_frozen();",
        f"DROP TRIGGER {name} ON {table};",
    )
