import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0001_initial"), ("projects", "0015_accrual_guards")]

    operations = [
        migrations.AddField(
            model_name="subscriptiongroup",
            name="accrual_rule",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty: the revenue of a fee is earned when it is invoiced.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="projects.accrualrule",
                verbose_name="accrual rule",
            ),
        ),
    ]
