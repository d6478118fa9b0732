import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('ledger', '0001_initial'),
        ('masterdata', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Lot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=60, verbose_name='batch or serial number')),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lots', to='masterdata.item', verbose_name='item')),
            ],
            options={
                'verbose_name': 'batch or serial number',
                'verbose_name_plural': 'batches and serial numbers',
                'ordering': ['item', 'number'],
                'constraints': [models.UniqueConstraint(fields=('item', 'number'), name='lot_number_once_per_item'), models.CheckConstraint(condition=models.Q(('number', ''), _negated=True), name='lot_has_a_number')],
            },
        ),
        migrations.CreateModel(
            name='Warehouse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('code', models.CharField(max_length=20, unique=True, verbose_name='code')),
                ('description', models.CharField(max_length=120, verbose_name='description')),
                ('ended_on', models.DateField(blank=True, null=True, verbose_name='not offered from')),
                ('allows_negative', models.BooleanField(default=False, verbose_name='may go below zero')),
                ('worker', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='van', to='masterdata.employee', verbose_name='van of')),
            ],
            options={
                'verbose_name': 'warehouse',
                'verbose_name_plural': 'warehouses',
                'ordering': ['code'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='LotOnHand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.DecimalField(decimal_places=6, default=0, max_digits=19, verbose_name='quantity')),
                ('is_serial', models.BooleanField()),
                ('lot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='on_hand', to='inventory.lot')),
                ('warehouse', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lots', to='inventory.warehouse', verbose_name='warehouse')),
            ],
            options={
                'verbose_name': 'batch or serial number on hand',
                'verbose_name_plural': 'batches and serial numbers on hand',
                'ordering': ['lot', 'warehouse'],
                'constraints': [models.UniqueConstraint(fields=('lot', 'warehouse'), name='lotonhand_once'), models.CheckConstraint(condition=models.Q(('quantity__gte', 0)), name='lotonhand_not_below_zero'), models.CheckConstraint(condition=models.Q(('is_serial', False), ('quantity__in', [0, 1]), _connector='OR'), name='lotonhand_serial_is_one_piece'), models.UniqueConstraint(condition=models.Q(('is_serial', True), ('quantity__gt', 0)), fields=('lot',), name='lotonhand_serial_in_one_place')],
            },
        ),
        migrations.CreateModel(
            name='OnHand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.DecimalField(decimal_places=6, default=0, max_digits=19, verbose_name='quantity')),
                ('value', models.DecimalField(decimal_places=4, default=0, max_digits=19, verbose_name='value')),
                ('may_be_negative', models.BooleanField(default=False)),
                ('reserved', models.DecimalField(db_default=0, decimal_places=6, default=0, help_text='What is kept for somebody; available is what is on hand without it.', max_digits=19, verbose_name='reserved')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='on_hand', to='masterdata.item', verbose_name='item')),
                ('warehouse', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='on_hand', to='inventory.warehouse', verbose_name='warehouse')),
            ],
            options={
                'verbose_name': 'stock on hand',
                'verbose_name_plural': 'stock on hand',
                'ordering': ['item', 'warehouse'],
                'constraints': [models.UniqueConstraint(fields=('item', 'warehouse'), name='onhand_once'), models.CheckConstraint(condition=models.Q(('quantity__gte', 0), ('may_be_negative', True), _connector='OR'), name='onhand_not_below_zero'), models.CheckConstraint(condition=models.Q(('reserved__gte', 0)), name='onhand_reserves_nothing_or_more')],
            },
        ),
        migrations.CreateModel(
            name='StockCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('counted_on', models.DateField(verbose_name='date')),
                ('status', models.CharField(choices=[('OPEN', 'Open'), ('POSTED', 'Posted'), ('DROPPED', 'Dropped')], default='OPEN', max_length=10, verbose_name='status')),
                ('text', models.CharField(blank=True, max_length=160, verbose_name='text')),
                ('posted_at', models.DateTimeField(null=True, verbose_name='posted')),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('posted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='posted by')),
                ('warehouse', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='counts', to='inventory.warehouse', verbose_name='warehouse')),
            ],
            options={
                'verbose_name': 'stock count',
                'verbose_name_plural': 'stock counts',
                'ordering': ['-pk'],
                'permissions': [('post_stockcount', 'Can post the differences of stock counts')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['OPEN', 'POSTED', 'DROPPED'])), name='stockcount_status_known'), models.CheckConstraint(condition=models.Q(models.Q(('posted_at__isnull', False), ('status', 'POSTED')), models.Q(models.Q(('status', 'POSTED'), _negated=True), ('posted_at__isnull', True), ('posted_by__isnull', True)), _connector='OR'), name='stockcount_posted_at_some_moment'), models.UniqueConstraint(condition=models.Q(('status', 'OPEN')), fields=('warehouse',), name='stockcount_one_open_per_warehouse')],
            },
        ),
        migrations.CreateModel(
            name='StockMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('RECEIPT', 'Receipt'), ('CONSUMPTION', 'Consumption'), ('TRANSFER', 'Transfer'), ('COUNT', 'Count'), ('RETURN', 'Return')], max_length=12, verbose_name='kind')),
                ('moved_on', models.DateField(verbose_name='date')),
                ('quantity', models.DecimalField(decimal_places=6, max_digits=19, verbose_name='quantity')),
                ('value', models.DecimalField(decimal_places=4, max_digits=19, verbose_name='value')),
                ('text', models.CharField(blank=True, max_length=160, verbose_name='text')),
                ('subject', models.CharField(blank=True, max_length=60, verbose_name='subject')),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='masterdata.item', verbose_name='item')),
                ('lot', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='inventory.lot', verbose_name='batch or serial number')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('voucher', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='stock_moves', to='ledger.voucher')),
                ('warehouse', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='inventory.warehouse', verbose_name='warehouse')),
            ],
            options={
                'verbose_name': 'stock move',
                'verbose_name_plural': 'stock moves',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['item', 'warehouse', '-id'], name='stockmove_by_item'), models.Index(condition=models.Q(('lot__isnull', False)), fields=['lot', '-id'], name='stockmove_by_lot')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['RECEIPT', 'CONSUMPTION', 'TRANSFER', 'COUNT', 'RETURN'])), name='stockmove_kind_known'), models.CheckConstraint(condition=models.Q(('quantity', 0), _negated=True), name='stockmove_moves_something')],
            },
        ),
        migrations.CreateModel(
            name='StockCountLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('expected', models.DecimalField(decimal_places=6, max_digits=19, verbose_name='expected')),
                ('counted', models.DecimalField(decimal_places=6, max_digits=19, null=True, verbose_name='counted')),
                ('count', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='inventory.stockcount')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='masterdata.item', verbose_name='item')),
                ('lot', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.lot', verbose_name='batch or serial number')),
                ('last_move', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.stockmove')),
                ('move', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='count_line', to='inventory.stockmove')),
            ],
            options={
                'verbose_name': 'line of a stock count',
                'verbose_name_plural': 'lines of stock counts',
                'ordering': ['count', 'item'],
                'constraints': [models.UniqueConstraint(fields=('count', 'item', 'lot'), name='stockcountline_item_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('counted__isnull', True), ('counted__gte', 0), _connector='OR'), name='stockcountline_counts_nothing_or_more')],
            },
        ),
    ]
