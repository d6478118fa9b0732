"""A signature stays what it was, only that it became void is added; the parent of a saved stage stays (SG-02)."""

from django.db import migrations

from servicemgmt.core.guards import frozen

SIGNED = [
    "order_id", "signer_name", "signer_role", "strokes", "is_typed", "canonical", "sha256", "device_at", "signed_at",
    "taken_by_id", "client_write_id",
]  # fmt: skip

PARENT_STAYS = """
CREATE TRIGGER servicestage_parent_stays BEFORE UPDATE ON orders_servicestage FOR EACH ROW
    WHEN (OLD.parent_id IS DISTINCT FROM NEW.parent_id) EXECUTE FUNCTION core_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial"), ("core", "0002_guards")]

    operations = [
        frozen("signoff_frozen", "orders_signoff", columns=SIGNED),
        frozen("signoff_print_frozen", "orders_signoff", columns=["printed"], delete=False),
        migrations.RunSQL(PARENT_STAYS, "DROP TRIGGER servicestage_parent_stays ON orders_servicestage;"),
    ]
