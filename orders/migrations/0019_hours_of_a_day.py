"""Hours and costs that cannot be are refused from now on; lines that were entered before stay readable as they are."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0019_loaners'),
        ('core', '0002_guards'),
        ('inventory', '0003_set_aside'),
        ('masterdata', '0003_parts_lists_acyclic'),
        ('orders', '0018_loans_guarded'),
        ('projects', '0013_no_accrual_before_invoices'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='serviceorderline',
            name='orderline_by_worker',
        ),
        migrations.AddIndex(
            model_name='serviceorderline',
            index=models.Index(condition=models.Q(('worker__isnull', False)), fields=['worker', 'executed_on'], name='orderline_by_worker'),
        ),
        AddConstraintNotValid(
            model_name='serviceorderline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('executed_on__isnull', False), ('kind', 'HOUR'), ('worker__isnull', False), _negated=True), ('quantity__lte', 24), ('status', 'CANCELLED'), _connector='OR'), name='orderline_hours_of_a_day'),
        ),
        AddConstraintNotValid(
            model_name='serviceorderline',
            constraint=models.CheckConstraint(condition=models.Q(('cost_price__isnull', True), ('cost_price__gte', 0), ('origin', 'IMPORT'), ('status', 'CANCELLED'), _connector='OR'), name='orderline_cost_not_negative'),
        ),
    ]
