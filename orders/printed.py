"""What a work receipt prints of everything around its lines, as plain values that a sign-off can freeze."""

from typing import Any

from servicemgmt.masterdata.printed import addressee, letterhead
from servicemgmt.masterdata.queries import company

from .models import ServiceOrder


def printed(order: ServiceOrder) -> dict[str, Any]:
    """Names, addresses, crew, language and currency as they stand now. The day is ISO."""
    firm = company()
    crew = order.assignments.order_by("-is_lead", "worker__name").values_list("worker__name", flat=True)
    currency = order.project.currency if order.project else firm.currency
    return {
        "company": letterhead(firm),
        "customer": addressee(order.customer),
        "site": {"name": order.site.name, "address": order.site.address, "zone": order.site.time_zone},
        "description": order.description,
        "service_on": order.service_on.isoformat(),
        "agreement": order.agreement.number if order.agreement else "",
        "crew": list(crew),
        "currency": {"code": currency.code, "digits": currency.digits},
        "language": order.customer.language,
    }
