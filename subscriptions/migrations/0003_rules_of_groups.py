"""Groups that accrue get a rule of their accrual period, by days; one without a period, of the fee as a whole."""

from django.db import migrations

FORWARD = """
INSERT INTO projects_accrualrule
       (code, description, unit, method, rounding, reversal, delete_when_complete, version)
SELECT DISTINCT coalesce(period.code, 'WHOLE'), coalesce(period.description, 'The service period as a whole'),
       coalesce(period.unit, ''), 'DAYS', 'CUMULATIVE', 'CREDIT_DATE', false, 1
  FROM subscriptions_subscriptiongroup AS grp
  LEFT JOIN projects_periodtype AS period ON period.id = grp.accrual_period_type_id
 WHERE grp.accrue_revenue
ON CONFLICT DO NOTHING;

UPDATE subscriptions_subscriptiongroup AS grp SET accrual_rule_id = rule.id
  FROM projects_accrualrule AS rule
 WHERE grp.accrue_revenue
   AND rule.code = coalesce(
       (SELECT code FROM projects_periodtype AS period WHERE period.id = grp.accrual_period_type_id), 'WHOLE');
"""

BACKWARD = """
UPDATE subscriptions_subscriptiongroup SET accrue_revenue = true WHERE accrual_rule_id IS NOT NULL;
UPDATE subscriptions_subscriptiongroup AS grp SET accrual_period_type_id = period.id
  FROM projects_accrualrule AS rule JOIN projects_periodtype AS period ON period.code = rule.code
 WHERE rule.id = grp.accrual_rule_id;
UPDATE subscriptions_subscriptiongroup SET accrual_rule_id = NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0002_accrual_rule")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
