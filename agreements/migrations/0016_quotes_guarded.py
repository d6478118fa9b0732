"""What is agreed is never a quote again; other apps keep their rows off quotes by the same function."""

from django.db import migrations

from agreements.quoting.guards import ONLY_AGREED_FUNCTION
from servicemgmt.core.guards import frozen_while


class Migration(migrations.Migration):
    dependencies = [("agreements", "0015_quotes")]

    operations = [
        migrations.RunSQL(ONLY_AGREED_FUNCTION, "DROP FUNCTION agreements_only_agreed;"),
        frozen_while(
            "agreement_stays_agreed",
            "agreements_serviceagreement",
            "OLD.status = 'AGREED' AND NEW.status <> 'AGREED'",
            columns=["status"],
            delete=False,
        ),
    ]
