import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('agreements', '0001_initial'),
        ('core', '0001_initial'),
        ('masterdata', '0001_initial'),
        ('orders', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Activity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('planned_minutes', models.PositiveIntegerField(verbose_name='planned minutes')),
                ('is_default', models.BooleanField(default=False)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='activities', to='orders.serviceorder')),
                ('task_relation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='orders.ordertask', verbose_name='task')),
                ('type', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agreements.activitytype', verbose_name='type')),
            ],
            options={
                'verbose_name': 'activity',
                'verbose_name_plural': 'activities',
                'ordering': ['order', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('planned_minutes__gte', 5)), name='activity_has_length')],
            },
        ),
        migrations.CreateModel(
            name='ActivityLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('activity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='activity_lines', to='dispatch.activity')),
                ('line', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='activity_line', to='orders.serviceorderline')),
            ],
            options={
                'verbose_name': 'line of an activity',
                'verbose_name_plural': 'lines of activities',
            },
        ),
        migrations.CreateModel(
            name='Booking',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('during', django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name='time')),
                ('is_hard', models.BooleanField(default=True, verbose_name='blocks other bookings')),
                ('soft_reason', models.CharField(blank=True, max_length=160, verbose_name='why booked anyway')),
                ('is_pinned', models.BooleanField(default=False, verbose_name='pinned')),
                ('status', models.CharField(choices=[('PLANNED', 'Planned'), ('TRAVELLING', 'Travelling'), ('WORKING', 'Working'), ('PAUSED', 'Paused'), ('DONE', 'Done'), ('CANCELLED', 'Cancelled')], default='PLANNED', max_length=10, verbose_name='status')),
                ('dispatched_at', models.DateTimeField(null=True, verbose_name='dispatched')),
                ('started_at', models.DateTimeField(null=True, verbose_name='really started')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='really ended')),
                ('activity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bookings', to='dispatch.activity')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('worker', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bookings', to='masterdata.employee', verbose_name='worker')),
            ],
            options={
                'verbose_name': 'booking',
                'verbose_name_plural': 'bookings',
                'ordering': ['during', 'pk'],
                'permissions': [('view_board', 'Can use the dispatch board'), ('work_own_day', 'Can work on own orders (technician)')],
                'indexes': [django.contrib.postgres.indexes.GistIndex(condition=models.Q(('status', 'CANCELLED'), _negated=True), fields=['during'], name='booking_by_time')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['PLANNED', 'TRAVELLING', 'WORKING', 'PAUSED', 'DONE', 'CANCELLED'])), name='booking_status_known'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('is_hard', True), models.Q(('status', 'CANCELLED'), _negated=True)), expressions=[('worker', '='), ('during', '&&')], name='booking_no_double_booking'), models.CheckConstraint(condition=models.Q(('during__isempty', False), ('during__lower_inf', False), ('during__upper_inf', False)), name='booking_has_start_and_end'), models.CheckConstraint(condition=models.Q(('is_hard', True), models.Q(('soft_reason', ''), _negated=True), _connector='OR'), name='booking_soft_has_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='ClockPress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('PLANNED', 'Planned'), ('TRAVELLING', 'Travelling'), ('WORKING', 'Working'), ('PAUSED', 'Paused'), ('DONE', 'Done'), ('CANCELLED', 'Cancelled')], max_length=10)),
                ('device_at', models.DateTimeField(verbose_name='on the device')),
                ('booking', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='presses', to='dispatch.booking')),
                ('client_write', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.clientwrite')),
            ],
            options={
                'verbose_name': 'clock press',
                'verbose_name_plural': 'clock presses',
                'ordering': ['device_at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['PLANNED', 'TRAVELLING', 'WORKING', 'PAUSED', 'DONE', 'CANCELLED'])), name='clockpress_status_known')],
            },
        ),
    ]
