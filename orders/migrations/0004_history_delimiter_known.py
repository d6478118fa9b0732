from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_signoff_printed")]

    operations = [
        migrations.AlterField(
            model_name="historymapping",
            name="delimiter",
            field=models.CharField(
                choices=[(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "vertical bar")],
                default=",",
                max_length=1,
                verbose_name="delimiter",
            ),
        ),
        migrations.AddConstraint(
            model_name="historymapping",
            constraint=models.CheckConstraint(
                condition=models.Q(("delimiter__in", [",", ";", "\t", "|"])),
                name="historymapping_delimiter_is_known",
            ),
        ),
    ]
