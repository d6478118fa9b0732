"""Only what is taxed takes a rate above nothing; a rate beside “reverse charge” would be charged beside its reason.

The check waits for the end of the transaction: treatment and rates change together. It holds the tax code, so that
nobody changes its treatment while a rate is made.
"""

from django.db import migrations

RATES = """
UPDATE ledger_taxrate SET percent = 0, version = ledger_taxrate.version + 1 FROM ledger_taxcode code
 WHERE code.id = code_id AND code.treatment <> 'S' AND percent <> 0;

CREATE FUNCTION ledger_check_tax_rates() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked bigint;
BEGIN
    checked := CASE TG_TABLE_NAME WHEN 'ledger_taxcode' THEN NEW.id ELSE (to_jsonb(NEW) ->> 'code_id')::bigint END;
    PERFORM FROM ledger_taxcode WHERE id = checked FOR SHARE;
    IF EXISTS (SELECT FROM ledger_taxrate rate JOIN ledger_taxcode code ON code.id = rate.code_id
                WHERE code.id = checked AND code.treatment <> 'S' AND rate.percent <> 0) THEN
        RAISE EXCEPTION 'tax code % charges nothing and takes no rate', checked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'taxrate_only_where_taxed', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER taxrate_only_where_taxed AFTER INSERT OR UPDATE OF percent, code_id ON ledger_taxrate
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.percent <> 0) EXECUTE FUNCTION ledger_check_tax_rates();
CREATE CONSTRAINT TRIGGER taxcode_treatment_suits_rates AFTER UPDATE OF treatment ON ledger_taxcode
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.treatment <> 'S') EXECUTE FUNCTION ledger_check_tax_rates();
"""

NO_RATES = """
DROP TRIGGER taxcode_treatment_suits_rates ON ledger_taxcode;
DROP TRIGGER taxrate_only_where_taxed ON ledger_taxrate;
DROP FUNCTION ledger_check_tax_rates();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_purposes_in_use")]

    operations = [migrations.RunSQL(RATES, NO_RATES)]
