
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0004_adjusted_prices_frozen'),
        ('masterdata', '0002_parts_lists'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BomOptions',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('only', models.BooleanField(default=True, editable=False, unique=True)),
                ('show_number', models.BooleanField(default=True, verbose_name='show the item number')),
                ('show_kind', models.BooleanField(default=False, verbose_name='show the kind of item')),
                ('show_unit', models.BooleanField(default=True, verbose_name='show the unit')),
                ('show_lot', models.BooleanField(default=True, verbose_name='show the batch or serial number')),
                ('edit_when_adding', models.BooleanField(default=False, help_text='An item that is dragged in opens its form instead of being added at once.', verbose_name='edit when adding')),
                ('emphasise_changes', models.BooleanField(default=True, help_text='Lines that differ from the template stand out.', verbose_name='emphasise changed lines')),
            ],
            options={
                'verbose_name': 'options of BOMs',
                'verbose_name_plural': 'options of BOMs',
            },
        ),
        migrations.CreateModel(
            name='ServiceBom',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('attached_on', models.DateField(verbose_name='attached')),
                ('removed_at', models.DateTimeField(editable=False, null=True, verbose_name='deleted')),
                ('service_object', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='boms', to='agreements.serviceobject', verbose_name='service object')),
            ],
            options={
                'verbose_name': 'service BOM',
                'verbose_name_plural': 'service BOMs',
                'ordering': ['-pk'],
            },
        ),
        migrations.AddField(
            model_name='agreementobject',
            name='service_bom',
            field=models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='agreements.servicebom', verbose_name='service BOM'),
        ),
        migrations.CreateModel(
            name='ServiceBomLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField(default=0, verbose_name='position')),
                ('quantity', models.DecimalField(decimal_places=6, max_digits=19, verbose_name='quantity')),
                ('lot_number', models.CharField(blank=True, max_length=60, verbose_name='batch or serial number')),
                ('is_original', models.BooleanField(default=False, verbose_name='from the template')),
                ('first_quantity', models.DecimalField(decimal_places=6, editable=False, max_digits=19)),
                ('bom', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='agreements.servicebom')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='masterdata.item', verbose_name='item')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='agreements.servicebomline', verbose_name='part of')),
                ('unit', models.ForeignKey(blank=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='masterdata.unit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'BOM line',
                'verbose_name_plural': 'BOM lines',
                'ordering': ['position', 'pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='BomChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(editable=False, max_length=20, unique=True, verbose_name='number')),
                ('action', models.CharField(choices=[('INSERTED', 'BOM line added'), ('DELETED', 'BOM line deleted'), ('REPLACED', 'BOM line replaced'), ('QTY_CHANGED', 'BOM line qty. changed'), ('QTY_REPLACED', 'BOM line qty. replaced')], max_length=12, verbose_name='action')),
                ('quantity', models.DecimalField(decimal_places=6, max_digits=19, verbose_name='quantity')),
                ('quantity_before', models.DecimalField(decimal_places=6, default=0, max_digits=19, verbose_name='quantity before')),
                ('quantity_left', models.DecimalField(decimal_places=6, default=0, max_digits=19, verbose_name='quantity after')),
                ('is_requirement', models.BooleanField(default=False, verbose_name='item requirement')),
                ('made_on', models.DateField(verbose_name='date')),
                ('text', models.CharField(blank=True, max_length=160, verbose_name='text')),
                ('subject', models.CharField(blank=True, max_length=60, verbose_name='subject')),
                ('label', models.CharField(blank=True, max_length=60, verbose_name='document')),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('service_object', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bom_changes', to='agreements.serviceobject')),
                ('bom', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='agreements.servicebom')),
                ('active_line', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='changes_to', to='agreements.servicebomline')),
                ('replaced_line', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='changes_of', to='agreements.servicebomline')),
            ],
            options={
                'verbose_name': 'BOM change',
                'verbose_name_plural': 'BOM changes',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='TemplateBom',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('number', models.CharField(editable=False, max_length=20, unique=True, verbose_name='number')),
                ('name', models.CharField(max_length=160, verbose_name='name')),
                ('from_date', models.DateField(blank=True, null=True, verbose_name='valid from')),
                ('to_date', models.DateField(blank=True, null=True, verbose_name='valid to')),
                ('source', models.CharField(choices=[('MANUAL', 'Nothing: lines are entered by hand'), ('TEMPLATE', 'Another template BOM'), ('ITEM', 'Parts list of an item'), ('SERVICE', 'Service BOM')], default='MANUAL', max_length=10, verbose_name='made from')),
                ('source_label', models.CharField(blank=True, max_length=60, verbose_name='source')),
                ('bom_date', models.DateField(verbose_name='as of')),
                ('item', models.ForeignKey(help_text='What consists of these parts: an item of the kind bill of materials.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='masterdata.item', verbose_name='item')),
            ],
            options={
                'verbose_name': 'template BOM',
                'verbose_name_plural': 'template BOMs',
                'ordering': ['number'],
            },
        ),
        migrations.AddField(
            model_name='servicebom',
            name='template',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='service_boms', to='agreements.templatebom', verbose_name='template BOM'),
        ),
        migrations.AddField(
            model_name='serviceobject',
            name='template_bom',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='agreements.templatebom', verbose_name='usual template BOM'),
        ),
        migrations.CreateModel(
            name='TemplateBomLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('position', models.PositiveIntegerField(default=0, verbose_name='position')),
                ('quantity', models.DecimalField(decimal_places=6, max_digits=19, verbose_name='quantity')),
                ('lot_number', models.CharField(blank=True, max_length=60, verbose_name='batch or serial number')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='masterdata.item', verbose_name='item')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='agreements.templatebomline', verbose_name='part of')),
                ('template', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='agreements.templatebom')),
                ('unit', models.ForeignKey(blank=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='masterdata.unit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'BOM line',
                'verbose_name_plural': 'BOM lines',
                'ordering': ['position', 'pk'],
                'abstract': False,
            },
        ),
        migrations.AddIndex(
            model_name='servicebomline',
            index=models.Index(condition=models.Q(('quantity__gt', 0)), fields=['bom'], name='servicebomline_present'),
        ),
        migrations.AddConstraint(
            model_name='servicebomline',
            constraint=models.CheckConstraint(condition=models.Q(('first_quantity__gt', 0), ('quantity__gte', 0)), name='servicebomline_quantity_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='servicebomline',
            constraint=models.CheckConstraint(condition=models.Q(('parent', models.F('pk')), _negated=True), name='servicebomline_not_its_own_parent'),
        ),
        migrations.AddConstraint(
            model_name='bomchange',
            constraint=models.CheckConstraint(condition=models.Q(('action__in', ['INSERTED', 'DELETED', 'REPLACED', 'QTY_CHANGED', 'QTY_REPLACED'])), name='bomchange_action_known'),
        ),
        migrations.AddConstraint(
            model_name='bomchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('action', 'INSERTED'), ('active_line__isnull', False), ('replaced_line', None)), models.Q(('action', 'DELETED'), ('active_line', None), ('quantity_left', 0), ('replaced_line__isnull', False)), models.Q(('action', 'QTY_CHANGED'), ('active_line', models.F('replaced_line')), ('quantity_left', models.F('quantity'))), models.Q(('action', 'REPLACED'), ('active_line__isnull', False), ('replaced_line__isnull', False), ('quantity', models.F('quantity_before')), ('quantity_left', 0), models.Q(('active_line', models.F('replaced_line')), _negated=True)), models.Q(('action', 'QTY_REPLACED'), ('active_line__isnull', False), ('replaced_line__isnull', False), ('quantity_left', django.db.models.expressions.CombinedExpression(models.F('quantity_before'), '-', models.F('quantity'))), ('quantity_left__gt', 0), models.Q(('active_line', models.F('replaced_line')), _negated=True)), _connector='OR'), name='bomchange_names_its_lines'),
        ),
        migrations.AddConstraint(
            model_name='bomchange',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0), ('quantity_before__gte', 0), ('quantity_left__gte', 0)), name='bomchange_quantities_sound'),
        ),
        migrations.AddConstraint(
            model_name='templatebom',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['MANUAL', 'TEMPLATE', 'ITEM', 'SERVICE'])), name='templatebom_source_known'),
        ),
        migrations.AddConstraint(
            model_name='templatebom',
            constraint=models.CheckConstraint(condition=models.Q(('to_date__isnull', True), ('to_date__gte', models.F('from_date')), _connector='OR'), name='templatebom_ends_after_start'),
        ),
        migrations.AddConstraint(
            model_name='templatebomline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='templatebomline_has_quantity'),
        ),
        migrations.AddConstraint(
            model_name='templatebomline',
            constraint=models.CheckConstraint(condition=models.Q(('parent', models.F('pk')), _negated=True), name='templatebomline_not_its_own_parent'),
        ),
    ]
