"""A signature stays what it was; only that it became void is added."""

from django.db import migrations

from servicemgmt.core.guards import frozen

SIGNED = [
    "order_id", "signer_name", "signer_role", "strokes", "is_typed", "canonical", "sha256", "device_at", "signed_at",
    "taken_by_id", "client_write_id",
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial"), ("core", "0002_guards")]

    operations = [frozen("signoff_frozen", "orders_signoff", columns=SIGNED)]
