
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0005_boms'),
        ('orders', '0003_terminated_workers'),
    ]

    operations = [
        migrations.AddField(
            model_name='orderobject',
            name='service_bom',
            field=models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='agreements.servicebom', verbose_name='service BOM'),
        ),
        migrations.CreateModel(
            name='BomChangeOnOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('change', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='on_order', to='agreements.bomchange')),
                ('line', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bom_change', to='orders.serviceorderline', verbose_name='service order line')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bom_changes', to='orders.serviceorder', verbose_name='service order')),
            ],
            options={
                'verbose_name': 'BOM change on an order',
                'verbose_name_plural': 'BOM changes on orders',
                'ordering': ['-pk'],
            },
        ),
    ]
