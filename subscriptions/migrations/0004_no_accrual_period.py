from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0003_rules_of_groups")]

    operations = [
        migrations.RemoveField(model_name="subscriptiongroup", name="accrual_period_type"),
        migrations.RemoveField(model_name="subscriptiongroup", name="accrue_revenue"),
    ]
