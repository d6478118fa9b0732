import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('agreements', '0001_initial'),
        ('core', '0001_initial'),
        ('masterdata', '0001_initial'),
        ('projects', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='SubscriptionGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('code', models.CharField(max_length=20, unique=True, verbose_name='code')),
                ('description', models.CharField(max_length=120, verbose_name='description')),
                ('ended_on', models.DateField(blank=True, null=True, verbose_name='not offered from')),
                ('accrual_rule', models.ForeignKey(blank=True, help_text='Empty: the revenue of a fee is earned when it is invoiced.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.accrualrule', verbose_name='accrual rule')),
                ('period_type', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.periodtype', verbose_name='invoicing period')),
                ('sequence', models.ForeignKey(blank=True, help_text='Empty: numbers are typed by hand.', null=True, on_delete=django.db.models.deletion.PROTECT, to='core.numbersequence', verbose_name='number sequence')),
            ],
            options={
                'verbose_name': 'subscription group',
                'verbose_name_plural': 'subscription groups',
                'ordering': ['code'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Subscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('number', models.CharField(max_length=20, unique=True, verbose_name='number')),
                ('name', models.CharField(max_length=160, verbose_name='name')),
                ('base_price', models.DecimalField(decimal_places=6, max_digits=19, verbose_name='base price')),
                ('index', models.DecimalField(decimal_places=4, default=100, max_digits=18, verbose_name='index')),
                ('starts_on', models.DateField(verbose_name='from')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='to')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('agreement', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='subscriptions', to='agreements.serviceagreement', verbose_name='service agreement')),
                ('category', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.category', verbose_name='category')),
                ('currency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='masterdata.currency', verbose_name='currency')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='subscriptions', to='projects.project', verbose_name='project')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='subscriptions', to='subscriptions.subscriptiongroup', verbose_name='group')),
            ],
            options={
                'verbose_name': 'subscription',
                'verbose_name_plural': 'subscriptions',
                'ordering': ['number'],
                'constraints': [models.CheckConstraint(condition=models.Q(('base_price__gte', 0)), name='subscription_base_price_not_negative'), models.CheckConstraint(condition=models.Q(('index__gte', 0)), name='subscription_index_not_negative'), models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='subscription_ends_after_start')],
            },
        ),
        migrations.CreateModel(
            name='Fee',
            fields=[
                ('transaction', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='fee', serialize=False, to='projects.transaction', verbose_name='transaction')),
                ('kind', models.CharField(choices=[('REGULAR', 'Regular'), ('NON_REGULAR', 'Non-regular'), ('REDUCTION', 'Reduction days'), ('PRICE_CHANGE', 'Price change')], max_length=12, verbose_name='kind')),
                ('starts_on', models.DateField(verbose_name='from')),
                ('ends_on', models.DateField(verbose_name='to')),
                ('revision', models.PositiveSmallIntegerField(default=1)),
                ('base_price', models.DecimalField(decimal_places=6, max_digits=19, verbose_name='base price')),
                ('index', models.DecimalField(decimal_places=4, max_digits=18, verbose_name='index')),
                ('is_void', models.BooleanField(default=False)),
                ('run', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='core.run')),
                ('subscription', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='fees', to='subscriptions.subscription', verbose_name='subscription')),
            ],
            options={
                'verbose_name': 'subscription fee',
                'verbose_name_plural': 'subscription fees',
                'ordering': ['-starts_on', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['REGULAR', 'NON_REGULAR', 'REDUCTION', 'PRICE_CHANGE'])), name='fee_kind_known'), models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='fee_ends_after_start'), models.UniqueConstraint(condition=models.Q(('is_void', False), ('kind__in', ['REGULAR', 'NON_REGULAR'])), fields=('subscription', 'starts_on'), name='fee_once_per_subscription_and_period'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('is_void', False), ('kind__in', ['REGULAR', 'NON_REGULAR'])), expressions=[('subscription', '='), (models.Func('starts_on', 'ends_on', models.Value('[]'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&')], name='fee_does_not_overlap')],
            },
        ),
        migrations.CreateModel(
            name='SubscriptionPrice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('price', models.DecimalField(decimal_places=6, max_digits=19, verbose_name='price')),
                ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.category', verbose_name='category')),
                ('currency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='masterdata.currency', verbose_name='currency')),
                ('period_type', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='projects.periodtype', verbose_name='period')),
                ('project', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project', verbose_name='project')),
                ('subscription', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='prices', to='subscriptions.subscription', verbose_name='subscription')),
            ],
            options={
                'verbose_name': 'subscription price',
                'verbose_name_plural': 'subscription prices',
                'ordering': ['-valid_from', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('price__gte', 0)), name='subscriptionprice_not_negative'), models.UniqueConstraint(fields=('valid_from', 'period_type', 'currency', 'category', 'project', 'subscription'), name='subscriptionprice_once', nulls_distinct=False)],
            },
        ),
    ]
