from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AgreementsConfig(AppConfig):
    name = "agreements"
    label = "agreements"
    verbose_name = _("Service agreements")

    def ready(self) -> None:
        from . import (
            on_projects,  # noqa: F401  (asked before a project gets another type)
            setup,  # noqa: F401  (declares the masters)
        )
        from .adjusting import billed  # noqa: F401  (tells of its batches where something is credited)
        from .adjusting import lists as adjusting_lists  # noqa: F401  (declares its subject)
        from .adjusting import run as adjusting_run  # noqa: F401  (registers its run)
        from .boms import lists  # noqa: F401  (what the trail knows)
        from .renewal import run  # noqa: F401  (registers its run)
