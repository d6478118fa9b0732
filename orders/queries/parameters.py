"""The company's choices for service management."""

from orders.models import ServiceParameters


def parameters() -> ServiceParameters:
    """The one row; its defaults, unsaved, before anybody set it up."""
    return (
        ServiceParameters.objects.select_related(
            "calendar", "activity_type", "sla", "warranty_line_property"
        ).first()
        or ServiceParameters()
    )
