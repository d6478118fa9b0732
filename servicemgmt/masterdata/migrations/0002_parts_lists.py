
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('masterdata', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='PartsList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('item', models.ForeignKey(limit_choices_to={'kind': 'BOM'}, on_delete=django.db.models.deletion.PROTECT, related_name='parts_lists', to='masterdata.item', verbose_name='item')),
            ],
            options={
                'verbose_name': 'parts list',
                'verbose_name_plural': 'parts lists',
                'ordering': ['item', '-valid_from'],
            },
        ),
        migrations.CreateModel(
            name='PartsListLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.DecimalField(decimal_places=6, default=1, max_digits=19, verbose_name='quantity')),
                ('part', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='masterdata.item', verbose_name='part')),
                ('parts_list', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='masterdata.partslist')),
            ],
            options={
                'verbose_name': 'part',
                'verbose_name_plural': 'parts',
                'ordering': ['pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='partslist',
            constraint=models.UniqueConstraint(fields=('item', 'valid_from'), name='partslist_once_per_item_and_day'),
        ),
        migrations.AddConstraint(
            model_name='partslistline',
            constraint=models.UniqueConstraint(fields=('parts_list', 'part'), name='partslistline_part_once'),
        ),
        migrations.AddConstraint(
            model_name='partslistline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='partslistline_has_quantity'),
        ),
    ]
