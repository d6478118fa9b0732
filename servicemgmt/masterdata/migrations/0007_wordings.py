import django.db.models.functions.datetime
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('masterdata', '0006_numbers_checked'),
    ]

    operations = [
        migrations.CreateModel(
            name='Wording',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('language', models.CharField(help_text='Its code, such as “de” for German.', max_length=10, verbose_name='language')),
                ('text', models.TextField(max_length=2000, verbose_name='text in the setup')),
                ('wording', models.TextField(max_length=2000, verbose_name='on documents')),
            ],
            options={
                'verbose_name': 'wording',
                'verbose_name_plural': 'wordings',
                'ordering': ['language', 'text'],
                'constraints': [models.UniqueConstraint(models.F('language'), django.db.models.functions.text.MD5('text'), name='wording_once_per_text')],
            },
        ),
    ]
