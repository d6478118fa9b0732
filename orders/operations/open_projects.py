"""Projects stay open while orders have lines to post on them."""

from django.utils.translation import gettext as _

from orders.models import LineStatus, Phase, ServiceOrder
from servicemgmt.projects.closing import NAMED, named, register
from servicemgmt.projects.models import Project


def unposted_orders(project: Project) -> str:
    """The sentence that names orders with lines that are neither posted nor cancelled; '' where there are none."""
    orders = ServiceOrder.objects.filter(project=project, lines__status=LineStatus.CREATED)
    orders = orders.exclude(stage__phase=Phase.CANCELLED).distinct().order_by("number")
    numbers = named(orders.values_list("number", flat=True)[: NAMED + 1])
    sentence = _("Lines of service orders are not posted yet: %(numbers)s. Post or cancel them first.")
    return sentence % {"numbers": numbers} if numbers else ""


register(unposted_orders)
