from django.apps import AppConfig


class ServicemgmtConfig(AppConfig):
    """The project itself: its management commands, and the Celery app that every process must know."""

    name = "servicemgmt"
    verbose_name = "Service management"

    def ready(self) -> None:
        from servicemgmt import celery  # noqa: F401  (sets the current Celery app)
