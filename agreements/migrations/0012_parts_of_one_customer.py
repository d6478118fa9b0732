"""An object and what it is a part of belong to one customer; what changes hands takes its parts along."""

from django.db import migrations

#: NOT VALID: components entered before this rule stay readable, and meet it when they are changed.
ONE_CUSTOMER = """
ALTER TABLE agreements_serviceobject ADD CONSTRAINT serviceobject_with_its_customer UNIQUE (id, customer_id);
ALTER TABLE agreements_serviceobject ADD CONSTRAINT serviceobject_part_of_one_customer
FOREIGN KEY (parent_id, customer_id) REFERENCES agreements_serviceobject (id, customer_id)
ON UPDATE CASCADE NOT VALID;
"""
ANY_CUSTOMER = """
ALTER TABLE agreements_serviceobject DROP CONSTRAINT serviceobject_part_of_one_customer;
ALTER TABLE agreements_serviceobject DROP CONSTRAINT serviceobject_with_its_customer;
"""


class Migration(migrations.Migration):
    dependencies = [("agreements", "0011_bounds")]

    operations = [migrations.RunSQL(ONE_CUSTOMER, ANY_CUSTOMER)]
