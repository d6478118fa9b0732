"""What adds up, judged by the database: credits, deductions, returns, settlements and slices stay within their whole."""

from django.db import migrations

#: All that is given back of an invoice line is never more than it was, and never of the other sign.
CREDITS = """
CREATE FUNCTION projects_credit_within_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    posted numeric;
    given_back numeric;
BEGIN
    SELECT net INTO posted FROM projects_invoiceline WHERE id = NEW.credits_id FOR NO KEY UPDATE;
    SELECT coalesce(sum(net), 0) INTO given_back FROM projects_invoiceline WHERE credits_id = NEW.credits_id;
    IF NEW.net * posted > 0 OR abs(given_back + NEW.net) > abs(posted) THEN
        RAISE EXCEPTION 'more is credited than was invoiced'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER invoiceline_credited_within_line BEFORE INSERT ON projects_invoiceline
    FOR EACH ROW WHEN (NEW.credits_id IS NOT NULL) EXECUTE FUNCTION projects_credit_within_line();
"""
CREDITS_BACK = """
DROP TRIGGER invoiceline_credited_within_line ON projects_invoiceline;
DROP FUNCTION projects_credit_within_line();
"""
#: Together, what is invoiced on account and what deducts it or gives it back is never below nothing.
ON_ACCOUNT = """
CREATE FUNCTION projects_on_account_within_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    open numeric;
BEGIN
    PERFORM 1 FROM projects_transaction WHERE id = NEW.on_account_id FOR NO KEY UPDATE;
    SELECT sum(net) INTO open FROM projects_invoiceline WHERE on_account_id = NEW.on_account_id;
    IF open < 0 THEN
        RAISE EXCEPTION 'more is deducted than was invoiced on account'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER invoiceline_on_account_within_open AFTER INSERT ON projects_invoiceline
    FOR EACH ROW WHEN (NEW.on_account_id IS NOT NULL) EXECUTE FUNCTION projects_on_account_within_open();
"""
ON_ACCOUNT_BACK = """
DROP TRIGGER invoiceline_on_account_within_open ON projects_invoiceline;
DROP FUNCTION projects_on_account_within_open();
"""
#: Of goods that were used, no more comes back than was used, however many return them at once.
RETURNS = """
CREATE FUNCTION projects_returns_within_use() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    used numeric;
BEGIN
    SELECT quantity INTO used FROM projects_transaction WHERE id = NEW.adjusts_id FOR NO KEY UPDATE;
    IF used > 0 AND used + NEW.quantity
        + (SELECT coalesce(sum(quantity), 0) FROM projects_transaction WHERE adjusts_id = NEW.adjusts_id) < 0 THEN
        RAISE EXCEPTION 'more goods come back than were used'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER transaction_returns_no_more_than_was_used BEFORE INSERT ON projects_transaction
    FOR EACH ROW WHEN (NEW.adjusts_id IS NOT NULL AND NEW.kind = 'ITEM' AND NEW.quantity < 0)
    EXECUTE FUNCTION projects_returns_within_use();
"""
RETURNS_BACK = """
DROP TRIGGER transaction_returns_no_more_than_was_used ON projects_transaction;
DROP FUNCTION projects_returns_within_use();
"""
#: Judged at commit: an item's open amounts are its amounts less all its settlements.
ITEMS = """
CREATE FUNCTION projects_item_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    item projects_customeritem;
    taken numeric;
    company_taken numeric;
BEGIN
    SELECT * INTO item FROM projects_customeritem WHERE id = NEW.id;
    SELECT coalesce(sum(amount), 0), coalesce(sum(company), 0) INTO taken, company_taken FROM (
        SELECT amount, debit_company AS company FROM projects_settlement WHERE debit_id = NEW.id
        UNION ALL
        SELECT -amount, -credit_company FROM projects_settlement WHERE credit_id = NEW.id
    ) AS settled;
    IF item.amount - taken <> item.open OR item.company_amount - company_taken <> item.company_open THEN
        RAISE EXCEPTION 'item % is open by another amount than its settlements leave', item.label
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER customeritem_open_is_what_is_left
    AFTER UPDATE OF open, company_open ON projects_customeritem
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION projects_item_adds_up();
"""
ITEMS_BACK = """
DROP TRIGGER customeritem_open_is_what_is_left ON projects_customeritem;
DROP FUNCTION projects_item_adds_up();
"""
#: The slices of an invoiced line are the line, and go only when nothing waits in them.
SLICES = """
CREATE FUNCTION projects_check_slices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT line_id FROM touched) AS of_line
          LEFT JOIN projects_invoiceline AS line ON line.id = of_line.line_id
         CROSS JOIN LATERAL (
               SELECT count(*) AS n, sum(amount) AS amount, sum(company_amount) AS company_amount
                 FROM projects_accrualslice WHERE line_id = of_line.line_id) AS slices
         WHERE slices.n > 0
           AND (slices.amount IS DISTINCT FROM line.net OR slices.company_amount IS DISTINCT FROM line.company_net)
    ) THEN
        RAISE EXCEPTION 'the slices of an invoiced line add up to it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'accrualslices_add_up', TABLE = 'projects_accrualslice';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER accrualslices_add_up AFTER INSERT ON projects_accrualslice
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION projects_check_slices();
CREATE TRIGGER accrualslices_left_add_up AFTER DELETE ON projects_accrualslice
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION projects_check_slices();

CREATE TRIGGER accrualslice_open_stays BEFORE DELETE ON projects_accrualslice
    FOR EACH ROW WHEN (OLD.status = 'OPEN') EXECUTE FUNCTION core_frozen();
"""

SLICES_BACK = """
DROP TRIGGER accrualslice_open_stays ON projects_accrualslice;
DROP TRIGGER accrualslices_left_add_up ON projects_accrualslice;
DROP TRIGGER accrualslices_add_up ON projects_accrualslice;
DROP FUNCTION projects_check_slices();
"""


class Migration(migrations.Migration):
    dependencies = [("projects", "0002_guards")]

    operations = [
        migrations.RunSQL(CREDITS, CREDITS_BACK),
        migrations.RunSQL(ON_ACCOUNT, ON_ACCOUNT_BACK),
        migrations.RunSQL(RETURNS, RETURNS_BACK),
        migrations.RunSQL(ITEMS, ITEMS_BACK),
        migrations.RunSQL(SLICES, SLICES_BACK),
    ]
