"""Nothing is charged by an agreement that nobody agreed to."""

from django.db import migrations

from agreements.quoting.guards import only_agreed


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0001_initial"), ("agreements", "0016_quotes_guarded")]

    operations = [only_agreed("subscription_of_agreed_agreement", "subscriptions_subscription")]
