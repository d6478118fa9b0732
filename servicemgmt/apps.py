from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class ServicemgmtConfig(AppConfig):
    """The project itself: its management commands, and the Celery app that every process must know."""

    name = "servicemgmt"
    verbose_name = "Service management"

    def ready(self) -> None:
        from servicemgmt import celery  # noqa: F401  (sets the current Celery app)
        from servicemgmt.core.roles import sync_roles

        # The last of our apps with tables: by then every permission exists.
        post_migrate.connect(sync_roles, sender=apps.get_app_config("dispatch"))
