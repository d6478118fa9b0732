"""The composition root: settings, URLs, Celery, the launcher. It may import every app; no app imports it."""
