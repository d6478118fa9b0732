"""What other apps keep off quotes they keep off templates too (AG-07)."""

from django.db import migrations

from agreements.quoting.guards import ONLY_AGREED_AGAIN, ONLY_CONTRACTS_FUNCTION


class Migration(migrations.Migration):
    dependencies = [("agreements", "0021_hours_leave_time")]

    operations = [migrations.RunSQL(ONLY_CONTRACTS_FUNCTION, ONLY_AGREED_AGAIN)]
