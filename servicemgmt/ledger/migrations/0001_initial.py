import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('masterdata', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('code', models.CharField(max_length=20, unique=True, verbose_name='code')),
                ('description', models.CharField(max_length=120, verbose_name='description')),
                ('ended_on', models.DateField(blank=True, null=True, verbose_name='not offered from')),
                ('kind', models.CharField(choices=[('ASSET', 'Asset'), ('LIABILITY', 'Liability'), ('EQUITY', 'Equity'), ('INCOME', 'Income'), ('EXPENSE', 'Expense')], max_length=10, verbose_name='kind')),
            ],
            options={
                'verbose_name': 'account',
                'verbose_name_plural': 'accounts',
                'ordering': ['code'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['ASSET', 'LIABILITY', 'EQUITY', 'INCOME', 'EXPENSE'])), name='account_kind_known')],
            },
        ),
        migrations.CreateModel(
            name='FiscalPeriod',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('name', models.CharField(max_length=20, unique=True, verbose_name='name')),
                ('during', django.contrib.postgres.fields.ranges.DateRangeField(verbose_name='dates')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='closed')),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'fiscal period',
                'verbose_name_plural': 'fiscal periods',
                'ordering': ['during'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('closed_by__isnull', True)), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False)), _connector='OR'), name='fiscalperiod_closed_by_someone'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('during', '&&')], name='fiscalperiod_does_not_overlap'), models.CheckConstraint(condition=models.Q(('during__isempty', False), ('during__lower_inf', False), ('during__upper_inf', False)), name='fiscalperiod_has_both_ends')],
            },
        ),
        migrations.CreateModel(
            name='LedgerParameters',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('only', models.BooleanField(default=True, editable=False, unique=True)),
                ('closed_periods', models.CharField(choices=[('REFUSE', 'Refuse it, naming the first open date'), ('MOVE', 'Move it to the first open date and mark it')], default='REFUSE', max_length=10, verbose_name='posting into a closed period')),
            ],
            options={
                'verbose_name': 'ledger parameters',
                'verbose_name_plural': 'ledger parameters',
                'constraints': [models.CheckConstraint(condition=models.Q(('closed_periods__in', ['REFUSE', 'MOVE'])), name='ledgerparameters_rule_known'), models.CheckConstraint(condition=models.Q(('only', True)), name='ledgerparameters_is_one')],
            },
        ),
        migrations.CreateModel(
            name='PostingProfile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('purpose', models.CharField(choices=[('HOUR_COST', 'Cost of hours'), ('EXPENSE_COST', 'Cost of expenses'), ('ITEM_COST', 'Cost of items'), ('HOUR_OFFSET', 'Payroll allocation (hours)'), ('EXPENSE_OFFSET', 'Expense clearing'), ('STOCK', 'Stock'), ('STOCK_OFFSET', 'Goods received (clearing)'), ('STOCK_VARIANCE', 'Stock differences'), ('HOUR_REVENUE', 'Revenue of hours'), ('EXPENSE_REVENUE', 'Revenue of expenses'), ('ITEM_REVENUE', 'Revenue of items'), ('FEE_REVENUE', 'Revenue of fees'), ('REMINDER_FEE', 'Reminder fees'), ('SUBSCRIPTION_REVENUE', 'Revenue of subscriptions'), ('WIP_SALES', 'Work in progress, sales value'), ('ACCRUED_SALES', 'Accrued revenue, sales value'), ('WIP_SUBSCRIPTION', 'WIP – subscription'), ('ACCRUED_SUBSCRIPTION', 'Accrued revenue – subscription'), ('ON_ACCOUNT', 'Invoiced on account'), ('RECEIVABLE', 'Customers'), ('TAX', 'Sales tax'), ('OPENING_ITEMS', 'Opening items of customers (clearing)'), ('ROUNDING', 'Rounding differences'), ('EXCHANGE', 'Exchange differences'), ('BANK', 'Bank')], max_length=24, verbose_name='purpose')),
                ('category_code', models.CharField(blank=True, max_length=20, verbose_name='category')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='ledger.account', verbose_name='account')),
            ],
            options={
                'verbose_name': 'posting profile',
                'verbose_name_plural': 'posting profiles',
                'ordering': ['purpose', 'category_code'],
                'constraints': [models.CheckConstraint(condition=models.Q(('purpose__in', ['HOUR_COST', 'EXPENSE_COST', 'ITEM_COST', 'HOUR_OFFSET', 'EXPENSE_OFFSET', 'STOCK', 'STOCK_OFFSET', 'STOCK_VARIANCE', 'HOUR_REVENUE', 'EXPENSE_REVENUE', 'ITEM_REVENUE', 'FEE_REVENUE', 'REMINDER_FEE', 'SUBSCRIPTION_REVENUE', 'WIP_SALES', 'ACCRUED_SALES', 'WIP_SUBSCRIPTION', 'ACCRUED_SUBSCRIPTION', 'ON_ACCOUNT', 'RECEIVABLE', 'TAX', 'OPENING_ITEMS', 'ROUNDING', 'EXCHANGE', 'BANK'])), name='postingprofile_purpose_known'), models.UniqueConstraint(fields=('purpose', 'category_code'), name='postingprofile_once')],
            },
        ),
        migrations.CreateModel(
            name='TaxCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('code', models.CharField(max_length=20, unique=True, verbose_name='code')),
                ('description', models.CharField(max_length=120, verbose_name='description')),
                ('ended_on', models.DateField(blank=True, null=True, verbose_name='not offered from')),
                ('treatment', models.CharField(choices=[('S', 'Taxed'), ('Z', 'Zero rated'), ('E', 'Exempt'), ('AE', 'Reverse charge'), ('G', 'Export')], default='S', max_length=2, verbose_name='treatment')),
                ('printed_reason', models.CharField(blank=True, help_text='Why no tax is charged, as it stands on the invoice.', max_length=160, verbose_name='reason printed')),
            ],
            options={
                'verbose_name': 'tax code',
                'verbose_name_plural': 'tax codes',
                'ordering': ['code'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('treatment__in', ['S', 'Z', 'E', 'AE', 'G'])), name='taxcode_treatment_known')],
            },
        ),
        migrations.CreateModel(
            name='TaxRate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('percent', models.DecimalField(decimal_places=3, max_digits=6, verbose_name='percent')),
                ('code', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rates', to='ledger.taxcode', verbose_name='tax code')),
            ],
            options={
                'verbose_name': 'tax rate',
                'verbose_name_plural': 'tax rates',
                'ordering': ['code', '-valid_from'],
                'constraints': [models.UniqueConstraint(fields=('code', 'valid_from'), name='taxrate_once_per_day'), models.CheckConstraint(condition=models.Q(('percent__gte', 0), ('percent__lte', 100)), name='taxrate_between_nothing_and_all')],
            },
        ),
        migrations.CreateModel(
            name='TaxRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('code', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='ledger.taxcode', verbose_name='tax code')),
                ('customer_group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='masterdata.customertaxgroup', verbose_name='customer tax group')),
                ('item_group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='masterdata.itemtaxgroup', verbose_name='item tax group')),
            ],
            options={
                'verbose_name': 'tax rule',
                'verbose_name_plural': 'tax matrix',
                'ordering': ['customer_group', 'item_group', '-valid_from'],
                'constraints': [models.UniqueConstraint(fields=('customer_group', 'item_group', 'valid_from'), name='taxrule_once_per_cell_and_day')],
            },
        ),
        migrations.CreateModel(
            name='Voucher',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=24, unique=True, verbose_name='voucher')),
                ('posted_on', models.DateField(verbose_name='date')),
                ('text', models.CharField(max_length=160, verbose_name='text')),
                ('source', models.CharField(max_length=30, verbose_name='source')),
                ('subject', models.CharField(blank=True, max_length=60, verbose_name='subject')),
                ('subject_label', models.CharField(blank=True, max_length=60, verbose_name='document')),
                ('moved_from', models.DateField(null=True, verbose_name='meant for')),
                ('posted_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='posted')),
                ('currency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='masterdata.currency', verbose_name='currency')),
                ('posted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reverses', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversed_by', to='ledger.voucher')),
            ],
            options={
                'verbose_name': 'voucher',
                'verbose_name_plural': 'vouchers',
                'ordering': ['-posted_on', '-pk'],
                'indexes': [models.Index(fields=['-posted_on', '-id'], name='voucher_by_date'), models.Index(fields=['subject'], name='voucher_by_subject')],
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.DecimalField(decimal_places=4, max_digits=19, verbose_name='amount')),
                ('company_amount', models.DecimalField(decimal_places=4, max_digits=19, verbose_name='amount in company currency')),
                ('text', models.CharField(blank=True, max_length=160, verbose_name='text')),
                ('subject', models.CharField(blank=True, max_length=60, verbose_name='subject')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='ledger.account', verbose_name='account')),
                ('customer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='masterdata.customer')),
                ('tax_code', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.taxcode')),
                ('voucher', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='ledger.voucher')),
            ],
            options={
                'verbose_name': 'voucher line',
                'verbose_name_plural': 'voucher lines',
                'ordering': ['pk'],
                'indexes': [models.Index(condition=models.Q(('subject', ''), _negated=True), fields=['subject'], name='entry_by_subject')],
            },
        ),
        migrations.CreateModel(
            name='OpeningBalance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(verbose_name='year')),
                ('reversal', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='opening_reversed', to='ledger.voucher', verbose_name='reversed by')),
                ('voucher', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='opening', to='ledger.voucher', verbose_name='voucher')),
            ],
            options={
                'verbose_name': 'opening balance',
                'verbose_name_plural': 'opening balances',
                'ordering': ['-year', '-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('reversal', None)), fields=('year',), name='openingbalance_once_per_year')],
            },
        ),
    ]
