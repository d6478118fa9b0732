"""Double entry kept by the database: balanced, complete within its transaction, frozen, in an open period."""

from django.db import migrations

from servicemgmt.core.guards import frozen

BALANCE = """
ALTER TABLE ledger_voucher ADD COLUMN xact xid8 NOT NULL DEFAULT pg_current_xact_id();

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
"""

NO_BALANCE = """
DROP TRIGGER voucher_is_complete ON ledger_entry;
DROP FUNCTION ledger_check_same_transaction();
DROP TRIGGER voucher_balances ON ledger_voucher;
DROP FUNCTION ledger_check_balance();
ALTER TABLE ledger_voucher DROP COLUMN xact;
"""

PERIODS = """
CREATE FUNCTION ledger_check_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added WHERE NOT EXISTS (
        SELECT FROM ledger_fiscalperiod p WHERE p.during @> added.posted_on AND p.closed_at IS NULL)) THEN
        RAISE EXCEPTION 'no open fiscal period for the date of the voucher'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'voucher_needs_open_period', TABLE = 'ledger_voucher';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER voucher_needs_open_period AFTER INSERT ON ledger_voucher
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_period();

-- Whoever closes a period waits for postings in flight; those that come after see it closed.
CREATE FUNCTION ledger_wait_for_postings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE ledger_voucher IN SHARE ROW EXCLUSIVE MODE;
    RETURN NEW;
END $$;

CREATE TRIGGER fiscalperiod_waits_for_postings BEFORE UPDATE OF closed_at, during ON ledger_fiscalperiod
    FOR EACH ROW EXECUTE FUNCTION ledger_wait_for_postings();
"""

NO_PERIODS = """
DROP TRIGGER fiscalperiod_waits_for_postings ON ledger_fiscalperiod;
DROP FUNCTION ledger_wait_for_postings();
DROP TRIGGER voucher_needs_open_period ON ledger_voucher;
DROP FUNCTION ledger_check_period();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("core", "0002_guards")]

    operations = [
        migrations.RunSQL(BALANCE, NO_BALANCE),
        frozen("voucher_frozen", "ledger_voucher"),
        frozen("entry_frozen", "ledger_entry"),
        migrations.RunSQL(PERIODS, NO_PERIODS),
        frozen("openingbalance_frozen", "ledger_openingbalance", columns=["year", "voucher_id"]),
    ]
