from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProjectsConfig(AppConfig):
    name = "servicemgmt.projects"
    label = "projects"
    verbose_name = _("Projects")

    def ready(self) -> None:
        from . import runs, setup  # noqa: F401  (mass jobs, masters)
        from .accruals import lists as accruals  # noqa: F401  (what the trail knows)
        from .accruals import runs as accrual_runs  # noqa: F401
        from .requirements import lists  # noqa: F401
