"""Reminders are frozen; an installation that numbers payments numbers reminders too."""

from django.db import migrations

from servicemgmt.core.guards import frozen

SEQUENCE = """
INSERT INTO core_numbersequence (code, description, prefix, digits, is_gapless, version)
SELECT 'reminder', 'Reminders', 'RM-', 5, false, 1 WHERE EXISTS (SELECT FROM core_numbersequence WHERE code = 'payment')
ON CONFLICT DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [("projects", "0010_reminders"), ("core", "0002_guards")]

    operations = [
        frozen("reminder_frozen", "projects_reminder"),
        frozen("reminderline_frozen", "projects_reminderline"),
        migrations.RunSQL(SEQUENCE, migrations.RunSQL.noop),
    ]
