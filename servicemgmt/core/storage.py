from django.contrib.staticfiles.storage import ManifestStaticFilesStorage


class StaticStorage(ManifestStaticFilesStorage):
    """Hashed names, also inside ES modules, so that a file may be cached for ever."""

    support_js_module_import_aggregation = True
