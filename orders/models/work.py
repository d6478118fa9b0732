from django.db import models


class OrderWork(models.Model):
    """What an order cost and brought, line by line: a view, nothing writes it.

    Beside the order's lines it has what was posted for the order without one: item requirements that were consumed
    (SO-18), and posted goods of which a part came back. A line that goes with a requirement stands there with what is
    still to be used. Columns that a migration changes it has to drop and make anew.
    """

    order = models.ForeignKey("orders.ServiceOrder", models.DO_NOTHING, related_name="+")
    kind = models.CharField(max_length=10)
    status = models.CharField(max_length=10)
    description = models.CharField(max_length=250)
    transaction = models.ForeignKey("projects.Transaction", models.DO_NOTHING, null=True, related_name="+")
    line_property = models.ForeignKey("projects.LineProperty", models.DO_NOTHING, null=True, related_name="+")
    quantity = models.DecimalField(max_digits=19, decimal_places=6)
    cost_price = models.DecimalField(max_digits=19, decimal_places=6, null=True)
    sales_price = models.DecimalField(max_digits=19, decimal_places=6, null=True)
    object_relation = models.ForeignKey("orders.OrderObject", models.DO_NOTHING, null=True, related_name="+")

    class Meta:
        managed = False
        db_table = "orders_orderwork"
        default_permissions = ()

    def __str__(self) -> str:
        return self.description
