from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("reporting", "0003_frozen_never_emptied"), ("orders", "0013_order_work")]

    operations = [migrations.DeleteModel("OrderWork")]
