from django.db import migrations, models

#: The keys of the parts never meet. A requirement names its order by subject, which the index finds by number.
VIEW = """
CREATE VIEW reporting_orderwork AS
SELECT line.id * 4 AS id, line.order_id, line.kind, line.status, line.description, line.transaction_id,
    line.line_property_id, line.quantity, line.cost_price, line.sales_price
FROM orders_serviceorderline line
UNION ALL
SELECT step.id * 4 + 1, split_part(need.subject, ':', 2)::bigint, used.kind, 'POSTED', used.text, used.id,
    used.line_property_id, used.quantity, used.cost_price, used.sales_price
FROM projects_itemrequirement need
JOIN projects_requirementstep step ON step.requirement_id = need.id
JOIN projects_transaction used ON used.id = step.transaction_id AND used.status <> 'REVERSED'
WHERE need.subject LIKE 'serviceorder:%'
UNION ALL
SELECT back.id * 4 + 2, line.order_id, back.kind, 'POSTED', back.text, back.id, back.line_property_id, back.quantity,
    back.cost_price, back.sales_price
FROM orders_serviceorderline line
JOIN projects_transaction back ON back.adjusts_id = line.transaction_id AND back.status <> 'REVERSED'
WHERE line.kind = 'ITEM' AND back.kind = 'ITEM' AND back.adjusts_id IS NOT NULL;
CREATE INDEX requirement_by_order ON projects_itemrequirement ((split_part(subject, ':', 2)::bigint))
    WHERE subject LIKE 'serviceorder:%';
"""
BACK = """
DROP INDEX requirement_by_order;
DROP VIEW reporting_orderwork;
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [("orders", "0001_initial"), ("projects", "0001_initial")]

    operations = [
        migrations.RunSQL(VIEW, BACK),
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
                'db_table': 'reporting_orderwork',
                'managed': False,
                'default_permissions': (),
            },
        ),
    ]
