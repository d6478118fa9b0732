from django.db import migrations

#: The keys of the parts never meet. A requirement names its order by subject, which the index finds by number. A line
#: that goes with a requirement is told by what was consumed of it, and while it is open by what is left to be used.
VIEW = """
DROP VIEW reporting_orderwork;
CREATE VIEW reporting_orderwork AS
SELECT line.id * 4 AS id, line.order_id, line.kind, line.status, line.description, line.transaction_id,
    line.line_property_id, line.quantity, line.cost_price, line.sales_price, line.object_relation_id
FROM orders_serviceorderline line
WHERE line.requirement_id IS NULL
UNION ALL
SELECT step.id * 4 + 1, split_part(need.subject, ':', 2)::bigint, used.kind, 'POSTED', used.text, used.id,
    used.line_property_id, used.quantity, used.cost_price, used.sales_price, line.object_relation_id
FROM projects_itemrequirement need
JOIN projects_requirementstep step ON step.requirement_id = need.id
JOIN projects_transaction used ON used.id = step.transaction_id AND used.status <> 'REVERSED'
LEFT JOIN orders_serviceorderline line ON line.requirement_id = need.id
WHERE need.subject LIKE 'serviceorder:%'
UNION ALL
SELECT back.id * 4 + 2, line.order_id, back.kind, 'POSTED', back.text, back.id, back.line_property_id, back.quantity,
    back.cost_price, back.sales_price, line.object_relation_id
FROM orders_serviceorderline line
JOIN projects_transaction back ON back.adjusts_id = line.transaction_id AND back.status <> 'REVERSED'
WHERE line.kind = 'ITEM' AND back.kind = 'ITEM' AND back.adjusts_id IS NOT NULL
UNION ALL
SELECT line.id * 4 + 3, line.order_id, line.kind, line.status, line.description, NULL, line.line_property_id,
    need.quantity - need.consumed - need.returned, line.cost_price, line.sales_price, line.object_relation_id
FROM orders_serviceorderline line
JOIN projects_itemrequirement need ON need.id = line.requirement_id
WHERE line.status = 'CREATED';
"""
BACK = """
DROP VIEW reporting_orderwork;
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
"""


class Migration(migrations.Migration):

    dependencies = [("reporting", "0001_order_work"), ("orders", "0009_lines_of_requirements")]

    operations = [migrations.RunSQL(VIEW, BACK)]
