"""An agreement with subscriptions never becomes a template."""

from django.db import migrations

from agreements.quoting.guards import no_template_with


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0002_none_on_a_quote"), ("agreements", "0022_contracts_only")]

    operations = [no_template_with("agreement_with_subscriptions_no_template", "subscriptions_subscription")]
