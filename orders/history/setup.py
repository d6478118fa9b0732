from django.utils.translation import gettext_lazy as _

from servicemgmt.core.setup import Setup, register

from ..models import HistoryMapping

register(
    Setup(
        HistoryMapping,
        section=_("Service orders"),
        fields=["code", "description", "date_column", "date_format", "asset_column", "text_column", "type_column",
                "cost_column", "delimiter", "currency", "customer", "site", "project", "category", "line_property",
                "object_group"],
        columns=["code", "description", "customer", "project", "currency"],
        help=_("How a file of maintenance history is read, and what every row of it gets besides."),
    )
)  # fmt: skip
