from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    label = "orders"
    verbose_name = _("Service orders")

    def ready(self) -> None:
        from . import (
            generation,  # noqa: F401  (registers its run)
            setup,  # noqa: F401  (declares the masters)
        )
        from .history import run  # noqa: F401
        from .history import setup as history_setup  # noqa: F401
        from .loans import setup as loans_setup  # noqa: F401
        from .operations import (
            open_projects,  # noqa: F401  (keeps projects open)
            requirement_line,  # noqa: F401  (goes with item requirements)
        )
        from .posting import run as posting_run  # noqa: F401
