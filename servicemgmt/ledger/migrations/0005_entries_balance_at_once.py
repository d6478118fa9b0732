"""Entries balance by voucher as they are inserted, not once at commit: what was checked can then be added to no more."""

from django.db import migrations

GUARD = """
CREATE FUNCTION ledger_check_entries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    SELECT sums.*, voucher.number, voucher.xact IS NOT DISTINCT FROM pg_current_xact_id() AS is_new INTO wrong
      FROM (SELECT voucher_id, sum(amount) AS amount, sum(company_amount) AS company_amount
              FROM added GROUP BY voucher_id) AS sums
      LEFT JOIN ledger_voucher AS voucher ON voucher.id = sums.voucher_id
     WHERE voucher.xact IS DISTINCT FROM pg_current_xact_id() OR sums.amount <> 0 OR sums.company_amount <> 0
     LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF NOT wrong.is_new THEN
        RAISE EXCEPTION 'a posted voucher takes no more entries'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'voucher_is_complete', TABLE = TG_TABLE_NAME;
    END IF;
    RAISE EXCEPTION 'entries of voucher % do not balance: % / %', wrong.number, wrong.amount, wrong.company_amount
        USING ERRCODE = 'check_violation', CONSTRAINT = 'voucher_balances', TABLE = TG_TABLE_NAME;
END $$;

CREATE TRIGGER voucher_is_complete_and_balances AFTER INSERT ON ledger_entry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_entries();

DROP TRIGGER voucher_is_complete ON ledger_entry;
DROP FUNCTION ledger_check_same_transaction();
DROP TRIGGER voucher_balances ON ledger_voucher;
DROP FUNCTION ledger_check_balance();
"""

BACK = """
CREATE FUNCTION ledger_check_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    off record;
BEGIN
    SELECT sum(amount) AS amount, sum(company_amount) AS company_amount INTO off
      FROM ledger_entry WHERE voucher_id = NEW.id;
    IF off.amount <> 0 OR off.company_amount <> 0 THEN
        RAISE EXCEPTION 'voucher % does not balance: % / %', NEW.number, off.amount, off.company_amount
            USING ERRCODE = 'check_violation', CONSTRAINT = 'voucher_balances', TABLE = 'ledger_voucher';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER voucher_balances AFTER INSERT ON ledger_voucher
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_balance();

CREATE FUNCTION ledger_check_same_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added LEFT JOIN ledger_voucher ON ledger_voucher.id = added.voucher_id
                WHERE ledger_voucher.xact IS DISTINCT FROM pg_current_xact_id()) THEN
        RAISE EXCEPTION 'a posted voucher takes no more entries'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'voucher_is_complete', TABLE = 'ledger_entry';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER voucher_is_complete AFTER INSERT ON ledger_entry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_same_transaction();

DROP TRIGGER voucher_is_complete_and_balances ON ledger_entry;
DROP FUNCTION ledger_check_entries();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_rates_only_where_taxed")]

    operations = [migrations.RunSQL(GUARD, BACK)]
