"""SG-02: the parent of a saved stage cannot be changed; whoever wants another tree makes another stage."""

from django.db import migrations

TRIGGER = """
CREATE TRIGGER servicestage_parent_stays BEFORE UPDATE ON orders_servicestage FOR EACH ROW
    WHEN (OLD.parent_id IS DISTINCT FROM NEW.parent_id) EXECUTE FUNCTION core_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_history"), ("core", "0002_guards")]

    operations = [
        migrations.RunSQL(TRIGGER, "DROP TRIGGER servicestage_parent_stays ON orders_servicestage;"),
    ]
