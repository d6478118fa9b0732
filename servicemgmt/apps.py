from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class ServicemgmtConfig(AppConfig):
    """The project itself: its management commands, and the Celery app that every process must know."""

    name = "servicemgmt"
    verbose_name = "Service management"

    def ready(self) -> None:
        from servicemgmt import celery  # noqa: F401  (sets the current Celery app)
        from servicemgmt.core.roles import sync_roles

        # An app that comes after all of ours: by then every permission exists, after a flush too.
        post_migrate.connect(sync_roles, sender=apps.get_app_config("sessions"))
