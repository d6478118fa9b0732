"""Once something is posted the company keeps its currency: every amount in company currency is read by it."""

from django.db import migrations

GUARD = """
CREATE FUNCTION ledger_company_currency_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Postings in flight are waited for.
    LOCK TABLE ledger_voucher IN SHARE ROW EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM ledger_voucher) THEN
        RAISE EXCEPTION 'something is posted in the currency of the company'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER company_currency_stays_once_posted BEFORE UPDATE OF currency_id ON masterdata_company
    FOR EACH ROW WHEN (OLD.currency_id <> NEW.currency_id) EXECUTE FUNCTION ledger_company_currency_stays();
"""
BACK = """
DROP TRIGGER company_currency_stays_once_posted ON masterdata_company;
DROP FUNCTION ledger_company_currency_stays();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0005_entries_balance_at_once"),
        ("masterdata", "0004_special_days_do_not_overlap"),
    ]

    operations = [migrations.RunSQL(GUARD, BACK)]
