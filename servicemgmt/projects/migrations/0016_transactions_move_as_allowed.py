"""A transaction moves as TRANSACTION_MOVES says; proposal and invoice come and go with the move they belong to."""

from django.db import migrations

from servicemgmt.core.guards import frozen_while

SAME_PROPOSAL = "OLD.proposal_id IS NOT DISTINCT FROM NEW.proposal_id"
SAME_INVOICE = "OLD.invoice_id IS NOT DISTINCT FROM NEW.invoice_id"
SAME = f"{SAME_PROPOSAL} AND {SAME_INVOICE}"
#: From, to, and what holds of proposal and invoice then; the most frequent first.
MOVES = [
    ("POSTED", "IN_PROPOSAL", f"NEW.proposal_id IS NOT NULL AND {SAME_INVOICE}"),
    ("IN_PROPOSAL", "INVOICED", f"NEW.invoice_id IS NOT NULL AND {SAME_PROPOSAL}"),
    ("POSTED", "REVERSED", SAME),
    ("IN_PROPOSAL", "POSTED", f"NEW.proposal_id IS NULL AND {SAME_INVOICE}"),
    ("INVOICED", "CREDITING", SAME),
    ("CREDITING", "INVOICED", SAME),
    ("CREDITING", "CREDITED", SAME),
    ("CREDITED", "POSTED", "NEW.proposal_id IS NULL AND NEW.invoice_id IS NULL"),
]
ALLOWED = [f"OLD.status = '{old}' AND NEW.status = '{new}' AND {rest}" for old, new, rest in MOVES]
STAYS = f"OLD.status = NEW.status AND {SAME}"


class Migration(migrations.Migration):
    dependencies = [("projects", "0015_settlements_lower_what_is_open")]

    operations = [
        frozen_while(
            "transaction_moves_as_allowed",
            "projects_transaction",
            f"NOT ({' OR '.join([*ALLOWED, STAYS])})",
            columns=["status", "proposal_id", "invoice_id"],
            delete=False,
        )
    ]
