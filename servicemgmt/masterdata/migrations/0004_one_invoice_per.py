from django.db import migrations, models

PER = [
    ("CUSTOMER", "Customer: all in one"),
    ("PROJECT", "Project"),
    ("SITE", "Site"),
    ("AGREEMENT", "Service agreement"),
    ("ORDER", "Customer's order number"),
]


class Migration(migrations.Migration):
    dependencies = [("masterdata", "0003_invoice_email")]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="one_invoice_per",
            field=models.CharField(
                choices=PER, default="PROJECT", max_length=10, verbose_name="one invoice per"
            ),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(("one_invoice_per__in", [code for code, _label in PER])),
                name="customer_one_invoice_per_known",
            ),
        ),
    ]
