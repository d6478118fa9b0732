"""What was done for an order is the order's: service objects ask for their cost there too."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("orders", "0012_lean_indexes"), ("reporting", "0002_work_of_requirements")]

    operations = [
        migrations.RunSQL(
            "ALTER VIEW reporting_orderwork RENAME TO orders_orderwork",
            "ALTER VIEW orders_orderwork RENAME TO reporting_orderwork",
        ),
        migrations.CreateModel(
            name='OrderWork',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=10)),
                ('status', models.CharField(max_length=10)),
                ('description', models.CharField(max_length=250)),
                ('quantity', models.DecimalField(decimal_places=6, max_digits=19)),
                ('cost_price', models.DecimalField(decimal_places=6, max_digits=19, null=True)),
                ('sales_price', models.DecimalField(decimal_places=6, max_digits=19, null=True)),
            ],
            options={
                'db_table': 'orders_orderwork',
                'managed': False,
                'default_permissions': (),
            },
        ),
    ]
