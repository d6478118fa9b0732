from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_history_delimiter_known")]

    operations = [
        migrations.AddIndex(
            model_name="serviceorder",
            index=models.Index(
                condition=models.Q(("progress", "IN_PROCESS")),
                fields=["service_on", "id"],
                name="serviceorder_in_process",
            ),
        ),
    ]
