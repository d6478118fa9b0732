from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "servicemgmt.core"
    label = "core"
    verbose_name = _("Core")

    def ready(self) -> None:
        from . import lookups  # noqa: F401  (registers them)
        from .accounts import trail, vocabulary  # noqa: F401  (connect signing in with the audit trail)
        from .setup import own  # noqa: F401  (the masters of core itself)
