import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import servicemgmt.core.models.attachment
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        UnaccentExtension(),
        migrations.CreateModel(
            name='NumberSequence',
            fields=[
                ('code', models.CharField(max_length=30, primary_key=True, serialize=False, verbose_name='code')),
                ('description', models.CharField(max_length=120, verbose_name='description')),
                ('prefix', models.CharField(blank=True, max_length=12, verbose_name='prefix')),
                ('digits', models.PositiveSmallIntegerField(default=6, verbose_name='digits')),
                ('is_gapless', models.BooleanField(default=False, verbose_name='without gaps, per year')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                'verbose_name': 'number sequence',
                'verbose_name_plural': 'number sequences',
                'ordering': ['code'],
                'constraints': [models.CheckConstraint(condition=models.Q(('code__regex', '^[a-z][a-z0-9_]*$')), name='numbersequence_code_is_plain'), models.CheckConstraint(condition=models.Q(('digits__gte', 3), ('digits__lte', 12)), name='numbersequence_digits_sensible')],
            },
        ),
        migrations.CreateModel(
            name='NumberCounter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField()),
                ('next', models.BigIntegerField(default=1)),
                ('sequence', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='counters', to='core.numbersequence')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('sequence', 'year'), name='numbercounter_once_per_year')],
            },
        ),
        migrations.CreateModel(
            name='RolePolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('requires_mfa', models.BooleanField(default=False, verbose_name='second factor required')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('role', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='policy', to='auth.group', verbose_name='role')),
            ],
            options={
                'verbose_name': 'role policy',
                'verbose_name_plural': 'role policies',
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='e-mail address')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('is_active', models.BooleanField(default=True, verbose_name='may sign in')),
                ('theme', models.CharField(choices=[('system', 'As the device'), ('light', 'Light'), ('dark', 'Dark')], default='system', max_length=10, verbose_name='theme')),
                ('language', models.CharField(default='en', max_length=10, verbose_name='language')),
                ('time_zone', models.CharField(blank=True, max_length=60, verbose_name='time zone')),
                ('board_tray', models.CharField(choices=[('hidden', 'Hidden'), ('normal', 'Normal'), ('wide', 'Wide')], default='normal', max_length=10, verbose_name='board: work to plan')),
                ('board_rows', models.CharField(choices=[('low', 'Low'), ('normal', 'Normal'), ('high', 'High')], default='normal', max_length=10, verbose_name='board: height of rows')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_once'), models.CheckConstraint(condition=models.Q(('theme__in', ['system', 'light', 'dark'])), name='user_theme_known'), models.CheckConstraint(condition=models.Q(('board_tray__in', ['hidden', 'normal', 'wide'])), name='user_board_tray_known'), models.CheckConstraint(condition=models.Q(('board_rows__in', ['low', 'normal', 'high'])), name='user_board_rows_known')],
            },
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(max_length=60)),
                ('kind', models.CharField(max_length=30)),
                ('name', models.CharField(max_length=200, verbose_name='file')),
                ('content_type', models.CharField(max_length=100)),
                ('size', models.PositiveBigIntegerField(verbose_name='size')),
                ('sha256', models.CharField(max_length=64)),
                ('file', models.FileField(max_length=200, upload_to=servicemgmt.core.models.attachment.path)),
                ('added_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='added')),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'attachment',
                'verbose_name_plural': 'attachments',
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['subject', 'kind'], name='attachment_by_subject')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind', 'document')), fields=('subject', 'name'), name='attachment_document_once')],
            },
        ),
        migrations.CreateModel(
            name='ClientWrite',
            fields=[
                ('key', models.UUIDField(primary_key=True, serialize=False)),
                ('action', models.CharField(max_length=60)),
                ('subject', models.CharField(max_length=60)),
                ('device_at', models.DateTimeField()),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['user', '-received_at'], name='clientwrite_by_user')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('token_digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('invited_at', models.DateTimeField(verbose_name='invited')),
                ('expires_at', models.DateTimeField(verbose_name='expires')),
                ('accepted_at', models.DateTimeField(null=True, verbose_name='accepted')),
                ('withdrawn_at', models.DateTimeField(null=True, verbose_name='withdrawn')),
                ('accepted_by', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invitation', to=settings.AUTH_USER_MODEL)),
                ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations_sent', to=settings.AUTH_USER_MODEL)),
                ('roles', models.ManyToManyField(to='auth.group', verbose_name='roles')),
            ],
            options={
                'verbose_name': 'invitation',
                'verbose_name_plural': 'invitations',
                'ordering': ['-invited_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('accepted_at__isnull', True), ('accepted_by__isnull', True)), models.Q(('accepted_at__isnull', False), ('accepted_by__isnull', False)), _connector='OR'), name='invitation_accepted_by_someone'), models.UniqueConstraint(django.db.models.functions.text.Lower('email'), condition=models.Q(('accepted_at__isnull', True), ('withdrawn_at__isnull', True)), name='invitation_one_open_per_address')],
            },
        ),
        migrations.CreateModel(
            name='Outbox',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recipient', models.EmailField(max_length=254, verbose_name='recipient')),
                ('title', models.CharField(max_length=200, verbose_name='subject')),
                ('text', models.TextField(verbose_name='text')),
                ('subject', models.CharField(max_length=60)),
                ('subject_label', models.CharField(max_length=60, verbose_name='document')),
                ('attachment', models.CharField(blank=True, max_length=200, verbose_name='attachment')),
                ('message_id', models.CharField(max_length=200, unique=True, verbose_name='Message-ID')),
                ('status', models.CharField(choices=[('WAITING', 'Waiting'), ('SENT', 'Sent'), ('FAILED', 'Given up')], default='WAITING', max_length=8, verbose_name='status')),
                ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='tries')),
                ('next_try_at', models.DateTimeField(null=True, verbose_name='next try')),
                ('error', models.CharField(blank=True, max_length=500, verbose_name='error')),
                ('sent_at', models.DateTimeField(null=True, verbose_name='sent')),
                ('queued_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='written')),
                ('queued_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'mail',
                'verbose_name_plural': 'mails',
                'ordering': ['-pk'],
                'indexes': [models.Index(condition=models.Q(('status', 'WAITING')), fields=['next_try_at', 'id'], name='outbox_due'), models.Index(fields=['subject'], name='outbox_by_subject')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['WAITING', 'SENT', 'FAILED'])), name='outbox_status_known'), models.CheckConstraint(condition=models.Q(models.Q(('next_try_at__isnull', False), ('status', 'WAITING')), models.Q(models.Q(('status', 'WAITING'), _negated=True), ('next_try_at__isnull', True)), _connector='OR'), name='outbox_waiting_has_a_next_try'), models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('status', 'SENT')), models.Q(('status', 'SENT'), _negated=True), _connector='OR'), name='outbox_sent_at_a_moment')],
            },
        ),
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40, verbose_name='kind')),
                ('parameters', models.JSONField(default=dict, verbose_name='parameters')),
                ('status', models.CharField(choices=[('QUEUED', 'Waiting'), ('RUNNING', 'Running'), ('DONE', 'Done'), ('FAILED', 'Failed'), ('CANCELLED', 'Cancelled')], default='QUEUED', max_length=10, verbose_name='status')),
                ('queued_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='queued')),
                ('started_at', models.DateTimeField(null=True, verbose_name='started')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished')),
                ('is_planned', models.BooleanField(default=False)),
                ('error', models.TextField(blank=True, verbose_name='error')),
                ('retry_of', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='retries', to='core.run')),
                ('started_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to=settings.AUTH_USER_MODEL, verbose_name='started by')),
            ],
            options={
                'verbose_name': 'run',
                'verbose_name_plural': 'runs',
                'ordering': ['-pk'],
                'indexes': [models.Index(condition=models.Q(('status__in', ['QUEUED', 'RUNNING'])), fields=['id'], name='run_unfinished')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['QUEUED', 'RUNNING', 'DONE', 'FAILED', 'CANCELLED'])), name='run_status_known')],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='when')),
                ('actor_name', models.CharField(max_length=120, verbose_name='who')),
                ('subject', models.CharField(max_length=60, verbose_name='subject')),
                ('subject_label', models.CharField(blank=True, max_length=160, verbose_name='of')),
                ('action', models.CharField(max_length=60, verbose_name='what')),
                ('changes', models.JSONField(default=dict, verbose_name='changes')),
                ('request_id', models.CharField(blank=True, max_length=40)),
                ('actor', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
                ('run', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, to='core.run')),
            ],
            options={
                'verbose_name': 'event',
                'verbose_name_plural': 'audit trail',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['subject', '-id'], name='event_by_subject'), models.Index(fields=['-at', '-id'], name='event_by_time')],
            },
        ),
        migrations.CreateModel(
            name='RunChunk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lo', models.BigIntegerField(null=True)),
                ('hi', models.BigIntegerField(null=True)),
                ('items', models.JSONField(null=True)),
                ('size', models.PositiveIntegerField()),
                ('done_at', models.DateTimeField(null=True)),
                ('counts', models.JSONField(default=dict)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='chunks', to='core.run')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('done_at__isnull', True)), fields=['run', 'id'], name='runchunk_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('hi__isnull', False), ('items__isnull', True), ('lo__isnull', False)), models.Q(('hi__isnull', True), ('items__isnull', False), ('lo__isnull', True)), _connector='OR'), name='runchunk_range_or_items')],
            },
        ),
        migrations.CreateModel(
            name='RunMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.CharField(choices=[('INFO', 'Information'), ('WARNING', 'Warning'), ('ERROR', 'Refused')], max_length=10, verbose_name='level')),
                ('text', models.TextField(verbose_name='message')),
                ('subject', models.CharField(blank=True, max_length=60, verbose_name='subject')),
                ('data', models.JSONField(default=dict)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='core.run')),
            ],
            options={
                'verbose_name': 'run message',
                'verbose_name_plural': 'run messages',
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['run', 'level', 'id'], name='runmessage_by_run')],
                'constraints': [models.CheckConstraint(condition=models.Q(('level__in', ['INFO', 'WARNING', 'ERROR'])), name='runmessage_level_known')],
            },
        ),
    ]
