"""What a currency is called and how many decimals it has never changes: posted amounts are read by both."""

from django.db import migrations

from servicemgmt.core.guards import frozen_while


class Migration(migrations.Migration):
    dependencies = [("masterdata", "0004_special_days_do_not_overlap"), ("core", "0002_guards")]

    operations = [
        frozen_while(
            "currency_code_and_digits_stay",
            "masterdata_currency",
            "OLD.code <> NEW.code OR OLD.digits <> NEW.digits",
            columns=["code", "digits"],
            delete=False,
        )
    ]
