"""Documents are complete when they are posted: no line or tax comes later, and an invoice is what its lines say."""

from django.db import migrations

#: Lines and taxes are inserted before their invoice, whose number is taken last.
INVOICES = """
CREATE FUNCTION projects_before_its_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN projects_invoice ON projects_invoice.id = added.invoice_id) THEN
        RAISE EXCEPTION 'a posted invoice takes nothing more'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER invoice_takes_no_more_lines AFTER INSERT ON projects_invoiceline
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION projects_before_its_invoice();
CREATE TRIGGER invoice_takes_no_more_taxes AFTER INSERT ON projects_invoicetax
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION projects_before_its_invoice();

CREATE FUNCTION projects_invoice_is_its_lines() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong text;
BEGIN
    SELECT invoice.number INTO wrong FROM added AS invoice
     CROSS JOIN LATERAL (
           SELECT coalesce(sum(net), 0) AS net FROM projects_invoiceline WHERE invoice_id = invoice.id) AS lines
     CROSS JOIN LATERAL (
           SELECT coalesce(sum(base), 0) AS base, coalesce(sum(tax), 0) AS tax,
                  coalesce(sum(company_tax), 0) AS company_tax
             FROM projects_invoicetax WHERE invoice_id = invoice.id) AS taxes
     WHERE (invoice.net, invoice.net, invoice.tax, invoice.company_tax)
        <> (lines.net, taxes.base, taxes.tax, taxes.company_tax)
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'invoice % is not the sum of its lines and taxes', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER invoice_is_its_lines AFTER INSERT ON projects_invoice
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION projects_invoice_is_its_lines();
"""
INVOICES_BACK = """
DROP TRIGGER invoice_is_its_lines ON projects_invoice;
DROP FUNCTION projects_invoice_is_its_lines();
DROP TRIGGER invoice_takes_no_more_taxes ON projects_invoicetax;
DROP TRIGGER invoice_takes_no_more_lines ON projects_invoiceline;
DROP FUNCTION projects_before_its_invoice();
"""

LINE_OF_POSTED = """
CREATE OR REPLACE FUNCTION projects_line_of_posted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM projects_invoiceproposal WHERE {which} AND status = 'POSTED') THEN
        RAISE EXCEPTION '% of a posted proposal is frozen: % refused', TG_TABLE_NAME, TG_OP
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
"""
PROPOSALS = (
    LINE_OF_POSTED.format(which="id IN (OLD.proposal_id, NEW.proposal_id)")
    + """
CREATE FUNCTION projects_line_into_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN projects_invoiceproposal AS proposal ON proposal.id = added.proposal_id
                WHERE proposal.status = 'POSTED') THEN
        RAISE EXCEPTION 'a posted proposal takes no more lines'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER proposal_posted_takes_no_more_lines AFTER INSERT ON projects_proposalline
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION projects_line_into_draft();
"""
)
PROPOSALS_BACK = """
DROP TRIGGER proposal_posted_takes_no_more_lines ON projects_proposalline;
DROP FUNCTION projects_line_into_draft();
""" + LINE_OF_POSTED.format(which="id = OLD.proposal_id")


class Migration(migrations.Migration):
    dependencies = [("projects", "0013_no_accrual_before_invoices")]

    operations = [
        migrations.RunSQL(INVOICES, INVOICES_BACK),
        migrations.RunSQL(PROPOSALS, PROPOSALS_BACK),
    ]
