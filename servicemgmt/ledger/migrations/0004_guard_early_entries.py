"""Entries come with their voucher or after it in the same transaction: none can wait for a voucher yet to be made."""

from django.db import migrations

CHECK = """
CREATE OR REPLACE FUNCTION ledger_check_same_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added LEFT JOIN ledger_voucher ON ledger_voucher.id = added.voucher_id
                WHERE ledger_voucher.xact IS DISTINCT FROM pg_current_xact_id()) THEN
        RAISE EXCEPTION 'a posted voucher takes no more entries'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'voucher_is_complete', TABLE = 'ledger_entry';
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_cost_currency")]

    operations = [migrations.RunSQL(CHECK, migrations.RunSQL.noop)]
