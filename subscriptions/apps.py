from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SubscriptionsConfig(AppConfig):
    name = "subscriptions"
    label = "subscriptions"
    verbose_name = _("Subscriptions")

    def ready(self) -> None:
        from . import (  # register the run, the masters, what to tell and what to ask
            billed,  # noqa: F401
            on_projects,  # noqa: F401
            operations,  # noqa: F401
            setup,  # noqa: F401
        )
