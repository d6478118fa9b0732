"""Only what may be lent is lent; a loan stays what it was, and its object lendable while it is out."""

from django.db import migrations

from orders.loans.guards import LENDING, LENT, NO_LENDING, NOT_LENT
from servicemgmt.core.guards import frozen, frozen_while


class Migration(migrations.Migration):
    dependencies = [("orders", "0017_loans"), ("agreements", "0019_loaners")]

    operations = [
        migrations.RunSQL(LENDING, NO_LENDING),
        migrations.RunSQL(LENT, NOT_LENT),
        frozen(
            "loan_stays",
            "orders_loan",
            columns=[
                "service_object_id",
                "customer_id",
                "site_id",
                "stands_in_for_id",
                "lent_on",
                "condition_lent",
                "lent_by_id",
            ],
        ),
        frozen_while(
            "loan_returned_stays",
            "orders_loan",
            "OLD.returned_on IS NOT NULL",
            columns=["due_on", "returned_on", "condition_returned", "taken_back_by_id"],
            delete=False,
        ),
    ]
