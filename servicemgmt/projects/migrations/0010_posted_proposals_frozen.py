"""What was invoiced from a posted proposal stays as it was, the proposal and its lines."""

from django.db import migrations

from servicemgmt.core.guards import frozen_while, never_emptied

FACTS = [
    "number", "kind", "status", "customer_id", "project_id", "currency_id", "invoice_date", "credits_id", "rebill",
    "text", "group_key", "made_by_id",
]  # fmt: skip

LINES = """
CREATE FUNCTION projects_line_of_posted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM projects_invoiceproposal WHERE id = OLD.proposal_id AND status = 'POSTED') THEN
        RAISE EXCEPTION '% of a posted proposal is frozen: % refused', TG_TABLE_NAME, TG_OP
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER proposalline_posted_is_frozen BEFORE DELETE OR UPDATE ON projects_proposalline
    FOR EACH ROW EXECUTE FUNCTION projects_line_of_posted();
""" + never_emptied("proposalline_posted_is_frozen", "projects_proposalline")
LINES_BACK = """
DROP TRIGGER proposalline_posted_is_frozen_emptied ON projects_proposalline;
DROP TRIGGER proposalline_posted_is_frozen ON projects_proposalline;
DROP FUNCTION projects_line_of_posted();
"""


class Migration(migrations.Migration):
    dependencies = [("projects", "0009_coverage_reason"), ("core", "0002_guards")]

    operations = [
        frozen_while(
            "invoiceproposal_posted_is_frozen",
            "projects_invoiceproposal",
            "OLD.status = 'POSTED'",
            columns=FACTS,
        ),
        migrations.RunSQL(LINES, LINES_BACK),
    ]
